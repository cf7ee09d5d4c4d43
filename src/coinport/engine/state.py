"""The state of the exchange: what the journal adds up to. Only `evolve` changes it."""

from collections import OrderedDict
from typing import NamedTuple

from coinport.engine.book import Book, Order
from coinport.engine.ledger import Ledger
from coinport.model.listings import Listings
from coinport.model.transfers import DepositStage, TransferStatus
from coinport.model.units import (
    ACCOUNT_FIRST,
    ORDER_FIRST,
    TRADE_FIRST,
    TRANSFER_FIRST,
    AccountId,
    Amount,
    CurrencyId,
    MarketId,
    OrderId,
    Sequence,
    TimeMs,
    TradeId,
    TransferId,
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


class Deposit:
    __slots__ = ("account", "actor", "amount", "currency", "held", "key", "stage")

    def __init__(
        self, account: AccountId, currency: CurrencyId, amount: Amount, key: str, actor: str
    ) -> None:
        self.account = account
        self.currency = currency
        self.amount = amount
        self.key = key
        self.actor = actor
        """Who announced it."""
        self.stage = DepositStage.ANNOUNCED
        self.held = Amount(0)


class Withdrawal:
    """One that is not over."""

    __slots__ = ("account", "amount", "currency", "fee", "status")

    def __init__(
        self, account: AccountId, currency: CurrencyId, amount: Amount, fee: Amount
    ) -> None:
        self.account = account
        self.currency = currency
        self.amount = amount
        self.fee = fee
        """Part of `amount`."""
        self.status = TransferStatus.PENDING


class State:
    __slots__ = (
        "accounts",
        "books",
        "client_orders",
        "credited",
        "deposits",
        "keys",
        "ledger",
        "listings",
        "next_account",
        "next_order",
        "next_trade",
        "next_transfer",
        "orders",
        "sequence",
        "time",
        "withdrawals",
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
        """Keys of credits, debits and deposits; remembered for ever, so nothing is credited
        twice."""
        self.deposits: dict[TransferId, Deposit] = {}
        """Those of which anything can still come, by their ids."""
        self.credited: OrderedDict[TransferId, TimeMs] = OrderedDict()
        """Those deposits that are forgotten some day, and since when each of them stands credited;
        oldest first. The ones on the suspense account are not."""
        self.withdrawals: dict[TransferId, Withdrawal] = {}
        """Those that are not over, by their ids."""
        self.next_account = AccountId(ACCOUNT_FIRST)
        self.next_order = OrderId(ORDER_FIRST)
        self.next_trade = TradeId(TRADE_FIRST)
        self.next_transfer = TransferId(TRANSFER_FIRST)
