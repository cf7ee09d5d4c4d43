"""Matching: an order against the other side of the book, best price first, then oldest.

Trades happen at the maker's price. `plan` says beforehand what `match` will do, for the orders that
must know: fill-or-kill, and market orders, whose hold is what they will cost.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from coinport.engine.accounting import fee
from coinport.engine.book import Book, Order
from coinport.engine.state import State
from coinport.model.commands import PlaceOrder
from coinport.model.events import Event, OrderBooked, OrderCanceled, Traded
from coinport.model.reasons import Reason
from coinport.model.trading import OrderType, SelfTradePrevention, Side, TimeInForce
from coinport.model.units import TRADES_MAX, Amount, Price, Quantity

Emit = Callable[[Event], None]

_BUY: Final = Side.BUY
_GTC: Final = TimeInForce.GTC
_LIMIT: Final = OrderType.LIMIT
_STP_NONE: Final = SelfTradePrevention.NONE
_EXPIRES_TAKER: Final = (SelfTradePrevention.EXPIRE_TAKER, SelfTradePrevention.EXPIRE_BOTH)
_EXPIRES_MAKER: Final = (SelfTradePrevention.EXPIRE_MAKER, SelfTradePrevention.EXPIRE_BOTH)


def match(
    state: State,
    book: Book,
    order: Order,
    terms: PlaceOrder,
    emit: Emit,
) -> Price:
    """Trade `order` as far as it goes; then it is filled, or its rest is booked or canceled.

    Returns the price of its first trade (the last price where it had none): as trades only get
    worse, this and the last price bound them all.
    """
    first_price = book.last_price
    ended = None
    prevention = terms.self_trade_prevention
    half = book.opposite(order.side)
    worst = book.worst_key(order.side, order.price)
    keys = half.keys
    trades = 0
    while order.leaves and keys and keys[-1] >= worst:
        maker = half.first()
        if prevention is not _STP_NONE and maker.account == order.account:
            if prevention in _EXPIRES_MAKER:
                emit(cancellation(book, maker, Reason.SELF_TRADE, booked=True))
            if prevention in _EXPIRES_TAKER:
                ended = Reason.SELF_TRADE
                break
            continue
        if trades == TRADES_MAX:
            ended = Reason.TRADES_MAX
            break
        if not trades:
            first_price = maker.price
        trades += 1
        emit(_trade(state, book, order, maker))
    if order.leaves:
        if ended is None:
            if terms.order_type is not _LIMIT:
                ended = Reason.NO_LIQUIDITY
            elif terms.time_in_force is not _GTC:
                ended = Reason.IMMEDIATE_OR_CANCEL
            else:
                emit(OrderBooked(order.order, order.market, order.side, order.price, order.leaves))
                return first_price
        emit(cancellation(book, order, ended, booked=False))
    return first_price


def cancellation(book: Book, order: Order, reason: Reason, *, booked: bool) -> OrderCanceled:
    """The event that ends `order`: what is left of its hold is released."""
    market = book.market
    leaves = order.leaves
    if order.side is _BUY:
        # A market buy (price 0) holds exactly what its plan costs: nothing is left of it.
        currency, released = market.quote, Amount(order.price * leaves * market.scale)
    else:
        currency, released = market.base, Amount(leaves * market.lot)
    return OrderCanceled(
        order.order,
        order.account,
        order.market,
        order.side,
        order.price,
        leaves,
        booked,
        currency,
        released,
        reason,
    )


class Plan(NamedTuple):
    quantity: Quantity
    """Lots that would trade now."""
    value: Amount
    """What they cost, in quote units."""
    complete: bool
    """The order gets all it asks for (by value: it cannot afford one lot more)."""


def plan(book: Book, terms: PlaceOrder) -> Plan:
    """What `match` would do now with an order of these terms, by quantity or by value."""
    prevention = terms.self_trade_prevention
    worst = book.worst_key(terms.side, terms.price)
    half = book.opposite(terms.side)
    scale = book.market.scale
    lots = cost = trades = 0
    complete = False
    for maker in half.queue():
        if half.sign * maker.price < worst or trades == TRADES_MAX:
            break
        if prevention is not _STP_NONE and maker.account == terms.account:
            if prevention in _EXPIRES_TAKER:
                break
            continue
        if terms.value:
            wanted = (terms.value - cost) // (maker.price * scale)
        else:
            wanted = terms.quantity - lots
        take = min(maker.leaves, wanted)
        trades += 1
        lots += take
        cost += take * maker.price * scale
        if take == wanted:
            complete = True
            break
    return Plan(Quantity(lots), Amount(cost), complete)


def _trade(state: State, book: Book, taker: Order, maker: Order) -> Traded:
    market = book.market
    price = maker.price
    quantity = min(taker.leaves, maker.leaves)
    released = taker_fee = maker_fee = 0
    if taker.side is _BUY and taker.price:
        released = (taker.price - price) * quantity * market.scale
    if market.taker_fee_ppm or market.maker_fee_ppm:
        value, amount = market.value(price, quantity), Amount(quantity * market.lot)
        to_taker, to_maker = (amount, value) if taker.side is _BUY else (value, amount)
        taker_fee = fee(to_taker, market.taker_fee_ppm)
        maker_fee = fee(to_maker, market.maker_fee_ppm)
    return Traded(
        state.next_trade,
        taker.market,
        taker.side,
        price,
        quantity,
        taker.order,
        taker.account,
        Amount(taker_fee),
        maker.order,
        maker.account,
        Amount(maker_fee),
        Amount(released),
    )
