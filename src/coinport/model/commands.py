"""Commands: what the exchange can be told. Tags and the order of fields are in journals: only
append."""

from typing import TypeAlias

from msgspec import Struct

from coinport.model.listings import CurrencyKind
from coinport.model.trading import MarketState, OrderType, SelfTradePrevention, Side, TimeInForce
from coinport.model.units import AccountId, Amount, CurrencyId, MarketId, OrderId, Price, Quantity


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
)
