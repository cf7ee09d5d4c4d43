"""What the oracle knows, and the few movements that several rules share."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from coinport.model.commands import PlaceOrder
from coinport.model.events import Event, OrderCanceled
from coinport.model.listings import Currency, Market
from coinport.model.reasons import Reason
from coinport.model.trading import Side

Objections = Iterator[tuple[bool, Reason]]
"""(whether it is so, what to answer then). The first that is so decides; they are worked out one by
one, so each may rely on the ones before."""


@dataclass
class Open:
    """An open order."""

    number: int
    terms: PlaceOrder
    left: int
    held: int
    waits: bool = False
    """For its stop price."""
    booked: int = 0
    """Its turn to come to rest in the book: 1 for the first order that ever did; 0: it has not."""

    @property
    def buys(self) -> bool:
        return self.terms.side is Side.BUY


@dataclass
class Transfer:
    """A deposit, which has a key, or a withdrawal, which has none."""

    number: int
    account: int
    currency: int
    amount: int
    status: str
    """announced, credited, held; pending, processing, confirming; over."""
    fee: int = 0
    key: str = ""
    actor: str = ""
    """Who announced it."""
    since: int = 0
    """When it was credited, released or assigned last."""
    back: int = 0
    """How much of it is held back."""


@dataclass
class Exchange:
    time: int = 0
    currencies: list[Currency] = field(default_factory=list)
    markets: list[Market] = field(default_factory=list)
    accounts: list[int] = field(default_factory=list)
    suspended: set[int] = field(default_factory=set)
    free: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    """(currency, account): units."""
    held: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    pending: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    back: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    """What is held back of deposits that left their chain."""
    open: list[Open] = field(default_factory=list)
    """The oldest first."""
    last: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    named: dict[tuple[int, str], tuple[int, int, PlaceOrder]] = field(default_factory=dict)
    """(account, client order id): when, which order, its terms."""
    keys: set[str] = field(default_factory=set)
    transfers: list[Transfer] = field(default_factory=list)
    """All that there ever were."""
    placed: int = 0
    booked: int = 0
    traded: int = 0
    events: list[Event] = field(default_factory=list)
    """Of the command at hand."""

    def market(self, number: int) -> Market:
        return self.markets[number - 1]

    def currency(self, number: int) -> Currency:
        return self.currencies[number - 1]

    def transfer(self, number: int) -> Transfer:
        return next(of for of in self.transfers if of.number == number)

    def inside(self, currency: int) -> int:
        """All money that came in and has not gone out."""
        moneys = self.free, self.held, self.pending, self.back
        return sum(units for money in moneys for (of, _), units in money.items() if of == currency)

    def cost(self, market: Market, price: int, lots: int) -> Fraction:
        """In quote units."""
        coins = Fraction(lots, 10**market.amount_decimals)
        money = coins * Fraction(price, 10**market.price_decimals)
        return money * 10 ** self.currency(market.quote).decimals

    def amount(self, market: Market, lots: int) -> Fraction:
        """In base units."""
        coins = Fraction(lots, 10**market.amount_decimals)
        return coins * 10 ** self.currency(market.base).decimals

    def end(self, order: Open, reason: Reason) -> None:
        """Cancel it, and give back what it holds."""
        terms = order.terms
        market = self.market(terms.market)
        currency = market.quote if order.buys else market.base
        self.open.remove(order)
        self.held[currency, terms.account] -= order.held
        self.free[currency, terms.account] += order.held
        self.events.append(
            OrderCanceled(
                order=order.number,
                account=terms.account,
                market=terms.market,
                side=terms.side,
                price=terms.price,
                leaves=order.left,
                booked=order.booked > 0,
                currency=currency,
                released=order.held,
                reason=reason,
            )
        )

    def pay(self, order: Open, currency: int, units: int) -> None:
        """Out of what it holds."""
        order.held -= units
        self.held[currency, order.terms.account] -= units
        assert order.held >= 0
