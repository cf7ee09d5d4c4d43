"""The account's screens: money comes and goes while one looks, and others are kept out."""

import re
import time
from itertools import count
from typing import Final

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.visitors import Visit, held
from tests.end_to_end.demos import DemoProcess
from tests.end_to_end.processes import post

PASSWORD: Final = "a long password of mine"
ALICE: Final = ("alice@example.com", "alice-demo")
LTC_ADDRESS: Final = "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ"
BOB: Final = ("bob@example.com", "bob-demo")
TOTP_STEP_S: Final = 30

_numbers = count(1)


@pytest.fixture
def newcomer(visit: Open, demo: DemoProcess) -> Visit:
    """Somebody without money, logged in."""
    email = f"newcomer-{next(_numbers)}@example.com"
    post(demo, "register", {"email": email, "pwdhash": PASSWORD})
    visitor = visit("/login")
    visitor.log_in(email, PASSWORD)
    return visitor


def test_a_deposit_is_seen_confirmed_and_credited_without_a_reload(newcomer: Visit) -> None:
    newcomer.go("/account/deposit/LTC")
    page = newcomer.page
    page.evaluate("window.sameDocument = true")
    page.get_by_role("button", name="Create an address").click()
    address = page.get_by_test_id("address").inner_text()
    assert address.startswith("simLTC")
    expect(page.get_by_role("img", name="QR code of the deposit address")).to_be_visible()
    status = page.get_by_test_id("deposits").locator("[data-status]").first
    expect(status).to_have_attribute("data-status", "Succeeded")
    page.get_by_role("link", name="Overview").click()
    row = page.get_by_test_id("balances").locator(
        "tr", has=page.get_by_role("rowheader", name="LTC")
    )
    expect(row.locator("td").first).not_to_have_text("0")
    expect(page.get_by_test_id("total-cny")).not_to_have_text("0.00 CNY")
    assert page.evaluate("window.sameDocument")


def test_where_users_share_an_address_the_memo_is_asked_for_loudly(newcomer: Visit) -> None:
    newcomer.go("/account/deposit/XRP")
    newcomer.page.get_by_role("button", name="Create an address").click()
    expect(newcomer.page.get_by_test_id("memo")).to_be_visible()
    expect(newcomer.page.get_by_text("Say this memo with every payment!")).to_be_visible()


def fill_withdrawal(page: Page, address: str, amount: str) -> None:
    page.locator("input[name=address]").fill(address)
    page.get_by_label("Amount", exact=True).fill(amount)


def test_what_arrives_is_shown_before_money_is_sent_and_then_it_arrives(visit: Open) -> None:
    visitor = visit("/login")
    visitor.log_in(*BOB)
    visitor.go("/account/withdraw/LTC")
    page = visitor.page
    fill_withdrawal(page, LTC_ADDRESS, "2")
    expect(page.get_by_test_id("fee")).to_have_text("0.0005 LTC")
    expect(page.get_by_test_id("arrives")).to_have_text("1.9995 LTC")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_test_id("summary")).to_contain_text(LTC_ADDRESS)
    page.get_by_role("button", name="Withdraw", exact=True).click()
    status = page.get_by_test_id("withdrawals").locator("[data-status]").first
    expect(status).to_have_attribute("data-status", "Succeeded")


def test_a_pending_withdrawal_is_canceled_and_too_much_is_refused_in_words(visit: Open) -> None:
    visitor = visit("/login")
    visitor.log_in(*BOB)
    visitor.go("/account/withdraw/CNY")
    page = visitor.page
    fill_withdrawal(page, "6222 0000 1111 2222", "1")
    expect(page.get_by_text("The minimum is 2.01 CNY.")).to_be_visible()
    fill_withdrawal(page, "6222 0000 1111 2222", "99999999")
    expect(page.get_by_text("That is more than is available.")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_be_disabled()
    fill_withdrawal(page, "6222 0000 1111 2222", "100")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Withdraw", exact=True).click()
    row = page.get_by_test_id("withdrawals").locator("tbody tr").first
    expect(row.locator("[data-status]")).to_have_attribute("data-status", "Pending")
    row.get_by_role("button", name="Cancel").click()
    expect(row.locator("[data-status]")).to_have_attribute("data-status", "Cancelled")


def test_an_address_that_comes_late_stands_with_its_own_currency(newcomer: Visit) -> None:
    newcomer.go("/account/deposit/LTC")
    page = newcomer.page
    with held(page, "user/create_deposit_addr/ltc") as let_go:
        with page.expect_request("**/create_deposit_addr/ltc"):
            page.get_by_role("button", name="Create an address").click()
        page.get_by_label("Currency").select_option("DOGE")
        expect(page.get_by_text("Send only DOGE")).to_be_visible()
        let_go()
    expect(page.get_by_test_id("create")).to_be_visible()
    page.get_by_label("Currency").select_option("LTC")
    expect(page.get_by_test_id("address")).to_contain_text("simLTC")


def test_nothing_of_a_withdrawal_is_taken_along_to_another_currency(visit: Open) -> None:
    visitor = visit("/login")
    visitor.log_in(*BOB)
    visitor.go("/account/withdraw/BTC")
    page = visitor.page
    page.get_by_label("Currency").select_option("LTC")
    fill_withdrawal(page, LTC_ADDRESS, "1")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_test_id("summary")).to_contain_text(LTC_ADDRESS)
    page.go_back()
    expect(page.get_by_label("Currency")).to_have_value("BTC")
    expect(page.locator("input[name=address]")).to_have_value("")
    expect(page.get_by_role("button", name="Continue")).to_be_disabled()


def test_a_withdrawal_that_is_answered_late_is_told_as_what_it_was(visit: Open) -> None:
    visitor = visit("/login")
    visitor.log_in(*BOB)
    visitor.go("/account/withdraw/LTC")
    page = visitor.page
    fill_withdrawal(page, LTC_ADDRESS, "3.")
    page.get_by_role("button", name="Continue").click()
    with held(page, "user/submit_withdrawal") as let_go:
        with page.expect_request("**/submit_withdrawal"):
            page.get_by_role("button", name="Withdraw", exact=True).click()
        page.get_by_label("Currency").select_option("BTC")
        fill_withdrawal(page, "another address", "0.5")
        let_go()
    expect(page.locator(".toast", has_text="Withdrawal requested")).to_contain_text("3 LTC")
    expect(page.get_by_label("Amount", exact=True)).to_have_value("0.5")


def test_a_log_out_in_another_tab_is_seen_here(newcomer: Visit) -> None:
    newcomer.go("/trade/BTC-CNY")
    page = newcomer.page
    expect(page.get_by_test_id("available")).to_have_text("0 CNY")
    other = page.context.new_page()
    other.goto(f"{newcomer.address}/markets")
    other.get_by_role("button", name="Log out").click()
    expect(page.locator(".who")).to_have_count(0)
    expect(page.get_by_test_id("available")).not_to_have_text("0 CNY")


def test_an_address_is_kept_in_the_book_and_fills_the_form(newcomer: Visit) -> None:
    newcomer.go("/account/withdraw/LTC")
    page = newcomer.page
    page.locator("input[name=book-label]").fill("My wallet")
    page.locator("input[name=book-address]").fill(LTC_ADDRESS)
    page.get_by_role("button", name="Add to the book").click()
    page.get_by_label("From your address book").select_option(label="My wallet")
    expect(page.locator("input[name=address]")).to_have_value(LTC_ADDRESS)
    page.get_by_role("button", name="Delete My wallet").click()
    expect(page.get_by_text("No address of this currency yet.")).to_be_visible()


def test_one_time_codes_are_turned_on_and_then_a_log_in_needs_one(newcomer: Visit) -> None:
    newcomer.go("/account/security")
    page = newcomer.page
    email = page.locator(".who").inner_text()
    page.get_by_role("button", name="Turn on").click()
    codes = pyotp.TOTP(page.get_by_test_id("secret").inner_text())
    page.locator("input[name=code]").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("A one-time code is needed, or this one is wrong.")).to_be_visible()
    page.locator("input[name=code]").fill(codes.now())
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_test_id("totp")).to_have_text("On")
    page.get_by_role("button", name="Log out").click()
    expect(page.locator(".who")).to_have_count(0)

    newcomer.go("/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.locator("form button").click()
    page.fill("input[name=code]", codes.at(int(time.time()) + TOTP_STEP_S))  # each is good once
    page.locator("form button").click()
    page.wait_for_url("**/trade/*")
    expect(page.locator(".who")).to_have_text(email)


def test_a_withdrawal_of_who_has_codes_needs_one(newcomer: Visit, demo: DemoProcess) -> None:
    page = newcomer.page
    email = page.locator(".who").inner_text()
    terms = {"user": email, "currency": "LTC", "amount": "5", "reason": "to be withdrawn"}
    demo.admin("credit", *(text for name in terms for text in (f"--{name}", terms[name])))
    newcomer.go("/account/security")
    page.get_by_role("button", name="Turn on").click()
    codes = pyotp.TOTP(page.get_by_test_id("secret").inner_text())
    page.locator("input[name=code]").fill(codes.now())
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_test_id("totp")).to_have_text("On")

    newcomer.go("/account/withdraw/LTC")
    fill_withdrawal(page, LTC_ADDRESS, "2")
    page.get_by_role("button", name="Continue").click()
    page.locator("input[name=code]").fill("000000")
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_text("A one-time code is needed, or this one is wrong.")).to_be_visible()
    page.locator("input[name=code]").fill(codes.at(int(time.time()) + TOTP_STEP_S))
    page.get_by_role("button", name="Withdraw", exact=True).click()
    status = page.get_by_test_id("withdrawals").locator("[data-status]").first
    expect(status).to_have_attribute("data-status", "Succeeded")


def test_a_changed_password_ends_all_other_sessions(newcomer: Visit, visit: Open) -> None:
    page, new = newcomer.page, "another long password"
    email = page.locator(".who").inner_text()
    elsewhere = visit("/login", errors_expected=True)
    elsewhere.log_in(email, PASSWORD)
    newcomer.go("/account/security")
    form = page.get_by_test_id("password")

    def change(old: str, again: str) -> None:
        form.get_by_label("Password until now").fill(old)
        form.get_by_label("New password").fill(new)
        form.get_by_label("Password, once more").fill(again)
        form.get_by_role("button").click()

    change(PASSWORD, new + "x")
    expect(form.get_by_role("alert")).to_have_text("The two passwords differ.")
    change("a wrong one", new)
    expect(form.get_by_role("alert")).to_have_text("That is not your password.")
    expect(page.get_by_test_id("sessions").locator("tbody tr")).to_have_count(2)
    change(PASSWORD, new)
    expect(page.locator(".toast", has_text="The password is changed")).to_be_visible()
    expect(page.get_by_test_id("sessions").locator("tbody tr")).to_have_count(1)
    elsewhere.go("/account")
    expect(elsewhere.page.get_by_text("Log in to see what is yours.")).to_be_visible()
    elsewhere.log_in(email, new)


def test_who_logs_in_is_led_back_to_where_he_wanted_to_go(visit: Open) -> None:
    visitor = visit("/account/withdraw/LTC")
    page = visitor.page
    page.get_by_role("main").get_by_role("link", name="Log in").click()
    page.get_by_role("main").get_by_role("link", name="Create an account").click()
    page.get_by_role("main").get_by_role("link", name="Log in").click()
    visitor.fill_in(*ALICE)
    page.wait_for_url("**/account/withdraw/LTC")
    page.get_by_role("button", name="Log out").click()
    visitor.go("/login?next=https://example.com/trade")
    visitor.fill_in(*ALICE)
    page.wait_for_url("**/trade/*")
    assert page.url.startswith(visitor.address)


def test_other_sessions_are_listed_and_ended(newcomer: Visit, visit: Open) -> None:
    email = newcomer.page.locator(".who").inner_text()
    elsewhere = visit("/login", errors_expected=True)
    elsewhere.log_in(email, PASSWORD)
    newcomer.go("/account/security")
    page = newcomer.page
    rows = page.get_by_test_id("sessions").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(page.get_by_text("This one")).to_have_count(1)
    page.get_by_role("button", name="End all others").click()
    expect(rows).to_have_count(1)
    elsewhere.go("/account")
    expect(elsewhere.page.get_by_text("Log in to see what is yours.")).to_be_visible()


def test_the_secret_of_a_token_is_shown_once_and_the_token_deleted(newcomer: Visit) -> None:
    newcomer.go("/account/tokens")
    page = newcomer.page
    page.locator("input[name=token-name]").fill("my bot")
    page.locator("input[name=ip-allow]").fill("203.0.113.7, 198.51.100.0/24")
    page.get_by_label("Trade", exact=True).check()
    page.get_by_role("button", name="Create a token").click()
    secret = page.get_by_test_id("token-secret").inner_text()
    assert len(secret) >= 32
    row = page.get_by_test_id("tokens").locator("tbody tr", has_text="my bot")
    expect(row).to_contain_text("203.0.113.7, 198.51.100.0/24")
    page.get_by_role("button", name="I have saved it").click()
    page.reload()
    expect(row).to_be_visible()
    assert secret not in page.content()
    page.get_by_role("button", name="Delete my bot").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("No tokens yet.")).to_be_visible()


def test_history_and_statement_are_filtered_and_leave_as_files(visit: Open) -> None:
    visitor = visit("/login")
    visitor.log_in(*ALICE)
    visitor.go("/account/statement/BTC")
    page = visitor.page
    statement = page.get_by_test_id("statement")
    expect(statement.locator("tbody tr", has_text="Credit").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    assert re.fullmatch(
        r"coinport-statement-BTC-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename
    )
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "time,type,change,fee,balance,currency,market,trade,id"
    assert any(",credit,21," in line for line in lines)
    page.get_by_label("Until").fill("2001-01-01")
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
    visitor.go("/account/history/orders")
    page.get_by_label("Status").select_option(label="Canceled")
    page.get_by_label("Market").select_option("XRP-BTC")
    expect(page.get_by_text("Nothing yet.")).to_be_visible()


def test_a_long_history_comes_by_the_page_and_only_when_it_is_asked_for(
    visit: Open, demo: DemoProcess
) -> None:
    auth = ("patient@example.com", PASSWORD)
    post(demo, "register", {"email": auth[0], "pwdhash": PASSWORD})
    terms = ("--user", auth[0], "--currency", "CNY", "--amount", "1000", "--reason", "for orders")
    demo.admin("credit", *terms)
    order = {"market": "BTC-CNY", "type": "buy", "price": "1000", "amount": "0.01"}
    for _ in range(6):
        post(demo, "user/submit_orders", {"orders": [order] * 10}, auth=auth)
    visitor = visit("/login")
    visitor.log_in(*auth)
    visitor.go("/account/history/orders")
    page = visitor.page
    rows = page.get_by_test_id("orders").locator("tbody tr")
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(60)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    assert visitor.asked["/api/v2/user/orders"] == 2


def test_on_a_phone_a_row_is_a_card_that_says_what_stands_in_it(visit: Open) -> None:
    visitor = visit("/login", size="phone")
    visitor.log_in(*ALICE)
    visitor.go("/account/statement/BTC")
    cells = visitor.page.get_by_test_id("statement").locator("tbody tr").first.locator("td")
    heads = ["Time", "Type", "Change", "Fee", "Total after it"]
    expect(cells).to_have_count(len(heads))
    cells.last.scroll_into_view_if_needed()
    for cell in cells.all():
        expect(cell).to_be_in_viewport(ratio=1)
    assert cells.evaluate_all("cells => cells.map((cell) => cell.dataset.head)") == heads
    visitor.page.get_by_role("button", name="中文").click()
    expect(cells.first).to_have_attribute("data-head", "时间")


def test_the_language_changes_where_one_is(newcomer: Visit) -> None:
    newcomer.go("/account/withdraw")
    page = newcomer.page
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="提现", exact=True)).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Withdraw", exact=True)).to_be_visible()
