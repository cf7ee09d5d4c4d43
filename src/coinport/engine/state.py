"""The state of the exchange: what the journal adds up to. Only `evolve` changes it."""

from collections import OrderedDict
from typing import NamedTuple

from coinport.engine.book import Book, Order
from coinport.engine.ledger import Ledger
from coinport.model.listings import Listings
from coinport.model.units import (
    ACCOUNT_FIRST,
    ORDER_FIRST,
    TRADE_FIRST,
    AccountId,
    MarketId,
    OrderId,
    Sequence,
    TimeMs,
    TradeId,
)


class Account:
    __slots__ = ("orders", "stops", "suspended")

    def __init__(self) -> None:
        self.suspended = False
        self.orders: dict[OrderId, Order] = {}
        """All open ones, waiting stops included."""
        self.stops = 0
        """How many of them wait."""


class ClientOrder(NamedTuple):
    """What is remembered under a client order id for a day."""

    time: TimeMs
    order: OrderId
    contents: bytes
    """The encoded command: the same id with the same contents is the same order."""


class State:
    __slots__ = (
        "accounts",
        "books",
        "client_orders",
        "keys",
        "ledger",
        "listings",
        "next_account",
        "next_order",
        "next_trade",
        "orders",
        "sequence",
        "time",
    )

    def __init__(self) -> None:
        self.sequence = Sequence(0)
        self.time = TimeMs(0)
        """Both of the record at hand."""
        self.listings = Listings()
        self.ledger = Ledger()
        self.accounts: dict[AccountId, Account] = {}
        self.books: dict[MarketId, Book] = {}
        self.orders: dict[OrderId, Order] = {}
        """All open ones."""
        self.client_orders: OrderedDict[tuple[AccountId, str], ClientOrder] = OrderedDict()
        """Oldest first."""
        self.keys: set[str] = set()
        """Keys of credits and debits; remembered for ever, so nothing is credited twice."""
        self.next_account = AccountId(ACCOUNT_FIRST)
        self.next_order = OrderId(ORDER_FIRST)
        self.next_trade = TradeId(TRADE_FIRST)
