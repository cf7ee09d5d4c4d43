"""The operator's console in a real browser, on a demo of its own: what needs one person is done by
one, what needs two by two, and all of it stands in the audit log."""

import hashlib
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_screens import AXE, LOOKS, PICTURES, serious
from tests.browser.visitors import PATIENCE_MS, SIZES, held
from tests.end_to_end.demos import DemoProcess, wait_for
from tests.end_to_end.processes import post

BANK = "Bank of Somewhere, 6222 0000 1111"
LITECOIN = "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9"
SCREENS = (
    *("", "users", "users/1000000003", "withdrawals", "deposits"),
    *("wallets", "markets", "announcements", "audit"),
)

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    """With withdrawals that wait for somebody."""
    with DemoProcess(tmp_path_factory.mktemp("demo")) as demo:
        demo.address = demo.address.rstrip("/")
        for user, currency, address, amount in [
            ("alice", "LTC", LITECOIN, 700),
            ("alice", "CNY", BANK, 50_000),
            ("bob", "CNY", BANK, 100),
        ]:
            body = {"currency": currency, "address": address, "amount": amount}
            answer = httpx.post(
                f"{demo.address}/api/v2/user/submit_withdrawal",
                json=body,
                auth=(f"{user}@example.com", f"{user}-demo"),
                trust_env=False,
            )
            assert answer.json()["code"] == 0, answer.text
        yield demo


def opened(browser: Browser, demo: DemoProcess, **options: object) -> Page:
    context = browser.new_context(
        base_url=demo.address, locale="en-GB", reduced_motion="reduce", bypass_csp=True, **options
    )
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def logged_in(browser: Browser, demo: DemoProcess, name: str) -> Page:
    """An operator of the demo, with the one-time code that she needs."""
    page = opened(browser, demo, viewport={"width": 1440, "height": 900})
    secret = (demo.data / f"operator-{name}.secret").read_text().strip()
    page.goto("/login")
    page.get_by_label("E-mail").fill(f"{name}@example.com")
    page.get_by_label("Password").fill(f"{name}-demo")
    page.locator("form button").last.click()
    page.get_by_label("One-time code").fill(pyotp.TOTP(secret).at(time.time()))
    page.locator("form button").last.click()
    page.wait_for_url("**/trade*")
    return page


@pytest.fixture(scope="module")
def olga(browser: Browser, demo: DemoProcess) -> Page:
    return logged_in(browser, demo, "olga")


@pytest.fixture(scope="module")
def otto(browser: Browser, demo: DemoProcess) -> Page:
    return logged_in(browser, demo, "otto")


def done(page: Page, action: str, reason: str, **fields: str) -> None:
    """What the dialog asks for; nothing happens before it is confirmed."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for label, value in fields.items():
        dialog.locator(f"[name={label}]").fill(value)
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name=action, exact=True).click()
    expect(dialog).to_be_hidden()


def row(page: Page, *texts: str) -> Locator:
    found = page.locator("tbody tr")
    for text in texts:
        found = found.filter(has_text=text)
    return found


def test_who_is_no_operator_is_not_let_in(browser: Browser, demo: DemoProcess) -> None:
    page = opened(browser, demo)
    page.goto("/operator")
    expect(page.get_by_role("heading", name="You are not let in")).to_be_visible()
    page.goto("/login")
    page.get_by_label("E-mail").fill("alice@example.com")
    page.get_by_label("Password").fill("alice-demo")
    page.locator("form button").last.click()
    page.wait_for_url("**/trade*")
    page.goto("/operator/users")
    expect(page.get_by_role("heading", name="You are not let in")).to_be_visible()
    page.context.close()


def test_the_dashboard_says_that_all_is_well(olga: Page) -> None:
    olga.goto("/operator")
    expect(olga.get_by_text("Ready", exact=True)).to_be_visible()
    expect(row(olga, "LTC")).to_contain_text("%")


@pytest.mark.parametrize("screen", ["withdrawals", "wallets", "markets"])
def test_what_can_be_done_is_in_sight_on_a_small_desktop(olga: Page, screen: str) -> None:
    """However wide the rest of the table is, which scrolls beneath."""
    olga.set_viewport_size({"width": 1024, "height": 700})
    olga.goto(f"/operator/{screen}")
    buttons = olga.locator("tbody tr").first.get_by_role("button")
    expect(buttons.first).to_be_visible()
    for button in buttons.all():
        expect(button).to_be_in_viewport(ratio=1)
    expect(olga).to_have_title(re.compile(r"^(Withdrawals|Wallets|Markets and fees) · coinport$"))
    olga.set_viewport_size({"width": 1440, "height": 900})


def test_a_withdrawal_is_approved_and_the_wallets_pay_it(olga: Page) -> None:
    olga.goto("/operator/withdrawals")
    row(olga, "LTC").get_by_role("button", name="Approve").click()
    done(olga, "Approve", "looked at it")
    expect(row(olga, "LTC", "Waits")).to_have_count(0)
    olga.get_by_label("Status").select_option(label="Over")

    def arrived() -> bool:
        olga.get_by_role("button", name="Refresh").click()
        return row(olga, "LTC", "Arrived").count() == 1

    wait_for(arrived)
    expect(row(olga, "LTC").get_by_role("button")).to_have_count(0)
    row(olga, "LTC").get_by_role("link", name="alice@example.com").click()
    past = olga.locator("section", has=olga.get_by_role("heading", name="Past withdrawals"))
    expect(past.locator("tbody tr")).to_contain_text(["Arrived"])


def test_no_action_is_done_without_a_reason_or_when_it_is_canceled(olga: Page) -> None:
    olga.goto("/operator/withdrawals")
    row(olga, "bob@example.com").get_by_role("button", name="Take").click()
    dialog = olga.get_by_role("dialog")
    dialog.get_by_role("button", name="Take", exact=True).click()
    expect(dialog).to_be_visible()
    olga.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(row(olga, "bob@example.com")).to_contain_text("Waits")


def test_a_large_withdrawal_takes_a_second_operator(olga: Page, otto: Page) -> None:
    olga.goto("/operator/withdrawals")
    large = row(olga, "alice@example.com", "50,000 CNY")
    large.get_by_role("button", name="Take").click()
    expect(olga.get_by_role("dialog")).to_contain_text("It takes two persons")
    done(olga, "Take", "I pay it today")
    expect(large).to_contain_text("1 of 2: operator")
    expect(large.get_by_role("button", name="Take")).to_be_disabled()

    otto.goto("/operator/withdrawals")
    large = row(otto, "alice@example.com", "50,000 CNY")
    large.get_by_role("button", name="Take").click()
    expect(otto.get_by_role("dialog")).to_contain_text("You are the second")
    done(otto, "Take", "confirmed")
    expect(large).to_contain_text("Approved")


def test_a_late_answer_is_told_as_what_it_was_and_leaves_another_dialog_alone(
    demo: DemoProcess, olga: Page
) -> None:
    wanted = {"currency": "CNY", "address": f"{BANK} again", "amount": 50}
    post(demo, "user/submit_withdrawal", wanted, auth=("bob@example.com", "bob-demo"))
    olga.goto("/operator/withdrawals")
    with held(olga, "operator/reject_withdrawal") as let_go:
        row(olga, f"{BANK} again").get_by_role("button", name="Reject").click()
        dialog = olga.get_by_role("dialog")
        dialog.get_by_label("Reason").fill("no such account")
        with olga.expect_request("**/reject_withdrawal"):
            dialog.get_by_role("button", name="Reject", exact=True).click()
        olga.keyboard.press("Escape")
        row(olga, "bob@example.com", "100 CNY").get_by_role("button", name="Take").click()
        let_go()
    expect(olga.locator(".toast", has_text="Done")).to_contain_text("Reject")
    expect(dialog.get_by_role("button", name="Take", exact=True)).to_be_visible()
    expect(row(olga, f"{BANK} again")).to_have_count(0)
    olga.keyboard.press("Escape")


def test_an_exchange_that_is_busy_for_a_moment_turns_no_operator_away(olga: Page) -> None:
    busy = {"code": 1003, "time": 0, "message": "busy", "data": None}
    olga.route("**/operator/myself", lambda route: route.fulfill(json=busy), times=1)
    olga.goto("/operator")
    expect(olga.get_by_text("Ready", exact=True)).to_be_visible()


def test_a_user_is_found_and_suspended_and_is_out_at_once(
    browser: Browser, demo: DemoProcess, olga: Page
) -> None:
    bob = opened(browser, demo)
    bob.goto("/login")
    bob.get_by_label("E-mail").fill("bob@example.com")
    bob.get_by_label("Password").fill("bob-demo")
    bob.locator("form button").last.click()
    bob.wait_for_url("**/trade*")

    olga.goto("/operator/users")
    olga.get_by_label("E-mail address or UID").fill("bob@")
    expect(row(olga)).to_have_count(1)
    olga.get_by_role("link", name="bob@example.com").click()
    olga.get_by_role("button", name="Suspend").click()
    done(olga, "Suspend", "he lost his telephone")
    expect(olga.get_by_text("Suspended", exact=True)).to_be_visible()
    profile = bob.request.get(f"{demo.address}/api/v2/user/profile")
    assert profile.json()["code"] == 1014
    bob.context.close()


def test_an_announcement_is_read_by_everybody_until_it_is_dismissed(
    browser: Browser, demo: DemoProcess, olga: Page
) -> None:
    olga.goto("/operator/announcements")
    olga.get_by_role("button", name="Announce", exact=True).click()
    done(
        olga,
        "Announce",
        "agreed on Monday",
        title_en="Maintenance on Sunday.",
        text_en="Trading pauses from 02:00 to 03:00 UTC.",
        title_zh="周日维护。",
        text_zh="02:00 至 03:00（UTC）暂停交易。",
    )
    expect(row(olga, "Maintenance on Sunday.")).to_contain_text("Shown")

    visitor = opened(browser, demo)
    visitor.goto("/trade")
    banner = visitor.get_by_role("complementary", name="Announcements")
    expect(banner).to_contain_text("Maintenance on Sunday.")
    visitor.get_by_role("button", name="中文").click()
    expect(visitor.get_by_role("complementary", name="公告")).to_contain_text("周日维护。")
    visitor.get_by_role("button", name="English").click()
    banner.get_by_role("button", name="Dismiss").click()
    expect(banner).not_to_contain_text("Maintenance")
    visitor.reload()
    header = visitor.get_by_role("banner")
    expect(header.get_by_role("link", name="Log in")).to_be_visible()
    expect(banner).not_to_contain_text("Maintenance")
    visitor.context.close()


def test_the_audit_log_shows_it_all_is_whole_and_can_be_taken_along(olga: Page) -> None:
    olga.goto("/operator/audit")
    for action, reason in [
        ("announce", "agreed on Monday"),
        ("suspend", "he lost his telephone"),
        ("approve withdrawal", "confirmed"),
        ("approve withdrawal", "I pay it today"),
        ("approve withdrawal", "looked at it"),
    ]:
        expect(row(olga, action, reason)).to_contain_text("done")
    olga.get_by_role("button", name="Verify the chain").click()
    expect(olga.get_by_role("status").filter(has_text="all whole")).to_be_visible()
    with olga.expect_download() as download:
        olga.get_by_role("button", name="Export").click()
    previous = "0" * 64
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) >= 10
    for line in lines:
        written = json.loads(line)
        hashed = [value for name, value in written.items() if name != "hash"]
        compact = json.dumps(hashed, ensure_ascii=False, separators=(",", ":"))
        assert written["previous"] == previous
        assert written["hash"] == hashlib.sha256(compact.encode()).hexdigest()
        previous = written["hash"]


@pytest.mark.parametrize(("language", "theme", "size"), LOOKS)
def test_every_screen_can_be_read_by_everybody(
    olga: Page, language: str, theme: str, size: str
) -> None:
    """Nothing serious for axe, no scrolling sideways; and photographed, to be looked at."""
    chosen = json.dumps({"language": language, "theme": theme, "up": "green"})
    olga.evaluate("text => localStorage.setItem('coinport.settings', text)", chosen)
    olga.evaluate("() => localStorage.setItem('coinport.announcements', '[1]')")  # it is read
    width, height = SIZES[size]
    olga.set_viewport_size({"width": width, "height": height})
    for screen in SCREENS:
        olga.goto(f"/operator/{screen}".rstrip("/"))
        expect(olga.locator(".console")).to_be_visible()
        expect(olga.locator(".console .skeleton")).to_have_count(0)
        name = re.sub(r"\W+", "-", screen or "dashboard")
        check(olga, f"operator-{name}", language, theme, size)
    olga.goto("/operator/markets")
    olga.locator("tbody button").first.click()
    check(olga, "operator-dialog", language, theme, size, whole=False)
    olga.evaluate("() => localStorage.removeItem('coinport.settings')")
    olga.set_viewport_size({"width": 1440, "height": 900})


def check(
    page: Page, name: str, language: str, theme: str, size: str, *, whole: bool = True
) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{language}-{theme}-{size}.png", full_page=whole)
    sideways = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert sideways <= 0, name
    page.evaluate(AXE.read_text())
    assert serious(page.evaluate("() => axe.run()")) == [], f"{name} {language} {theme} {size}"
