"""Own orders: those of one account that are open, in memory, and what has become of them lately."""

from collections.abc import Iterable
from collections.abc import Sequence as SequenceOf
from typing import Any, Final

from sqlalchemy import Connection, select

from coinport.model.events import OrderPlaced, Traded
from coinport.model.listings import Listings
from coinport.model.records import Record
from coinport.model.units import AccountId, OrderId
from coinport.readmodels.orders import OPEN, Order, OrdersProjection, OrderStatus, orders

_ENDED: Final = (OrderStatus.FILLED, OrderStatus.CANCELED)


class OwnOrders:
    def __init__(self, listings: Listings, account: AccountId) -> None:
        self._account = account
        self._orders = OrdersProjection(listings)
        self._apply = self._orders.handlers()
        self._open: dict[OrderId, None] = {}
        self._changed: dict[OrderId, None] = {}

    def begin(self, rows: Iterable[SequenceOf[Any]]) -> None:
        """With `open_orders`; then `follow` what came after the record that they are made up to."""
        rows = list(rows)
        self._orders.begin(rows)
        self._open |= {OrderId(row[0]): None for row in rows}

    def follow(self, record: Record, event: Any) -> None:
        """Any event: those of others, and of no order, are passed over."""
        apply = self._apply.get(type(event))
        if apply is None:
            return
        if type(event) is Traded:
            concerned = [event.taker_order, event.maker_order]
        else:
            concerned = [event.order]
            if type(event) is OrderPlaced and event.account == self._account:
                self._open[event.order] = None
        if not any(order in self._open for order in concerned):
            return
        apply(record, event)
        for order in concerned:
            if order in self._open:
                self._changed[order] = None
            else:
                self._orders.forget(order)

    def take_changed(self) -> list[Order]:
        """Since it was called last, as they now are. Those that have ended are then forgotten."""
        changed = [self._orders.order(order) for order in self._changed]
        self._changed.clear()
        for order in changed:
            if order.status in _ENDED:
                del self._open[order.id]
                self._orders.forget(order.id)
        return changed

    def open(self) -> list[Order]:
        """The newest first."""
        return [self._orders.order(order) for order in sorted(self._open, reverse=True)]


def open_orders(connection: Connection, account: AccountId) -> list[SequenceOf[Any]]:
    """Rows of their table. At most OPEN_ORDERS_MAX: the rules allow no more."""
    mine = select(orders).where(orders.c.account == account, OPEN)
    return [tuple(row) for row in connection.execute(mine)]
