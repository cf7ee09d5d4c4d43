"""Every screen: nothing that axe finds serious, nothing that is wider than it, and pictures."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.screens import SCREENS, Screen
from tests.browser.visitors import Language, Theme
from tests.end_to_end.demos import DemoProcess
from tests.end_to_end.processes import post

ROOT: Final = Path(__file__).parents[2]
AXE: Final = ROOT / "web/node_modules/axe-core/axe.min.js"
LTC_ADDRESS: Final = "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ"
PICTURES: Final = Path(__file__).with_name("screenshots")
LOOKS: Final[tuple[tuple[Language, Theme, str], ...]] = (
    ("en", "dark", "desktop"),
    ("en", "light", "phone"),
    ("zh", "dark", "phone"),
    ("zh", "light", "desktop"),
)
"""Every pair of a language, a theme and a size."""

SHIFTS: Final = """
window.shifts = 0;
const rowOfBook = ({ node }) =>
  (node?.closest ? node : node?.parentElement)?.closest("[aria-describedby=book-hint]");
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (!entry.hadRecentInput && !(entry.sources.length && entry.sources.every(rowOfBook)))
      window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
"""Where only rows of the book change places, it is the market that moves, not the screen."""
SHIFTS_MAX: Final = 0.1
"""As the browser itself counts what moves by itself; more of it is a jump."""
CUT_CARDS: Final = """
[...document.querySelectorAll("table[data-stacked] tr")]
  .filter((row) => row.scrollWidth > row.clientWidth + 1).map((row) => row.innerText)
"""
"""Rows that are cards on a phone, and wider than it."""
ASKED_MAX: Final = 10
"""How often a screen may ask for the same thing while it is looked at; more of it is a loop."""


@pytest.fixture(scope="module")
def carol(demo: DemoProcess) -> None:
    """Somebody with something of everything, so that no screen is empty."""
    auth = ("carol@example.com", "carol-demo")
    post(demo, "register", {"email": auth[0], "pwdhash": auth[1]})
    for currency, amount in [("CNY", "50000"), ("BTC", "3"), ("LTC", "20")]:
        terms = {"user": auth[0], "currency": currency, "amount": amount, "reason": "for a picture"}
        demo.admin("credit", *(text for name in terms for text in (f"--{name}", terms[name])))
    at_market = {"market": "BTC-CNY", "type": "buy", "order_type": "market", "amount": "0.25"}
    waiting = {"market": "BTC-CNY", "type": "buy", "price": "1234.5", "amount": "0.1"}
    post(demo, "user/submit_orders", {"orders": [at_market, waiting]}, auth=auth)
    withdrawal = {"currency": "LTC", "address": LTC_ADDRESS, "amount": "2"}
    post(demo, "user/submit_withdrawal", withdrawal, auth=auth)
    post(demo, "user/add_api_token", {"name": "my bot", "permissions": ["read"]}, auth=auth)
    demo.admin("snapshot")


@pytest.fixture(params=SCREENS, ids=lambda screen: screen.name)
def screen(request: pytest.FixtureRequest) -> Screen:
    found: Screen = request.param
    return found


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("carol")
def test_a_screen_is_fit_for_everybody(visit: Open, screen: Screen) -> None:
    PICTURES.mkdir(exist_ok=True)
    visitor = visit("/login")
    if screen.person:
        visitor.log_in(f"{screen.person}@example.com", f"{screen.person}-demo")
    page = visitor.page
    page.add_init_script(SHIFTS)
    for language, theme, size in LOOKS:
        visitor.look(language, theme, size)
        visitor.go(screen.path)
        page.locator(screen.press or screen.ready).first.wait_for()
        shifts = visitor.evaluate("window.shifts")  # what is pressed may make room for its answer
        if screen.press:
            page.locator(screen.press).first.click()
        page.locator(screen.ready).first.wait_for()
        picture = f"{screen.name}-{language}-{theme}-{size}.png"
        assert shifts < SHIFTS_MAX, picture
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=PICTURES / picture, full_page=True)
        visitor.evaluate(AXE.read_text())
        found = serious(visitor.evaluate("axe.run(document)"))
        assert not found, "\n".join([picture, *found])
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        if size == "phone":
            assert not visitor.evaluate(CUT_CARDS), picture
        assert page.evaluate("document.documentElement.lang")[:2] == language
        assert not [asked for asked in visitor.asked.items() if asked[1] > ASKED_MAX], picture


def serious(report: Any) -> list[str]:
    return [
        f"{found['id']}: {node['html'][:200]} {node['failureSummary']}"
        for found in report["violations"]
        if found["impact"] in {"serious", "critical"}
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_nothing_jumps_while_the_trading_screen_loads(visit: Open, size: str) -> None:
    visitor = visit("/login", size=size)
    visitor.page.add_init_script(SHIFTS)
    visitor.go("/trade/BTC-CNY")
    visitor.page.locator("[data-testid=candles][data-close]").wait_for()
    visitor.page.locator("[data-testid=last-price]:not(.skeleton)").wait_for()
    assert visitor.evaluate("window.shifts") < 0.02


def test_the_keyboard_reaches_the_order_form_and_places_what_is_typed(visit: Open) -> None:
    visitor = visit("/login")
    visitor.log_in("bob@example.com", "bob-demo")
    page = visitor.page
    page.get_by_label("Price", exact=True).focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1000")
    page.keyboard.press("Tab")
    page.keyboard.type("0.01")
    page.keyboard.press("Enter")
    page.locator("[data-testid=open-orders] tr", has_text="1,000").first.wait_for()
    page.get_by_role("button", name="Cancel all").press("Enter")
    page.get_by_role("button", name=re.compile(r"^Cancel all \d+\?$")).press("Enter")
    page.get_by_text("No open orders").wait_for()


def test_the_keyboard_skips_what_stands_on_every_screen(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#content').contains(document.activeElement)")


def test_a_mistyped_address_says_so_and_leads_to_trading(visit: Open) -> None:
    visitor = visit("/trad/BTC-CNY", errors_expected=True)  # the browser notes that it is a 404
    page = visitor.page
    page.get_by_role("heading", name="There is no such page").wait_for()
    page.screenshot(path=PICTURES / "mistyped-en-dark-desktop.png")
    page.locator("main .button").click()
    page.wait_for_url("**/trade/*")
