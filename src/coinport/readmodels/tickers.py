"""Tickers: what each market did in the last 24 hours, exactly, in memory.

A trade counts until it is 24 hours old. It falls out by time, not when the next trade comes: each
question first drops what has become too old.
"""

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, func, select

from coinport.journal.records import Run
from coinport.model.units import TRADE_FIRST, MarketId, Price, Quantity, TimeMs
from coinport.readmodels.depth import Depth
from coinport.readmodels.trades import trades

WINDOW_MS: Final = 24 * 60 * 60 * 1000


class Ticker(Struct, frozen=True):
    """A figure that does not exist is 0."""

    bid: Price
    ask: Price
    high: Price
    low: Price
    last: Price
    """Of all times, not only of the last 24 hours."""
    volume: Quantity


class Tickers:
    def __init__(
        self,
        connection: Connection,
        depth: Depth,
        markets: Iterable[MarketId],
        now_ms: TimeMs,
    ) -> None:
        """As the tables have it."""
        self._depth = depth
        self._windows: defaultdict[MarketId, _Window] = defaultdict(_Window)
        for market in markets:
            self._windows[market].last = _last_price(connection, market)
        for market, time, price, quantity in _since(connection, now_ms - WINDOW_MS):
            self._windows[market].add(time, price, price, quantity)

    def apply(self, runs: Iterable[Run]) -> None:
        for market, time, last, high, low, quantity in runs:
            window = self._windows[market]
            window.last = last
            window.add(time, high, low, quantity)

    def ticker(self, market: MarketId, now_ms: TimeMs) -> Ticker:
        window = self._windows[market]
        window.expire(now_ms - WINDOW_MS)
        bid, ask = self._depth.best(market)
        high, low, volume = window.high(), window.low(), Quantity(window.volume)
        return Ticker(bid, ask, high, low, window.last, volume)


class _Window:
    """The trades of one market by millisecond, with running extremes.

    `_highs` holds only those prices that no later one exceeds, so the first is the highest of all;
    each price enters and leaves once. `_lows` likewise.
    """

    __slots__ = ("_highs", "_lows", "_volumes", "last", "volume")

    def __init__(self) -> None:
        self.last = Price(0)
        self.volume = 0
        self._volumes: deque[tuple[TimeMs, int]] = deque()
        self._highs: deque[tuple[TimeMs, Price]] = deque()
        self._lows: deque[tuple[TimeMs, Price]] = deque()

    def add(self, time: TimeMs, high: Price, low: Price, quantity: int) -> None:
        self.volume += quantity
        if self._volumes and self._volumes[-1][0] == time:
            quantity += self._volumes.pop()[1]
        self._volumes.append((time, quantity))
        while self._highs and self._highs[-1][1] <= high:
            self._highs.pop()
        self._highs.append((time, high))
        while self._lows and self._lows[-1][1] >= low:
            self._lows.pop()
        self._lows.append((time, low))

    def expire(self, until: int) -> None:
        """Drop the trades at `until` and before."""
        while self._volumes and self._volumes[0][0] <= until:
            self.volume -= self._volumes.popleft()[1]
        for prices in (self._highs, self._lows):
            while prices and prices[0][0] <= until:
                prices.popleft()

    def high(self) -> Price:
        return self._highs[0][1] if self._highs else Price(0)

    def low(self) -> Price:
        return self._lows[0][1] if self._lows else Price(0)


def _last_price(connection: Connection, market: MarketId) -> Price:
    mine = select(trades.c.price).where(trades.c.market == market)
    return Price(connection.scalar(mine.order_by(trades.c.id.desc()).limit(1)) or 0)


def _since(connection: Connection, time_ms: int) -> Iterable[Any]:
    """The trades after `time_ms`, oldest first."""
    columns = trades.c
    return connection.execute(
        select(columns.market, columns.time_ms, columns.price, columns.quantity)
        .where(columns.id >= _first_after(connection, time_ms))
        .order_by(columns.id)
    )


def _first_after(connection: Connection, time_ms: int) -> int:
    """Ids and times rise together, so it is found by halving, without an index on time."""

    def time_of(number: int) -> int:
        at_least = select(trades.c.time_ms).where(trades.c.id >= number)
        time: int = connection.execute(at_least.order_by(trades.c.id).limit(1)).scalar_one()
        return time

    newest = connection.scalar(select(func.max(trades.c.id))) or TRADE_FIRST - 1
    ids = range(TRADE_FIRST, newest + 1)
    return TRADE_FIRST + bisect_right(ids, time_ms, key=time_of)
