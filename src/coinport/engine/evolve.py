"""Evolve: how an event changes the state. The same code for what happens now and for a replay."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from coinport.engine import evolve_transfers
from coinport.engine.accounting import transfers
from coinport.engine.book import Book, Order
from coinport.engine.state import Account, ClientOrder, State
from coinport.model.commands import Command, Credit, Debit, PlaceOrder
from coinport.model.events import (
    AccountOpened,
    AccountResumed,
    AccountSuspended,
    Credited,
    CurrencyAdded,
    Debited,
    Event,
    MarketAdded,
    MarketFeesSet,
    MarketStateSet,
    OrderBooked,
    OrderCanceled,
    OrderPlaced,
    OrderRepeated,
    PriceBandSet,
    Refused,
    StopTriggered,
    Traded,
)
from coinport.model.listings import Market
from coinport.model.records import encode_command
from coinport.model.units import (
    CLIENT_ORDER_ID_KEPT_MS,
    AccountId,
    MarketId,
    OrderId,
    TradeId,
)


def evolve(state: State, event: Event, command: Command) -> None:
    """Apply `event`, which came of `command`. Cannot fail on an event that an engine decided."""
    _APPLY[type(event)](state, event, command)


def _placed(state: State, event: OrderPlaced, command: Command) -> None:
    assert isinstance(command, PlaceOrder)
    stop = command.stop_price
    book = state.books[command.market]
    order = Order(
        event.order,
        event.account,
        book.market,
        command.side,
        command.price,
        event.quantity,
        command if stop else None,
    )
    account = state.accounts[event.account]
    state.orders[event.order] = account.orders[event.order] = order
    state.next_order = OrderId(event.order + 1)
    state.ledger.post(transfers(event, state.listings))
    if stop:
        account.stops += 1
        book.triggers.add(command.side, stop, event.order)
    if command.client_order_id:
        _remember(state, command, event.order)


def _remember(state: State, command: PlaceOrder, order: OrderId) -> None:
    known = state.client_orders
    while known:
        oldest = next(iter(known))
        if known[oldest].time > state.time - CLIENT_ORDER_ID_KEPT_MS:
            break
        del known[oldest]
    known[command.account, command.client_order_id] = ClientOrder(
        state.time, order, encode_command(command)
    )


def _booked(state: State, event: OrderBooked, command: Command) -> None:
    state.books[event.market].own(event.side).add(state.orders[event.order])


def _traded(state: State, event: Traded, command: Command) -> None:
    book = state.books[event.market]
    book.last_price = event.price
    state.next_trade = TradeId(event.trade + 1)
    state.ledger.post(transfers(event, state.listings))
    quantity = event.quantity
    maker = state.orders[event.maker_order]
    taker = state.orders[event.taker_order]
    maker.leaves -= quantity  # type: ignore[assignment]
    taker.leaves -= quantity  # type: ignore[assignment]
    if not maker.leaves:
        book.own(maker.side).remove(maker)
        _forget(state, maker)
    if not taker.leaves:
        _forget(state, taker)


def _forget(state: State, order: Order) -> None:
    del state.orders[order.order]
    del state.accounts[order.account].orders[order.order]


def _canceled(state: State, event: OrderCanceled, command: Command) -> None:
    order = state.orders[event.order]
    state.ledger.post(transfers(event, state.listings))
    if event.booked:
        state.books[event.market].own(order.side).remove(order)
    elif order.terms is not None:
        _stop_waiting(state, order, order.terms)
    _forget(state, order)


def _triggered(state: State, event: StopTriggered, command: Command) -> None:
    order = state.orders[event.order]
    assert order.terms is not None
    _stop_waiting(state, order, order.terms)


def _stop_waiting(state: State, order: Order, terms: PlaceOrder) -> None:
    state.books[order.market].triggers.remove(order.side, terms.stop_price, order.order)
    state.accounts[order.account].stops -= 1
    order.terms = None


def _nothing(state: State, event: Event, command: Command) -> None:
    pass


def _opened(state: State, event: AccountOpened, command: Command) -> None:
    state.accounts[event.account] = Account()
    state.next_account = AccountId(event.account + 1)


def _suspended(state: State, event: AccountSuspended, command: Command) -> None:
    state.accounts[event.account].suspended = True


def _resumed(state: State, event: AccountResumed, command: Command) -> None:
    state.accounts[event.account].suspended = False


def _moved(state: State, event: Credited | Debited, command: Command) -> None:
    assert isinstance(command, Credit | Debit)
    state.ledger.post(transfers(event, state.listings))
    if command.key:
        state.keys.add(command.key)


def _currency_added(state: State, event: CurrencyAdded, command: Command) -> None:
    state.listings.put_currency(event.currency)
    state.ledger.add_currency(event.currency.currency)


def _market_added(state: State, event: MarketAdded, command: Command) -> None:
    state.books[event.market.market] = Book(event.market)
    state.listings.put_market(event.market)


def _state_set(state: State, event: MarketStateSet, command: Command) -> None:
    _relist(state, event.market, replace(state.books[event.market].market, state=event.state))


def _fees_set(state: State, event: MarketFeesSet, command: Command) -> None:
    maker, taker = event.maker_fee_ppm, event.taker_fee_ppm
    market = state.books[event.market].market
    _relist(state, event.market, replace(market, maker_fee_ppm=maker, taker_fee_ppm=taker))


def _band_set(state: State, event: PriceBandSet, command: Command) -> None:
    market = state.books[event.market].market
    _relist(state, event.market, replace(market, band_ppm=event.band_ppm))


def _relist(state: State, at: MarketId, market: Market) -> None:
    state.books[at].market = market
    state.listings.put_market(market)


# A dict, because this is the hot path (a `match` costs 60 ns for its first case and 500 for its
# twentieth); tests/engine/test_evolve.py holds it complete.
_APPLY: Final[dict[type[Event], Callable[[State, Any, Command], None]]] = {
    OrderPlaced: _placed,
    OrderBooked: _booked,
    Traded: _traded,
    OrderCanceled: _canceled,
    StopTriggered: _triggered,
    OrderRepeated: _nothing,
    Refused: _nothing,
    AccountOpened: _opened,
    AccountSuspended: _suspended,
    AccountResumed: _resumed,
    Credited: _moved,
    Debited: _moved,
    CurrencyAdded: _currency_added,
    MarketAdded: _market_added,
    MarketStateSet: _state_set,
    MarketFeesSet: _fees_set,
    PriceBandSet: _band_set,
    **evolve_transfers.APPLY,
}
