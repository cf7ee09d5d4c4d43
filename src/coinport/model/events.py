"""Events: what came of a command. Tags and the order of fields are in journals: only append.

An event says what its record's command does not: the terms of an order, for instance, stand only in
`PlaceOrder`. A reader therefore always has the whole `Record` at hand.
"""

from typing import TypeAlias

from msgspec import Struct

from coinport.model.listings import Currency, Market
from coinport.model.reasons import Reason
from coinport.model.trading import MarketState, Side
from coinport.model.units import (
    AccountId,
    Amount,
    CurrencyId,
    MarketId,
    OrderId,
    Price,
    Quantity,
    TradeId,
    TransferId,
)


class OrderPlaced(Struct, frozen=True, array_like=True, tag=1, gc=False):
    """Accepted; its hold is frozen. A stop order now waits, any other is matched at once."""

    order: OrderId
    account: AccountId
    currency: CurrencyId
    """Of the hold: the quote for a buy, the base for a sell."""
    hold: Amount
    quantity: Quantity
    """Lots; for a market buy by value, what its value buys from the book as it stands."""


class OrderBooked(Struct, frozen=True, array_like=True, tag=2, gc=False):
    """What did not trade now rests in the book, last in the queue of its price."""

    order: OrderId
    market: MarketId
    side: Side
    price: Price
    leaves: Quantity


class Traded(Struct, frozen=True, array_like=True, tag=3, gc=False):
    """A trade at the maker's price."""

    trade: TradeId
    market: MarketId
    taker_side: Side
    price: Price
    quantity: Quantity
    taker_order: OrderId
    taker_account: AccountId
    taker_fee: Amount
    """In the currency the taker receives: base for a buyer, quote for a seller."""
    maker_order: OrderId
    maker_account: AccountId
    maker_fee: Amount
    released: Amount
    """Quote units that go back to a buying taker at once, because the price was better than his."""


class OrderCanceled(Struct, frozen=True, array_like=True, tag=4, gc=False):
    order: OrderId
    account: AccountId
    market: MarketId
    side: Side
    price: Price
    """Its limit; 0 for a market order."""
    leaves: Quantity
    """What never traded."""
    booked: bool
    """It rested in the book until now (the rest of a taker, or a waiting stop, did not)."""
    currency: CurrencyId
    released: Amount
    """The rest of the hold, available again."""
    reason: Reason


class StopTriggered(Struct, frozen=True, array_like=True, tag=5, gc=False):
    """The last price reached the order's stop price: from here on it is like one just placed."""

    order: OrderId


class OrderRepeated(Struct, frozen=True, array_like=True, tag=6, gc=False):
    """The same client order id with the same contents: nothing happens, `order` is the first."""

    order: OrderId


class Refused(Struct, frozen=True, array_like=True, tag=7, gc=False):
    """The rules say no; nothing has changed."""

    reason: Reason


class AccountOpened(Struct, frozen=True, array_like=True, tag=8, gc=False):
    account: AccountId


class AccountSuspended(Struct, frozen=True, array_like=True, tag=9, gc=False):
    account: AccountId


class AccountResumed(Struct, frozen=True, array_like=True, tag=10, gc=False):
    account: AccountId


class Credited(Struct, frozen=True, array_like=True, tag=11, gc=False):
    account: AccountId
    currency: CurrencyId
    amount: Amount


class Debited(Struct, frozen=True, array_like=True, tag=12, gc=False):
    account: AccountId
    currency: CurrencyId
    amount: Amount


class CurrencyAdded(Struct, frozen=True, array_like=True, tag=13, gc=False):
    currency: Currency


class MarketAdded(Struct, frozen=True, array_like=True, tag=14, gc=False):
    market: Market


class MarketStateSet(Struct, frozen=True, array_like=True, tag=15, gc=False):
    market: MarketId
    state: MarketState


class MarketFeesSet(Struct, frozen=True, array_like=True, tag=16, gc=False):
    market: MarketId
    maker_fee_ppm: int
    taker_fee_ppm: int


class PriceBandSet(Struct, frozen=True, array_like=True, tag=17, gc=False):
    market: MarketId
    band_ppm: int


class DepositAnnounced(Struct, frozen=True, array_like=True, tag=18, gc=False):
    """Nothing has moved yet."""

    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount


class DepositCredited(Struct, frozen=True, array_like=True, tag=19, gc=False):
    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount


class DepositDropped(Struct, frozen=True, array_like=True, tag=20, gc=False):
    """Nothing ever moved."""

    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount


class DepositHeld(Struct, frozen=True, array_like=True, tag=21, gc=False):
    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount
    """What was still available of it; 0 where it was nothing."""


class DepositReleased(Struct, frozen=True, array_like=True, tag=22, gc=False):
    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount
    """What had been held."""


class DepositWrittenOff(Struct, frozen=True, array_like=True, tag=23, gc=False):
    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount
    """What had been held."""


class DepositAssigned(Struct, frozen=True, array_like=True, tag=24, gc=False):
    """From `SUSPENSE_ACCOUNT`."""

    transfer: TransferId
    account: AccountId
    """Whose it is now."""
    currency: CurrencyId
    amount: Amount


class WithdrawalRequested(Struct, frozen=True, array_like=True, tag=25, gc=False):
    """Available before, pending now."""

    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount


class WithdrawalCanceled(Struct, frozen=True, array_like=True, tag=26, gc=False):
    """Available again."""

    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount


class WithdrawalApproved(Struct, frozen=True, array_like=True, tag=27, gc=False):
    """Still pending on the books, and so it is until it has arrived or failed."""

    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount


class WithdrawalFailed(Struct, frozen=True, array_like=True, tag=28, gc=False):
    """Available again."""

    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount


class WithdrawalSent(Struct, frozen=True, array_like=True, tag=29, gc=False):
    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount


class WithdrawalSettled(Struct, frozen=True, array_like=True, tag=30, gc=False):
    """No longer pending: off the books, but for the fee."""

    transfer: TransferId
    account: AccountId
    currency: CurrencyId
    amount: Amount
    """All of it, the fee included."""
    fee: Amount
    """Part of `amount`."""


Event: TypeAlias = (
    OrderPlaced
    | OrderBooked
    | Traded
    | OrderCanceled
    | StopTriggered
    | OrderRepeated
    | Refused
    | AccountOpened
    | AccountSuspended
    | AccountResumed
    | Credited
    | Debited
    | CurrencyAdded
    | MarketAdded
    | MarketStateSet
    | MarketFeesSet
    | PriceBandSet
    | DepositAnnounced
    | DepositCredited
    | DepositDropped
    | DepositHeld
    | DepositReleased
    | DepositWrittenOff
    | DepositAssigned
    | WithdrawalRequested
    | WithdrawalCanceled
    | WithdrawalApproved
    | WithdrawalFailed
    | WithdrawalSent
    | WithdrawalSettled
)
