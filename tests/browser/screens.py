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
    Screen("account", "/account", "[data-testid=balances]", "alice"),
    Screen(
        "account-deposit",
        "/account/deposit/XRP",
        "[data-testid=memo]",
        "alice",
        "[data-testid=create], [data-testid=address]",
    ),
    Screen("account-withdraw", "/account/withdraw/BTC", "[data-testid=withdrawals]", "alice"),
    Screen("account-history", "/account/history/trades", "[data-testid=trades]", "alice"),
    Screen("account-statement", "/account/statement/CNY", "[data-testid=statement]", "alice"),
    Screen(
        "account-security",
        "/account/security",
        "[data-testid=secret]",
        "alice",
        "[data-testid=begin]",
    ),
    Screen("account-tokens", "/account/tokens", "[data-testid=tokens]", "alice"),
    Screen("markets", "/markets", "[data-testid=markets] path"),
    Screen("fees", "/fees", "[data-testid=transfer-fees] tbody th"),
    Screen("reserves", "/reserves", "[data-testid=reserves] tbody th"),
    Screen("reserves-currency", "/reserves/BTC", "[data-testid=reserve-details] .mono"),
    Screen(
        "reserves-check",
        "/reserves/CNY",
        "[data-testid=verdict]",
        "alice",
        "[data-testid=check]",
    ),
    Screen("nothing", "/trade/NO-SUCH", "main p"),
)
