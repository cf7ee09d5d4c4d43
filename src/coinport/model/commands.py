"""Commands: what the exchange can be told. Tags and the order of fields are in journals: only
append."""

from typing import TypeAlias

from msgspec import Struct

from coinport.model.listings import CurrencyKind
from coinport.model.trading import MarketState, OrderType, SelfTradePrevention, Side, TimeInForce
from coinport.model.units import (
    AccountId,
    Amount,
    CurrencyId,
    MarketId,
    OrderId,
    Price,
    Quantity,
    TransferId,
)


class PlaceOrder(Struct, frozen=True, array_like=True, tag=1, gc=False):
    account: AccountId
    market: MarketId
    side: Side
    order_type: OrderType
    price: Price
    """The limit; 0 for a market order."""
    quantity: Quantity
    """0 for a market buy by `value`."""
    value: Amount = Amount(0)
    """Quote units to spend at most, for a market buy by value; else 0."""
    time_in_force: TimeInForce = TimeInForce.GTC
    """A market order never rests; FOK refuses it unless all of it can be filled."""
    post_only: bool = False
    """Refused where it would trade at once. Limit GTC orders only."""
    stop_price: Price = Price(0)
    """Above 0: a stop-limit order, waiting until the last price reaches this."""
    self_trade_prevention: SelfTradePrevention = SelfTradePrevention.NONE
    client_order_id: str = ""
    """The account's own name for the order, unique for 24 hours; "" for none."""


class CancelOrder(Struct, frozen=True, array_like=True, tag=2, gc=False):
    account: AccountId
    order: OrderId


class CancelAllOrders(Struct, frozen=True, array_like=True, tag=3, gc=False):
    account: AccountId
    market: MarketId
    """0: in all markets."""


class OpenAccount(Struct, frozen=True, array_like=True, tag=4, gc=False):
    pass


class SuspendAccount(Struct, frozen=True, array_like=True, tag=5, gc=False):
    """The account's open orders are canceled, and it may not place any."""

    account: AccountId
    actor: str
    note: str


class ResumeAccount(Struct, frozen=True, array_like=True, tag=6, gc=False):
    account: AccountId
    actor: str
    note: str


class Credit(Struct, frozen=True, array_like=True, tag=7, gc=False):
    """Money comes in from outside: custody owes it to the account."""

    account: AccountId
    currency: CurrencyId
    amount: Amount
    key: str
    """Idempotency: a key is credited or debited once, for ever; "" for no such promise."""
    actor: str
    note: str


class Debit(Struct, frozen=True, array_like=True, tag=8, gc=False):
    """Money goes out by hand: the opposite of `Credit`, from the available balance."""

    account: AccountId
    currency: CurrencyId
    amount: Amount
    key: str
    actor: str
    note: str


class AddCurrency(Struct, frozen=True, array_like=True, tag=9, gc=False):
    symbol: str
    decimals: int
    kind: CurrencyKind
    actor: str
    note: str


class AddMarket(Struct, frozen=True, array_like=True, tag=10, gc=False):
    base: CurrencyId
    quote: CurrencyId
    price_decimals: int
    amount_decimals: int
    minimum_value: Amount
    reference: MarketId
    maker_fee_ppm: int
    taker_fee_ppm: int
    state: MarketState
    actor: str
    note: str


class SetMarketState(Struct, frozen=True, array_like=True, tag=11, gc=False):
    market: MarketId
    state: MarketState
    actor: str
    note: str


class SetMarketFees(Struct, frozen=True, array_like=True, tag=12, gc=False):
    market: MarketId
    maker_fee_ppm: int
    taker_fee_ppm: int
    actor: str
    note: str


class SetPriceBand(Struct, frozen=True, array_like=True, tag=13, gc=False):
    market: MarketId
    band_ppm: int
    actor: str
    note: str


class AnnounceDeposit(Struct, frozen=True, array_like=True, tag=14, gc=False):
    """Money is on its way in: seen on a chain, or proposed by an administrator. Nothing moves."""

    account: AccountId
    """`SUSPENSE_ACCOUNT` where nobody can tell whose it is."""
    currency: CurrencyId
    amount: Amount
    key: str
    """`LTC:txid:vout`, or the bank's reference: never empty, announced once for ever (unless it was
    dropped), whatever the account. Shares its space with the keys of `Credit` and `Debit`."""
    address: str
    """Where it was sent to; empty for what is on no chain."""
    actor: str
    note: str


class CreditDeposit(Struct, frozen=True, array_like=True, tag=15, gc=False):
    """It is final: custody owes it to the account. What is on no chain takes a second person: not
    the `actor` who announced it."""

    transfer: TransferId
    actor: str
    note: str


class DropDeposit(Struct, frozen=True, array_like=True, tag=16, gc=False):
    """It never came, and was not credited. Its key may be announced again."""

    transfer: TransferId
    actor: str
    note: str


class HoldDeposit(Struct, frozen=True, array_like=True, tag=17, gc=False):
    """It was credited and has left the chain: as much of it as the account still has available (it
    may be nothing) is held. For `DEPOSIT_KEPT_MS` after it was credited, released or assigned; one
    of `SUSPENSE_ACCOUNT` at any time."""

    transfer: TransferId
    actor: str
    note: str


class ReleaseDeposit(Struct, frozen=True, array_like=True, tag=18, gc=False):
    """It is back: the opposite of `HoldDeposit`."""

    transfer: TransferId
    actor: str
    note: str


class WriteOffDeposit(Struct, frozen=True, array_like=True, tag=19, gc=False):
    """It will not come back: what was held of it goes back to custody."""

    transfer: TransferId
    actor: str
    note: str


class AssignDeposit(Struct, frozen=True, array_like=True, tag=20, gc=False):
    """It was credited to `SUSPENSE_ACCOUNT`, however long ago, and it is known now whose it is."""

    transfer: TransferId
    account: AccountId
    actor: str
    note: str


class RequestWithdrawal(Struct, frozen=True, array_like=True, tag=21, gc=False):
    """All of `amount` is set aside at once. How little is too little, and what the fee is, the
    rules do not say: who asks must know."""

    account: AccountId
    currency: CurrencyId
    amount: Amount
    fee: Amount
    """Part of `amount`: what is paid out is the rest."""
    address: str
    """On a chain. Off chain the name of what the identity tables know (a bank account): personal
    data never enters the journal."""
    memo: str
    """A destination tag or the like; empty where there is none."""


class CancelWithdrawal(Struct, frozen=True, array_like=True, tag=22, gc=False):
    """By its owner, while it is pending, suspended or not."""

    account: AccountId
    transfer: TransferId


class ApproveWithdrawal(Struct, frozen=True, array_like=True, tag=23, gc=False):
    """From here on its owner cannot cancel it any more."""

    transfer: TransferId
    actor: str
    note: str


class FailWithdrawal(Struct, frozen=True, array_like=True, tag=24, gc=False):
    """It is refused, or cannot be paid: all of it goes back to the account."""

    transfer: TransferId
    never_arrives: bool
    """Whoever says so knows that it will never arrive, should it have been sent meanwhile."""
    actor: str
    note: str


class SendWithdrawal(Struct, frozen=True, array_like=True, tag=25, gc=False):
    """Its transaction is signed, saved and about to be broadcast; or a bank has the order. May be
    said again: of two transactions that cannot both happen, the later one."""

    transfer: TransferId
    txid: str
    """Or the bank's reference. Empty only for what is on no chain."""
    actor: str


class SettleWithdrawal(Struct, frozen=True, array_like=True, tag=26, gc=False):
    """It has arrived: what was set aside leaves the books, the fee stays with us. Approved is
    enough: it need not have been said that it was sent."""

    transfer: TransferId
    txid: str
    """The one that has paid. Empty only for what is on no chain."""
    actor: str
    note: str


Command: TypeAlias = (
    PlaceOrder
    | CancelOrder
    | CancelAllOrders
    | OpenAccount
    | SuspendAccount
    | ResumeAccount
    | Credit
    | Debit
    | AddCurrency
    | AddMarket
    | SetMarketState
    | SetMarketFees
    | SetPriceBand
    | AnnounceDeposit
    | CreditDeposit
    | DropDeposit
    | HoldDeposit
    | ReleaseDeposit
    | WriteOffDeposit
    | AssignDeposit
    | RequestWithdrawal
    | CancelWithdrawal
    | ApproveWithdrawal
    | FailWithdrawal
    | SendWithdrawal
    | SettleWithdrawal
)
