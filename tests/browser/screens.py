"""Every screen of the page: looked at by axe, and photographed in both languages and themes."""

from typing import Final, NamedTuple


class Screen(NamedTuple):
    name: str
    path: str
    ready: str
    """Selector of what is there when the screen is."""
    person: str = ""
    """Who is logged in: "alice" of the demo; "": nobody."""
    press: str = ""
    """Selector of what is pressed first."""


SCREENS: Final = (
    Screen("trade", "/trade/BTC-CNY", "[data-testid=last-price]:not(.skeleton)"),
    Screen(
        "trade-own", "/trade/BTC-CNY", "[data-testid=balances]", "alice", "[data-name=balances]"
    ),
    Screen("trade-depth", "/trade/LTC-CNY", "#chart canvas", "", "[data-name=depth]"),
    Screen("trade-markets", "/trade/XRP-BTC", "#found-markets li", "", ".picker .name"),
    Screen("log-in", "/login", "input[name=password]"),
    Screen("register", "/register", "input[name=password-again]"),
    Screen("nothing", "/trade/NO-SUCH", "main p"),
)
