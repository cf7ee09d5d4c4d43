"""Depth: the order books by price level, in memory, and the number of each book's changes.

That number, `sequence`, counts the records that changed the book, one each and without a gap: who
follows a book knows when he has missed one. It is in SQL as well, so that a restart goes on with
it; the levels are not, for they are the sums of the open orders.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Sequence as SequenceOf
from typing import Any, Final, Protocol

from msgspec import Struct
from sqlalchemy import BigInteger, Connection, Table, cast, func, select

from coinport.engine.compiled import compiled
from coinport.journal.records import told_of
from coinport.model.events import OrderBooked, OrderCanceled, Traded
from coinport.model.records import Record
from coinport.model.trading import Side
from coinport.model.units import MarketId, Price, Quantity, Sequence, TimeMs
from coinport.readmodels.orders import OPEN, orders
from coinport.readmodels.projection import Handlers, fold, key, merged, metadata, whole
from coinport.readmodels.upsert import Upsert

Level = tuple[Price, Quantity]


class DepthSnapshot(Struct, frozen=True):
    sequence: int
    time_ms: TimeMs
    """Of the last change."""
    asks: list[Level]
    bids: list[Level]
    """Both with the best price first."""


class Depth(Protocol):
    def apply(self, records: SequenceOf[Record]) -> None:
        """What the feed tells."""

    def version(self, market: MarketId) -> int:
        """The sequence: while it stays, `snapshot` stays the same."""

    def time_ms(self, market: MarketId) -> TimeMs:
        """Of the last change."""

    def best(self, market: MarketId) -> tuple[Price, Price]:
        """Bid and ask; 0 where there is none."""

    def quantity(self, market: MarketId, side: Side, price: Price) -> Quantity:
        """At this price; 0 where there is no such level."""

    def snapshot(self, market: MarketId, limit: int) -> DepthSnapshot:
        """At most `limit` levels of each side."""


def depth_of(connection: Connection) -> Depth:
    """As the tables have it."""
    if compiled:
        return CompiledDepth(connection, compiled.LevelBooks())
    return PlainDepth(connection)


class CompiledDepth:
    """Kept by C++, from records as they are encoded."""

    def __init__(self, connection: Connection, levels: Any) -> None:
        self._books = levels
        for market, sequence, time_ms in connection.execute(select(books)):
            levels.set(market, sequence, time_ms)
        for level in connection.execute(_LEVELS):
            levels.add(*level)
        self.version: Callable[[MarketId], int] = levels.version
        self.time_ms: Callable[[MarketId], TimeMs] = levels.time
        self.best: Callable[[MarketId], tuple[Price, Price]] = levels.best
        self.quantity: Callable[[MarketId, Side, Price], Quantity] = levels.quantity

    def apply(self, records: SequenceOf[Record]) -> None:
        self._books.apply(told_of(records).changes)

    def snapshot(self, market: MarketId, limit: int) -> DepthSnapshot:
        asks, bids = self._books.levels(market, limit)
        return DepthSnapshot(self.version(market), self.time_ms(market), asks, bids)


class PlainDepth:
    def __init__(self, connection: Connection) -> None:
        self._books: defaultdict[MarketId, _Book] = defaultdict(_Book)
        for market, sequence, time_ms in connection.execute(select(books)):
            book = self._books[market]
            book.sequence, book.time = sequence, time_ms
        for market, side, price, quantity in connection.execute(_LEVELS):
            self._books[market].side(side).add(price, quantity)
        self._handlers = merged(
            [{OrderBooked: self._booked, Traded: self._traded, OrderCanceled: self._canceled}]
        )

    def apply(self, records: SequenceOf[Record]) -> None:
        fold(records, self._handlers)

    def version(self, market: MarketId) -> int:
        return self._books[market].sequence

    def time_ms(self, market: MarketId) -> TimeMs:
        return self._books[market].time

    def quantity(self, market: MarketId, side: Side, price: Price) -> Quantity:
        return self._books[market].side(side).at(price)

    def best(self, market: MarketId) -> tuple[Price, Price]:
        book = self._books[market]
        return book.bids.best(), book.asks.best()

    def snapshot(self, market: MarketId, limit: int) -> DepthSnapshot:
        book = self._books[market]
        return DepthSnapshot(
            book.sequence, book.time, book.asks.first(limit), book.bids.first(limit)
        )

    def _booked(self, record: Record, event: OrderBooked) -> None:
        book = self._changed(record, event.market)
        book.side(event.side).add(event.price, event.leaves)

    def _traded(self, record: Record, event: Traded) -> None:
        book = self._changed(record, event.market)
        levels = book.asks if event.taker_side is _BUY else book.bids
        levels.take(event.price, event.quantity)

    def _canceled(self, record: Record, event: OrderCanceled) -> None:
        if event.booked:
            book = self._changed(record, event.market)
            book.side(event.side).take(event.price, event.leaves)

    def _changed(self, record: Record, market: MarketId) -> "_Book":
        book = self._books[market]
        if book.changed_by != record.sequence:
            book.changed_by = record.sequence
            book.time = record.time
            book.sequence += 1
        return book


class _Book:
    __slots__ = ("asks", "bids", "changed_by", "sequence", "time")

    def __init__(self) -> None:
        self.bids = _Levels(1)
        self.asks = _Levels(-1)
        self.sequence = 0
        self.time = TimeMs(0)
        self.changed_by = Sequence(0)

    def side(self, side: Side) -> "_Levels":
        return self.bids if side == _BUY else self.asks


class _Levels:
    """Of one side. The list is sorted so that the best price is its last: most changes are near it,
    and a change moves all that comes after it."""

    __slots__ = ("_levels", "_ranks", "_sign")

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._ranks: list[int] = []
        """sign * price: the best price is the highest."""
        self._levels: dict[int, Level] = {}

    def add(self, price: Price, quantity: Quantity) -> None:
        rank = self._sign * price
        level = self._levels.get(rank)
        if level is None:
            self._levels[rank] = (price, quantity)
            insort(self._ranks, rank)
        else:
            self._levels[rank] = (price, Quantity(level[1] + quantity))

    def take(self, price: Price, quantity: Quantity) -> None:
        rank = self._sign * price
        left = self._levels[rank][1] - quantity
        assert left >= 0, f"{-left} lots at {price} were never there"
        if left:
            self._levels[rank] = (price, Quantity(left))
        else:
            del self._levels[rank]
            del self._ranks[bisect_left(self._ranks, rank)]

    def at(self, price: Price) -> Quantity:
        level = self._levels.get(self._sign * price)
        return level[1] if level else Quantity(0)

    def best(self) -> Price:
        return self._levels[self._ranks[-1]][0] if self._ranks else Price(0)

    def first(self, limit: int) -> list[Level]:
        return [self._levels[rank] for rank in self._ranks[: -limit - 1 : -1]]


_BUY: Final = Side.BUY
_LEVELS: Final = (
    select(
        orders.c.market,
        orders.c.side,
        orders.c.price,
        # PostgreSQL's sum of BIGINT is NUMERIC.
        cast(func.sum(orders.c.quantity - orders.c.executed), BigInteger),
    )
    .where(OPEN, orders.c.booked == 1)
    .group_by(orders.c.market, orders.c.side, orders.c.price)
)

books = Table("books", metadata, key("market"), whole("sequence"), whole("changed_ms"))

# A row that comes for a book already there holds the number of changes.
_UPSERT: Final = Upsert(
    books,
    lambda new: {"sequence": books.c.sequence + new.sequence, "changed_ms": new.changed_ms},
)


class BooksProjection:
    def __init__(self) -> None:
        self._last: dict[MarketId, Record] = {}
        self._changes: defaultdict[MarketId, int] = defaultdict(int)

    def handlers(self) -> Handlers:
        return {OrderBooked: self._changed, Traded: self._changed, OrderCanceled: self._canceled}

    def write(self, connection: Connection) -> None:
        rows = [
            (market, self._changes[market], record.time) for market, record in self._last.items()
        ]
        _UPSERT.write(connection, rows)

    def _canceled(self, record: Record, event: OrderCanceled) -> None:
        if event.booked:
            self._changed(record, event)

    def _changed(self, record: Record, event: OrderBooked | Traded | OrderCanceled) -> None:
        if self._last.get(event.market) is not record:
            self._last[event.market] = record
            self._changes[event.market] += 1
