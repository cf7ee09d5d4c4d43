"""Orders: their terms and what became of them."""

from collections.abc import Callable, Iterable
from collections.abc import Sequence as SequenceOf
from enum import IntEnum
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Index, Select, Table, Text, and_, select, text
from sqlalchemy.schema import Column

from coinport.model.commands import PlaceOrder
from coinport.model.events import (
    Event,
    OrderBooked,
    OrderCanceled,
    OrderPlaced,
    StopTriggered,
    Traded,
)
from coinport.model.listings import Listings
from coinport.model.records import Record
from coinport.model.trading import OrderType, SelfTradePrevention, Side, TimeInForce
from coinport.model.units import AccountId, Amount, MarketId, OrderId, Price, Quantity, TimeMs
from coinport.readmodels.paging import Page, below, known, page
from coinport.readmodels.projection import INTEGER_MAX, Handlers, Reader, key, metadata, whole
from coinport.readmodels.upsert import Upsert, grown


class OrderStatus(IntEnum):
    OPEN = 0
    """A waiting stop order as well."""
    FILLED = 1
    PARTLY_FILLED = 2
    """And still open."""
    CANCELED = 3
    """It may have traded before."""


class Order(Struct, frozen=True, array_like=True):
    """The fields are the columns of the table, in their order: first what changes."""

    id: OrderId
    updated_ms: TimeMs
    booked: bool
    """It is in the book, or was until it ended."""
    triggered: bool
    """It is a stop order whose stop price was reached."""
    executed: Quantity
    executed_value: Amount
    """Quote units."""
    fee: Amount
    """In the currency the order receives: base for a buy, quote for a sell."""
    reason: int
    """The `Reason` why it was canceled; 0: it was not."""
    account: AccountId
    market: MarketId
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    post_only: bool
    stop_price: Price
    self_trade_prevention: SelfTradePrevention
    price: Price
    quantity: Quantity
    value: Amount
    """What a market buy by value was to spend at most, else 0."""
    client_order_id: str
    created_ms: TimeMs

    @property
    def leaves(self) -> Quantity:
        """What has not traded."""
        return Quantity(self.quantity - self.executed)

    @property
    def status(self) -> OrderStatus:
        if self.executed == self.quantity:
            return OrderStatus.FILLED
        if self.reason:
            return OrderStatus.CANCELED
        return OrderStatus.PARTLY_FILLED if self.executed else OrderStatus.OPEN


orders = Table(
    "orders",
    metadata,
    key("id"),
    whole("updated_ms"),
    whole("booked"),
    whole("triggered"),
    whole("executed"),
    whole("executed_value"),
    whole("fee"),
    whole("reason"),
    whole("account"),
    whole("market"),
    whole("side"),
    whole("order_type"),
    whole("time_in_force"),
    whole("post_only"),
    whole("stop_price"),
    whole("self_trade_prevention"),
    whole("price"),
    whole("quantity"),
    whole("value"),
    Column("client_order_id", Text, nullable=False),
    whole("created_ms"),
)
# As text, because an index on some rows serves only a query that says the same words.
OPEN: Final = text("executed < quantity AND reason = 0")
Index("orders_of_account", orders.c.account, orders.c.id)
Index(
    "open_orders_of_account",
    orders.c.account,
    orders.c.id,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)

# A row that comes for an order already there holds what is to be added.
_UPSERT: Final = Upsert(
    orders,
    lambda new: {
        "updated_ms": new.updated_ms,
        "booked": orders.c.booked + new.booked,
        "triggered": orders.c.triggered + new.triggered,
        "executed": orders.c.executed + new.executed,
        "executed_value": grown(orders.c.executed_value, new.executed_value),
        "fee": grown(orders.c.fee, new.fee),
        "reason": orders.c.reason + new.reason,
    },
)
_UPDATED, _BOOKED, _TRIGGERED, _EXECUTED, _VALUE, _FEE, _REASON = range(1, 8)
_OLDER: Final[list[Any]] = [0] * len(orders.columns)
_OLDER[list(orders.columns.keys()).index("client_order_id")] = ""


class OrdersProjection:
    def __init__(self, listings: Listings) -> None:
        self._markets = listings.markets
        self._rows: dict[OrderId, list[Any]] = {}

    def handlers(self) -> Handlers:
        return {kind: partial(apply, self) for kind, apply in _APPLY.items()}

    def write(self, connection: Connection) -> None:
        for row in self._rows.values():
            row[_VALUE] = min(row[_VALUE], INTEGER_MAX)
            row[_FEE] = min(row[_FEE], INTEGER_MAX)
        _UPSERT.write(connection, list(self._rows.values()))

    def order(self, order: OrderId) -> Order:
        """As it is after what was folded, which must begin with the order's own record."""
        return _order(self._rows[order])

    def begin(self, rows: Iterable[SequenceOf[Any]]) -> None:
        """Of orders that were there before: then `order` knows all of them, not what was added."""
        self._rows |= {row[0]: list(row) for row in rows}

    def forget(self, order: OrderId) -> None:
        self._rows.pop(order, None)

    def _placed(self, record: Record, event: OrderPlaced) -> None:
        terms = record.command
        assert isinstance(terms, PlaceOrder)
        # int(): sqlite3 takes a microsecond to see that a member of an enum is a number.
        self._rows[event.order] = [
            *(event.order, record.time, 0, 0, 0, 0, 0, 0),
            event.account,
            terms.market,
            int(terms.side),
            int(terms.order_type),
            int(terms.time_in_force),
            int(terms.post_only),
            terms.stop_price,
            int(terms.self_trade_prevention),
            terms.price,
            event.quantity,
            terms.value,
            terms.client_order_id,
            record.time,
        ]

    def _booked(self, record: Record, event: OrderBooked) -> None:
        self._changed(record, event.order)[_BOOKED] = 1

    def _triggered(self, record: Record, event: StopTriggered) -> None:
        self._changed(record, event.order)[_TRIGGERED] = 1

    def _canceled(self, record: Record, event: OrderCanceled) -> None:
        self._changed(record, event.order)[_REASON] = int(event.reason)

    def _traded(self, record: Record, event: Traded) -> None:
        quantity = event.quantity
        value = self._markets[event.market].value(event.price, quantity)
        taker = self._changed(record, event.taker_order)
        taker[_EXECUTED] += quantity
        taker[_VALUE] += value
        taker[_FEE] += event.taker_fee
        maker = self._changed(record, event.maker_order)
        maker[_EXECUTED] += quantity
        maker[_VALUE] += value
        maker[_FEE] += event.maker_fee

    def _changed(self, record: Record, order: OrderId) -> list[Any]:
        row = self._rows.get(order)
        if row is None:
            row = self._rows[order] = _OLDER.copy()
            row[0] = order
        row[_UPDATED] = record.time
        return row


_APPLY: Final[dict[type[Event], Callable[[OrdersProjection, Record, Any], None]]] = {
    OrderPlaced: OrdersProjection._placed,
    OrderBooked: OrdersProjection._booked,
    Traded: OrdersProjection._traded,
    OrderCanceled: OrdersProjection._canceled,
    StopTriggered: OrdersProjection._triggered,
}


def placed_order(record: Record, listings: Listings) -> Order | None:
    """The order that `record` placed, as the table will have it right after; None for any other
    record, a refusal for instance."""
    if not isinstance(record.command, PlaceOrder):
        return None
    placed = record.events[0]
    if not isinstance(placed, OrderPlaced):
        return None
    if len(record.events) == 2 and type(record.events[1]) is OrderBooked:
        return _booked_order(record.time, record.command, placed)
    projection = OrdersProjection(listings)
    for event in record.events:
        if apply := _APPLY.get(type(event)):
            apply(projection, record, event)
    return projection.order(placed.order)


def _booked_order(time: TimeMs, terms: PlaceOrder, placed: OrderPlaced) -> Order:
    """One that went into the book as it was. Most do, and their answer is on the way of all."""
    booked, nothing = True, Amount(0)
    return Order(
        *(placed.order, time, booked, False, Quantity(0), nothing, nothing, 0),
        *(terms.account, terms.market, terms.side, terms.order_type, terms.time_in_force),
        *(terms.post_only, terms.stop_price, terms.self_trade_prevention, terms.price),
        *(placed.quantity, terms.value, terms.client_order_id, time),
    )


class Orders:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def of(
        self,
        account: AccountId,
        *,
        market: MarketId | None = None,
        status: OrderStatus | None = None,
        cursor: int | None = None,
        limit: int,
    ) -> Page[Order]:
        """Newest first."""
        query = select(orders).where(orders.c.account == account, orders.c.id < below(cursor))
        if market is not None:
            query = query.where(orders.c.market == market)
        if status is not None:
            query = query.where(_WITH_STATUS[status])
        return page(await self._rows(query.limit(limit + 1)), limit)

    async def by_id(self, account: AccountId, ids: Iterable[int]) -> list[Order]:
        """Newest first. Unknown orders and those of others are left out."""
        mine = and_(orders.c.account == account, orders.c.id.in_(known(ids)))
        return await self._rows(select(orders).where(mine))

    async def _rows(self, query: Select[Any]) -> list[Order]:
        newest_first = query.order_by(orders.c.id.desc())
        rows = await self._reader.read(lambda connection: connection.execute(newest_first).all())
        return [_order(tuple(row)) for row in rows]


_WITH_STATUS: Final[dict[OrderStatus, ColumnElement[bool]]] = {
    OrderStatus.OPEN: and_(OPEN, orders.c.executed == 0),
    OrderStatus.FILLED: orders.c.executed == orders.c.quantity,
    OrderStatus.PARTLY_FILLED: and_(OPEN, orders.c.executed > 0),
    OrderStatus.CANCELED: orders.c.reason > 0,
}


def _order(row: SequenceOf[int | str]) -> Order:
    # Not strict: SQL has numbers for booleans.
    return msgspec.convert(row, Order, strict=False)
