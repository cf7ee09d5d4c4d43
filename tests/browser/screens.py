"""Every screen of the page: looked at by axe, and photographed in both languages and themes."""

from typing import Final, NamedTuple


class Screen(NamedTuple):
    name: str
    path: str
    ready: str
    """Selector of what is there when the screen is."""
    person: str = ""
    """Who is logged in; "": nobody."""
    press: str = ""
    """Selector of what is pressed first."""


SCREENS: Final = (
    Screen("trade", "/trade/BTC-CNY", "[data-testid=candles][data-close]"),
    Screen("trade-orders", "/trade/BTC-CNY", "[data-testid=open-orders]", "carol"),
    Screen(
        "trade-own", "/trade/BTC-CNY", "[data-testid=balances]", "carol", "[data-name=balances]"
    ),
    Screen("trade-depth", "/trade/LTC-CNY", "#chart canvas", "", "[data-name=depth]"),
    Screen("trade-markets", "/trade/XRP-BTC", "#found-markets li", "", ".picker .name"),
    Screen("log-in", "/login", "input[name=password]"),
    Screen("register", "/register", "input[name=password-again]"),
    Screen("account", "/account", "[data-testid=balances][aria-busy=false]", "carol"),
    Screen(
        "account-deposit",
        "/account/deposit/XRP",
        "[data-testid=memo]",
        "carol",
        "[data-testid=create], [data-testid=address]",
    ),
    Screen("account-withdraw", "/account/withdraw/LTC", "[data-testid=withdrawals] p", "carol"),
    Screen("account-orders", "/account/history/orders", "[data-testid=orders] .up", "carol"),
    Screen("account-trades", "/account/history/trades", "[data-testid=trades] .up", "carol"),
    Screen("account-statement", "/account/statement/CNY", "[data-testid=statement] .up", "carol"),
    Screen(
        "account-security",
        "/account/security",
        "[data-testid=secret]",
        "carol",
        "[data-testid=begin]",
    ),
    Screen("account-tokens", "/account/tokens", "[data-testid=tokens] tbody th", "carol"),
    Screen("markets", "/markets", "[data-testid=markets] path"),
    Screen("fees", "/fees", "[data-testid=transfer-fees] tbody th"),
    Screen("reserves", "/reserves", "[data-testid=reserves][aria-busy=false]"),
    Screen("reserves-currency", "/reserves/BTC", "[data-testid=reserve-details] .mono"),
    Screen(
        "reserves-check",
        "/reserves/CNY",
        "[data-testid=verdict]",
        "carol",
        "[data-testid=check]",
    ),
    Screen("nothing", "/trade/NO-SUCH", "main h1"),
)
