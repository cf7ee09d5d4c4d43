"""Accounting: what each event moves. Money moves nowhere else.

Double entry: a transfer takes from one pocket and gives to another, so the sum over all pockets of
a currency is zero for ever. Money from outside comes out of the custody account, whose balance is
therefore minus what the exchange owes.
"""

from typing import Final, TypeAlias

from coinport.model.events import (
    Credited,
    Debited,
    DepositAssigned,
    DepositCredited,
    DepositHeld,
    DepositReleased,
    DepositWrittenOff,
    Event,
    OrderCanceled,
    OrderPlaced,
    Traded,
    WithdrawalCanceled,
    WithdrawalFailed,
    WithdrawalRequested,
    WithdrawalSettled,
)
from coinport.model.listings import Listings
from coinport.model.trading import Side
from coinport.model.units import (
    CUSTODY_ACCOUNT,
    FEE_ACCOUNT,
    PPM,
    SUSPENSE_ACCOUNT,
    AccountId,
    Amount,
    CurrencyId,
)

AVAILABLE: Final = 0
FROZEN: Final = 1
"""Held for open orders."""
PENDING: Final = 2
"""Held for withdrawals."""
HELD: Final = 3
"""Held back: of a deposit that left its chain."""

Transfer: TypeAlias = tuple[CurrencyId, int, int, Amount]
"""(currency, pocket it is taken from, pocket it goes to, amount)."""
_Moving: TypeAlias = (
    Credited
    | Debited
    | DepositCredited
    | DepositHeld
    | DepositReleased
    | DepositWrittenOff
    | DepositAssigned
    | WithdrawalRequested
    | WithdrawalCanceled
    | WithdrawalFailed
)


def pocket(account: AccountId, bucket: int) -> int:
    """The key of one bucket of an account; `divmod(pocket, 4)` gives both back."""
    return account * 4 + bucket


CUSTODY_POCKET: Final = pocket(CUSTODY_ACCOUNT, AVAILABLE)
FEE_POCKET: Final = pocket(FEE_ACCOUNT, AVAILABLE)
SUSPENSE_POCKET: Final = pocket(SUSPENSE_ACCOUNT, AVAILABLE)
_BUY: Final = Side.BUY


def transfers(event: Event, listings: Listings) -> list[Transfer]:
    """Everything that `event` moves. An amount is 0 only where the fee takes all of what is due."""
    kind = type(event)
    if kind is Traded:
        assert isinstance(event, Traded)
        return _trade(event, listings)
    if kind is OrderPlaced:
        assert isinstance(event, OrderPlaced)
        own = event.account * 4
        return [(event.currency, own + AVAILABLE, own + FROZEN, event.hold)]
    if kind is OrderCanceled:
        assert isinstance(event, OrderCanceled)
        own = event.account * 4
        if event.released == 0:
            return []
        return [(event.currency, own + FROZEN, own + AVAILABLE, event.released)]
    return _in_and_out(event)


def fee(amount: Amount, ppm: int) -> Amount:
    """The fee on `amount`: the one place where something is rounded, up, to the exchange."""
    return Amount(-(-amount * ppm // PPM))


def _in_and_out(event: Event) -> list[Transfer]:
    match event:
        case Credited() | DepositCredited():
            return _moved(event, CUSTODY_POCKET, pocket(event.account, AVAILABLE))
        case Debited():
            return _moved(event, pocket(event.account, AVAILABLE), CUSTODY_POCKET)
        case DepositHeld():
            return _moved(event, pocket(event.account, AVAILABLE), pocket(event.account, HELD))
        case DepositReleased():
            return _moved(event, pocket(event.account, HELD), pocket(event.account, AVAILABLE))
        case DepositWrittenOff():
            return _moved(event, pocket(event.account, HELD), CUSTODY_POCKET)
        case DepositAssigned():
            return _moved(event, SUSPENSE_POCKET, pocket(event.account, AVAILABLE))
        case WithdrawalRequested():
            return _moved(event, pocket(event.account, AVAILABLE), pocket(event.account, PENDING))
        case WithdrawalCanceled() | WithdrawalFailed():
            return _moved(event, pocket(event.account, PENDING), pocket(event.account, AVAILABLE))
        case WithdrawalSettled():
            return _paid_out(event)
        case _:
            return []


def _moved(event: _Moving, debit: int, credit: int) -> list[Transfer]:
    """All of the event's amount; of a deposit that had all been spent, nothing was held."""
    return [(event.currency, debit, credit, event.amount)] if event.amount else []


def _paid_out(settled: WithdrawalSettled) -> list[Transfer]:
    pending = pocket(settled.account, PENDING)
    paid = Amount(settled.amount - settled.fee)
    moved: list[Transfer] = [(settled.currency, pending, CUSTODY_POCKET, paid)]
    if settled.fee:
        moved.append((settled.currency, pending, FEE_POCKET, settled.fee))
    return moved


def _trade(trade: Traded, listings: Listings) -> list[Transfer]:
    market = listings.markets[trade.market]
    base, quote = market.base, market.quote
    value = Amount(trade.price * trade.quantity * market.scale)
    amount = Amount(trade.quantity * market.lot)
    taker, maker = trade.taker_account * 4, trade.maker_account * 4
    if trade.taker_side is _BUY:
        buyer, buyer_fee, seller, seller_fee = taker, trade.taker_fee, maker, trade.maker_fee
    else:
        buyer, buyer_fee, seller, seller_fee = maker, trade.maker_fee, taker, trade.taker_fee
    moved: list[Transfer] = [
        (quote, buyer + FROZEN, seller + AVAILABLE, Amount(value - seller_fee)),
        (base, seller + FROZEN, buyer + AVAILABLE, Amount(amount - buyer_fee)),
    ]
    if seller_fee:
        moved.append((quote, buyer + FROZEN, FEE_POCKET, seller_fee))
    if buyer_fee:
        moved.append((base, seller + FROZEN, FEE_POCKET, buyer_fee))
    if trade.released:
        moved.append((quote, buyer + FROZEN, buyer + AVAILABLE, trade.released))
    return moved
