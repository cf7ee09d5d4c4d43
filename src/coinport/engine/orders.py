"""Orders: what placing and canceling them does."""

from typing import Final

from coinport.engine.book import Book, Order
from coinport.engine.matching import Emit, Plan, cancellation, match, plan
from coinport.engine.state import Account, ClientOrder, State
from coinport.model.commands import CancelAllOrders, CancelOrder, PlaceOrder
from coinport.model.events import OrderPlaced, OrderRepeated, StopTriggered
from coinport.model.listings import Market
from coinport.model.reasons import Reason
from coinport.model.records import encode_command
from coinport.model.trading import MarketState, OrderType, Side, TimeInForce
from coinport.model.units import (
    AMOUNT_MAX,
    CLIENT_ORDER_ID_KEPT_MS,
    CLIENT_ORDER_ID_LENGTH_MAX,
    OPEN_ORDERS_MAX,
    PPM,
    STOP_ORDERS_MAX,
    Amount,
    Price,
    Quantity,
)

_BUY: Final = Side.BUY
_LIMIT: Final = OrderType.LIMIT
_GTC: Final = TimeInForce.GTC
_FOK: Final = TimeInForce.FOK
_OPEN: Final = MarketState.OPEN
_HALTED: Final = MarketState.HALTED


def place(state: State, command: PlaceOrder, emit: Emit) -> Reason | None:
    """Accept the order and match it (or let it wait for its stop price), or refuse it."""
    account = state.accounts.get(command.account)
    if account is None:
        return Reason.UNKNOWN_ACCOUNT
    if command.client_order_id and (first := _known(state, command)) is not None:
        if first.contents != encode_command(command):
            return Reason.CLIENT_ORDER_ID_REUSED
        emit(OrderRepeated(first.order))
        return None
    book = state.books.get(command.market)
    if book is None:
        return Reason.UNKNOWN_MARKET
    reason = _not_now(book, account, command) or _malformed(command)
    if reason is not None:
        return reason
    decide = _limit if command.order_type is _LIMIT else _market
    placed = decide(state, book, command)
    if isinstance(placed, Reason):
        return placed
    emit(placed)
    if command.stop_price:
        first_price = book.last_price
    else:
        first_price = match(state, book, state.orders[placed.order], command, emit)
    if book.triggers:
        _trigger(state, book, first_price, emit)
    return None


def cancel(state: State, command: CancelOrder, emit: Emit) -> Reason | None:
    order = state.orders.get(command.order)
    if order is None or order.account != command.account:
        return Reason.UNKNOWN_ORDER
    book = state.books[order.market]
    if book.market.state is _HALTED:
        return Reason.MARKET_CLOSED
    emit(cancellation(book, order, Reason.REQUESTED, booked=order.terms is None))
    return None


def cancel_all(state: State, command: CancelAllOrders, emit: Emit) -> Reason | None:
    """All open orders of the account, the oldest first; those in halted markets stay."""
    account = state.accounts.get(command.account)
    if account is None:
        return Reason.UNKNOWN_ACCOUNT
    if command.market:
        if command.market not in state.books:
            return Reason.UNKNOWN_MARKET
        if state.books[command.market].market.state is _HALTED:
            return Reason.MARKET_CLOSED
    for order in _oldest_first(account):
        book = state.books[order.market]
        if book.market.state is not _HALTED and command.market in (0, order.market):
            emit(cancellation(book, order, Reason.REQUESTED, booked=order.terms is None))
    return None


def cancel_suspended(state: State, account: Account, emit: Emit) -> None:
    """A suspended account does not go on trading: its orders go, in halted markets too."""
    for order in _oldest_first(account):
        book = state.books[order.market]
        emit(cancellation(book, order, Reason.SUSPENDED, booked=order.terms is None))


def _oldest_first(account: Account) -> list[Order]:
    return sorted(account.orders.values(), key=lambda order: order.order)


def _known(state: State, command: PlaceOrder) -> ClientOrder | None:
    """The order that took this client order id in the last 24 hours."""
    first = state.client_orders.get((command.account, command.client_order_id))
    if first is None or first.time <= state.time - CLIENT_ORDER_ID_KEPT_MS:
        return None
    return first


def _not_now(book: Book, account: Account, command: PlaceOrder) -> Reason | None:
    if account.suspended:
        return Reason.ACCOUNT_SUSPENDED
    if book.market.state is not _OPEN:
        return Reason.MARKET_CLOSED
    if len(account.orders) >= OPEN_ORDERS_MAX:
        return Reason.TOO_MANY_OPEN_ORDERS
    if command.stop_price and account.stops >= STOP_ORDERS_MAX:
        return Reason.TOO_MANY_OPEN_ORDERS
    return None


def _malformed(command: PlaceOrder) -> Reason | None:
    """What is wrong with the order, whatever the state of the exchange."""
    if len(command.client_order_id) > CLIENT_ORDER_ID_LENGTH_MAX:
        return Reason.INVALID_TEXT
    if command.stop_price < 0:
        return Reason.INVALID_PRICE
    if command.order_type is _LIMIT:
        if command.value or (command.post_only and command.time_in_force is not _GTC):
            return Reason.INVALID_ORDER
        if command.price <= 0:
            return Reason.INVALID_PRICE
        return Reason.INVALID_QUANTITY if command.quantity <= 0 else None
    if command.price or command.post_only or command.stop_price:
        return Reason.INVALID_ORDER
    if command.value and (command.quantity or command.side is not _BUY):
        return Reason.INVALID_ORDER
    if command.quantity < 0 or command.value < 0 or not (command.quantity or command.value):
        return Reason.INVALID_QUANTITY
    return None


def _limit(state: State, book: Book, command: PlaceOrder) -> OrderPlaced | Reason:
    market = book.market
    value = market.value(command.price, command.quantity)
    amount = Amount(command.quantity * market.lot)
    if value > AMOUNT_MAX or amount > AMOUNT_MAX or command.stop_price > AMOUNT_MAX:
        return Reason.TOO_LARGE
    if not _worth_enough(state, market, value):
        return Reason.BELOW_MINIMUM_VALUE
    last = book.last_price
    if market.band_ppm and last and abs(command.price - last) * PPM > last * market.band_ppm:
        return Reason.OUTSIDE_PRICE_BAND
    if not command.stop_price:
        obstacle = _obstacle(book, command)
        if obstacle is not None:
            return obstacle
    hold = value if command.side is _BUY else amount
    return _placed(state, market, command, hold, command.quantity)


def _market(state: State, book: Book, command: PlaceOrder) -> OrderPlaced | Reason:
    market = book.market
    if command.value > AMOUNT_MAX or command.quantity * market.lot > AMOUNT_MAX:
        return Reason.TOO_LARGE
    if command.value > state.ledger.available(command.account, market.quote):
        return Reason.INSUFFICIENT_BALANCE
    planned = plan(book, command)
    reason = _not_plannable(state, book, command, planned)
    if reason is not None:
        return reason
    if command.side is _BUY:
        quantity = command.quantity or planned.quantity
        return _placed(state, market, command, planned.value, quantity)
    return _placed(state, market, command, Amount(command.quantity * market.lot), command.quantity)


def _not_plannable(state: State, book: Book, command: PlaceOrder, planned: Plan) -> Reason | None:
    if planned.quantity == 0:
        # Either the value does not buy a single lot from the first, or nobody is there.
        return Reason.BELOW_MINIMUM_VALUE if planned.complete else Reason.NO_LIQUIDITY
    if planned.value > AMOUNT_MAX:
        return Reason.TOO_LARGE
    if not _worth_enough(state, book.market, planned.value):
        return Reason.BELOW_MINIMUM_VALUE
    if command.time_in_force is _FOK and not planned.complete:
        return Reason.NOT_FILLABLE
    return None


def _placed(
    state: State, market: Market, command: PlaceOrder, hold: Amount, quantity: Quantity
) -> OrderPlaced | Reason:
    currency = market.quote if command.side is _BUY else market.base
    if hold > state.ledger.available(command.account, currency):
        return Reason.INSUFFICIENT_BALANCE
    return OrderPlaced(state.next_order, command.account, currency, hold, quantity)


def _worth_enough(state: State, market: Market, value: Amount) -> bool:
    """Whether `value` (quote units of `market`) reaches the least value of an order."""
    if market.reference:
        reference = state.books[market.reference]
        if reference.last_price:
            # Both sides are multiplied by the reference's lot, so that nothing is divided.
            listed = reference.market
            worth = value * reference.last_price * listed.scale
            return worth >= listed.minimum_value * listed.lot
    return value >= market.minimum_value


def _obstacle(book: Book, terms: PlaceOrder) -> Reason | None:
    """Why a limit order may not be matched as the book stands now."""
    if terms.post_only:
        keys = book.opposite(terms.side).keys
        if keys and keys[-1] >= book.worst_key(terms.side, terms.price):
            return Reason.POST_ONLY_WOULD_MATCH
    elif terms.time_in_force is _FOK and not plan(book, terms).complete:
        return Reason.NOT_FILLABLE
    return None


def _trigger(state: State, book: Book, first_price: Price, emit: Emit) -> None:
    """Set off every stop order that a price has reached since `first_price`, and those that this
    sets off in turn."""
    low = high = first_price
    while True:
        last = book.last_price
        low, high = min(low, first_price, last), max(high, first_price, last)
        reached = book.triggers.reached(low, high)
        if reached is None:
            return
        order = state.orders[reached]
        terms = order.terms
        assert terms is not None
        emit(StopTriggered(reached))
        obstacle = _obstacle(book, terms)
        if obstacle is not None:
            emit(cancellation(book, order, obstacle, booked=False))
        else:
            first_price = match(state, book, order, terms, emit)
