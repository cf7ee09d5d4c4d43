"""Who takes part in the demo: two robots and two people, all with play money."""

from msgspec import Struct

from coinport.app.demo.walk import BASES_CNY
from coinport.model.units import ACCOUNT_FIRST, AccountId


class Person(Struct, frozen=True):
    email: str
    name: str
    account: AccountId
    password: str | None
    """None for a robot: a new random one whenever the demo starts."""
    worth_cny: int
    """Play money in every currency, roughly; CNY."""


MAKER = Person(
    "maker@robots.example", "demo robot: maker", AccountId(ACCOUNT_FIRST), None, 100_000_000
)
TAKER = Person(
    "taker@robots.example", "demo robot: taker", AccountId(ACCOUNT_FIRST + 1), None, 100_000_000
)
ALICE = Person("alice@example.com", "Alice", AccountId(ACCOUNT_FIRST + 2), "alice-demo", 50_000)
BOB = Person("bob@example.com", "Bob", AccountId(ACCOUNT_FIRST + 3), "bob-demo", 50_000)
EVERYONE = (MAKER, TAKER, ALICE, BOB)


def play_money(person: Person) -> dict[str, int]:
    """Whole units of each currency, by symbol."""
    return {symbol: round(person.worth_cny / price) for symbol, price in BASES_CNY.items()}
