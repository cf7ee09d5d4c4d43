"""Stop orders that wait for the last price.

A buy waits for the price to rise to its stop, a sell for it to fall to it. Both lists keep the next
to be reached at their end, older orders nearer the end.
"""

from bisect import bisect_left, insort

from coinport.model.trading import Side
from coinport.model.units import OrderId, Price


class Triggers:
    __slots__ = ("_buys", "_sells")

    def __init__(self) -> None:
        self._buys: list[tuple[int, int]] = []
        """(-stop, -order), sorted."""
        self._sells: list[tuple[int, int]] = []
        """(stop, -order), sorted."""

    def __bool__(self) -> bool:
        return bool(self._buys or self._sells)

    def add(self, side: Side, stop: Price, order: OrderId) -> None:
        rows, row = self._place(side, stop, order)
        insort(rows, row)

    def remove(self, side: Side, stop: Price, order: OrderId) -> None:
        rows, row = self._place(side, stop, order)
        del rows[bisect_left(rows, row)]

    def reached(self, low: Price, high: Price) -> OrderId | None:
        """The next order that prices from `low` to `high` set off, None where there is none.

        On each side the stop that was reached first in price, then the older; of the two sides the
        older order.
        """
        if low == 0:  # nothing was ever traded
            return None
        found: list[int] = []
        if self._buys and -self._buys[-1][0] <= high:
            found.append(-self._buys[-1][1])
        if self._sells and self._sells[-1][0] >= low:
            found.append(-self._sells[-1][1])
        return OrderId(min(found)) if found else None

    def _place(
        self, side: Side, stop: Price, order: OrderId
    ) -> tuple[list[tuple[int, int]], tuple[int, int]]:
        if side is Side.BUY:
            return self._buys, (-stop, -order)
        return self._sells, (stop, -order)
