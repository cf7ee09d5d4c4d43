"""Trading on the page: what moves, moves by itself."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Open
from tests.end_to_end.demos import DemoProcess
from tests.end_to_end.processes import get, post

BOB = ("bob@example.com", "bob-demo")
ALICE = ("alice@example.com", "alice-demo")
MARKET = "BTC-CNY"


def test_a_newcomer_registers_logs_out_and_logs_in(visit: Open) -> None:
    visitor = visit("/register")
    page = visitor.page
    page.fill("input[name=email]", "newcomer@example.com")
    page.fill("input[name=password]", "short")
    page.fill("input[name=password-again]", "short")
    page.locator("form button").click()
    expect(page.get_by_role("alert")).to_have_text("At least 8 characters.")
    page.fill("input[name=password]", "a long password of mine")
    page.fill("input[name=password-again]", "another one")
    page.locator("form button").click()
    expect(page.get_by_role("alert")).to_have_text("The two passwords differ.")
    page.fill("input[name=email]", ALICE[0])
    page.fill("input[name=password-again]", "a long password of mine")
    page.locator("form button").click()
    expect(page.get_by_role("alert")).to_contain_text("one that is registered already")
    page.fill("input[name=email]", "newcomer@example.com")
    page.locator("form button").click()
    page.wait_for_url("**/trade/*")
    expect(page.locator(".who")).to_have_text("newcomer@example.com")
    page.get_by_role("button", name="Log out").click()
    expect(page.locator(".who")).to_have_count(0)
    visitor.log_in("newcomer@example.com", "a long password of mine")
    expect(page.get_by_test_id("available")).to_have_text("0 CNY")


def test_a_wrong_password_is_told_in_words(visit: Open) -> None:
    page = visit("/login").page
    page.fill("input[name=email]", ALICE[0])
    page.fill("input[name=password]", "wrong")
    page.locator("form button").click()
    expect(page.get_by_role("alert")).to_contain_text("E-mail or password is wrong")


def test_who_is_logged_in_already_is_led_on(visit: Open) -> None:
    visitor = visit("/login")
    visitor.log_in(*ALICE)
    visitor.go("/login?next=/markets")
    visitor.page.wait_for_url("**/markets")
    visitor.go("/register")
    visitor.page.wait_for_url("**/trade/*")


def inside_the_spread(demo: DemoProcess) -> str:
    """A price at which nothing trades now."""
    bid, ask = get(demo, f"{MARKET}/ticker")[MARKET][:2]
    return f"{(bid + ask) / 2:.4f}"


def sell(page: Page, price: str, amount: str) -> None:
    page.get_by_role("radio", name="Sell").check(force=True)
    page.get_by_label("Price", exact=True).fill(price)
    page.get_by_label("Amount", exact=True).fill(amount)
    page.get_by_role("button", name="Sell BTC").click()


SEEN_IN_THE_BOOK = """price => {
  const look = () => { window.seenInTheBook ||= rows.textContent.includes(price); };
  const rows = document.querySelector(".rows");
  new MutationObserver(look).observe(rows, { childList: true, characterData: true, subtree: true });
}"""
"""Whether a row at that price was there, for however short a time: robots may be quick."""


def test_another_session_fills_an_order_and_everything_moves_without_a_reload(
    visit: Open, demo: DemoProcess
) -> None:
    visitor = visit("/login")
    visitor.log_in(*ALICE)
    page = visitor.page
    page.evaluate("window.sameDocument = true")
    page.get_by_role("radio", name="Sell").check(force=True)
    expect(page.get_by_test_id("available")).to_contain_text("BTC")
    before = page.get_by_test_id("available").inner_text()
    volume = page.get_by_test_id("candles").get_attribute("data-volume")

    price = inside_the_spread(demo)
    shown = f"{float(price):,.4f}"
    page.evaluate(SEEN_IN_THE_BOOK, shown)
    sell(page, price, "0.5")
    order: dict[str, Any] = {
        "market": MARKET,
        "type": "buy",
        "price": price,
        "amount": "0.5",
        "time_in_force": "ioc",
    }
    expect(page.locator(".toast", has_text="Order placed")).to_be_visible()
    post(demo, "user/submit_orders", {"orders": [order]}, auth=BOB)

    expect(page.locator(".toast", has_text="Sold").first).to_be_visible()
    expect(page.get_by_test_id("available")).not_to_have_text(before)
    page.get_by_role("tab", name="Fills").click()
    expect(page.get_by_test_id("fills").locator("tbody tr").first).to_contain_text("BTC/CNY")
    page.get_by_role("tab", name="Order history").click()
    row = page.get_by_test_id("order-history").locator("tbody tr").first
    expect(row).to_contain_text("Filled")
    page.wait_for_function("window.seenInTheBook")
    expect(page.locator(".row.ask", has_text=shown)).to_have_count(0)
    expect(page.get_by_test_id("trades").locator("tr", has_text=shown).first).to_be_visible()
    expect(page.get_by_test_id("candles")).not_to_have_attribute("data-volume", volume or "")
    assert page.evaluate("window.sameDocument")


def test_an_order_stands_in_the_book_and_is_canceled(visit: Open, demo: DemoProcess) -> None:
    visitor = visit("/login")
    visitor.log_in(*ALICE)
    page = visitor.page
    price = inside_the_spread(demo)
    sell(page, price, "0.0007")
    row = page.get_by_test_id("open-orders").locator("tbody tr", has_text="0.0007")
    expect(row.or_(page.locator(".toast", has_text="Sold")).first).to_be_visible()
    page.get_by_label("Price", exact=True).fill("9999")
    page.get_by_label("Amount", exact=True).fill("0.0009")
    page.get_by_role("button", name="Sell BTC").click()
    own = page.get_by_test_id("open-orders").locator("tbody tr", has_text="9,999")
    expect(own).to_have_count(1)
    levels = get(demo, f"{MARKET}/depth?limit=200")["asks"]
    assert [9999, 0.0009] in [list(level) for level in levels]
    own.get_by_role("button").click()
    expect(own).to_have_count(0)
    page.get_by_role("tab", name="Order history").click()
    ended = page.get_by_test_id("order-history").locator("tr", has_text="9,999").first
    expect(ended).to_contain_text("Canceled")


def test_a_cancel_that_is_refused_is_told(visit: Open, demo: DemoProcess) -> None:
    auth = ("halted@example.com", "a long password of mine")
    post(demo, "register", {"email": auth[0], "pwdhash": auth[1]})
    gift = ("--user", auth[0], "--currency", "BTC", "--amount", "1", "--reason", "for orders")
    demo.admin("credit", *gift)
    order = {"market": "ZET-BTC", "type": "buy", "price": "0.000001", "amount": "1000"}
    post(demo, "user/submit_orders", {"orders": [order]}, auth=auth)
    visitor = visit("/login")
    visitor.log_in(*auth)
    page = visitor.page
    row = page.get_by_test_id("open-orders").locator("tbody tr")
    expect(row).to_have_count(1)
    demo.admin("market", "halt", "ZET-BTC", "--reason", "a test")
    try:
        row.get_by_role("button").click()
        expect(page.locator(".toast", has_text="The market is not open")).to_be_visible()
        page.get_by_role("button", name="Cancel all", exact=True).click()
        page.get_by_role("button", name="Cancel all 1?").click()
        expect(page.locator(".toast", has_text="0 of 1 orders were canceled")).to_be_visible()
    finally:
        demo.admin("market", "open", "ZET-BTC", "--reason", "a test")
    row.get_by_role("button").click()
    expect(row).to_have_count(0)


def test_what_an_order_costs_is_said_before_it_is_sent(visit: Open) -> None:
    visitor = visit("/login")
    visitor.log_in(*ALICE)
    page = visitor.page
    page.get_by_label("Price", exact=True).fill("2000.5")
    page.get_by_label("Amount", exact=True).fill("0.2501")
    expect(page.get_by_test_id("order-total")).to_have_text("500.32505 CNY")
    expect(page.get_by_test_id("order-fee")).to_have_text("0 BTC")


def test_what_is_wrong_with_an_order_is_said_in_words_beside_it(visit: Open) -> None:
    visitor = visit("/login")
    visitor.log_in(*BOB)
    page = visitor.page
    price, amount = page.get_by_label("Price", exact=True), page.get_by_label("Amount", exact=True)
    send = page.get_by_role("button", name="Buy BTC")
    price.fill("2000.12345")
    send.click()
    expect(page.get_by_text("At most 4 decimals.")).to_be_visible()
    price.fill("2000")
    expect(page.get_by_text("Fill this in.")).to_be_visible()
    amount.fill("99999")
    expect(page.get_by_text("More than you have available.")).to_be_visible()
    page.get_by_label("Post-only").check()
    price.fill("9000")
    amount.fill("0.001")
    send.click()
    expect(page.get_by_role("alert").filter(has_text="post-only")).to_be_visible()


def held(page: Page, url: str) -> Callable[[], None]:
    """Requests to `url` are not sent before it is called that is returned."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    def let_go() -> None:
        for route in waiting:
            route.continue_()
        page.unroute(url)

    page.route(url, hold)
    return let_go


def test_what_is_typed_before_the_market_is_known_stays(visit: Open) -> None:
    visitor = visit("/fees")
    page = visitor.page
    listed = held(page, "**/exchange_info")
    visitor.go("/trade")
    price, amount = page.get_by_label("Price", exact=True), page.get_by_label("Amount", exact=True)
    page.get_by_role("radio", name="Sell").check(force=True)
    price.fill("1234.5")
    amount.fill("0.25")
    amount.focus()
    listed()
    expect(page.get_by_test_id("order-total")).to_have_text("308.625 CNY")
    expect(page.locator(".row.bid").first).to_be_visible()
    expect(price).to_have_value("1234.5")
    expect(amount).to_have_value("0.25")
    expect(amount).to_be_focused()
    expect(page.get_by_role("radio", name="Sell")).to_be_checked()


def test_a_price_is_suggested_but_not_to_who_types_one(visit: Open) -> None:
    visitor = visit("/fees")
    page = visitor.page
    listed = held(page, "**/exchange_info")
    visitor.go("/trade/BTC-CNY")
    price = page.get_by_label("Price", exact=True)
    price.focus()
    listed()
    expect(page.locator(".row.bid").first).to_be_visible()
    expect(price).to_have_value("")
    visitor.go("/trade/BTC-CNY")
    expect(price).not_to_have_value("")


def test_another_market_empties_what_was_typed_for_this_one(page: Page) -> None:
    price, amount = page.get_by_label("Price", exact=True), page.get_by_label("Amount", exact=True)
    price.fill("1234.5")
    amount.fill("0.25")
    page.get_by_role("button", name="Choose a market").click()
    page.get_by_role("searchbox").fill("ltc/c")
    page.keyboard.press("Enter")
    page.wait_for_url("**/trade/LTC-CNY")
    expect(amount).to_have_value("")
    expect(price).not_to_have_value("1234.5")
    expect(price).not_to_have_value("")


def test_a_press_on_the_book_fills_in_the_price(page: Page) -> None:
    row = page.locator(".row.bid").first
    row.click()
    assert re.fullmatch(r"\d{4}\.\d{1,4}", page.get_by_label("Price", exact=True).input_value())


def test_the_book_moves_by_itself(page: Page) -> None:
    rows = page.locator(".rows")
    expect(page.locator(".row.bid").first).to_be_visible()
    expect(rows).not_to_have_text(rows.inner_text())


def test_a_market_is_found_chosen_and_made_a_favorite(page: Page) -> None:
    page.get_by_role("button", name="Choose a market").click()
    page.get_by_role("button", name="Add LTC-CNY to the favorites").click()
    page.get_by_role("searchbox").fill("ltc/c")
    expect(page.locator("#found-markets li")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/trade/LTC-CNY")
    expect(page).to_have_title(re.compile(r"^[\d.,]+ · LTC-CNY · coinport$"))
    page.reload()
    page.get_by_role("button", name="Choose a market").click()
    page.get_by_role("tab", name="Favorites").click()
    expect(page.locator("#found-markets li")).to_contain_text(["LTC/CNY"])


def test_the_language_is_switched_without_a_reload_and_kept(page: Page) -> None:
    page.evaluate("window.sameDocument = true")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="委托列表")).to_be_visible()
    assert page.evaluate("window.sameDocument")
    page.reload()
    expect(page.get_by_role("heading", name="委托列表")).to_be_visible()


def test_the_bare_address_leads_to_the_market_of_the_last_time(visit: Open) -> None:
    visitor = visit("/")
    visitor.page.wait_for_url("**/trade/BTC-CNY")
    visitor.go("/trade/XRP-CNY")
    expect(visitor.page.get_by_test_id("last-price")).not_to_have_text("–")
    visitor.go("/")
    visitor.page.wait_for_url("**/trade/XRP-CNY")
