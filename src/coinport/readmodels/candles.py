"""Candles: open, high, low, close and volume of each market in each interval of time.

All intervals lie on one grid that begins at 1970-01-01 UTC, so a week begins on a Thursday. Only
intervals with a trade have a row; the empty ones between are filled in when somebody asks.
"""

from collections.abc import Collection, Iterator
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, case, select

from coinport.model.events import Traded
from coinport.model.records import Record
from coinport.model.units import MarketId, Price, Quantity, TimeMs
from coinport.readmodels.projection import INTEGER_MAX, Handlers, Reader, key, metadata, whole
from coinport.readmodels.upsert import Upsert, grown

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
INTERVALS: Final = {
    "1m": _MINUTE,
    "3m": 3 * _MINUTE,
    "5m": 5 * _MINUTE,
    "15m": 15 * _MINUTE,
    "30m": 30 * _MINUTE,
    "1h": _HOUR,
    "2h": 2 * _HOUR,
    "4h": 4 * _HOUR,
    "6h": 6 * _HOUR,
    "12h": 12 * _HOUR,
    "1d": _DAY,
    "3d": 3 * _DAY,
    "1w": 7 * _DAY,
}
"""Seconds of each interval, by its name in the API."""

CANDLES_MAX: Final = 2_000
"""In one answer; where there are more, the newest ones."""


class Candle(NamedTuple):
    start_s: int
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Quantity


candles = Table(
    "candles",
    metadata,
    key("market"),
    key("interval_s"),
    key("start_s"),
    whole("open"),
    whole("high"),
    whole("low"),
    whole("close"),
    whole("volume"),
    sqlite_with_rowid=False,
)

_UPSERT: Final = Upsert(
    candles,
    lambda new: {
        "high": case((new.high > candles.c.high, new.high), else_=candles.c.high),
        "low": case((new.low < candles.c.low, new.low), else_=candles.c.low),
        "close": new.close,
        "volume": grown(candles.c.volume, new.volume),
    },
)


class CandlesProjection:
    """Folds into minutes; the longer intervals are made of those when it writes."""

    def __init__(self) -> None:
        self._minutes: dict[tuple[MarketId, int], list[int]] = {}

    def handlers(self) -> Handlers:
        return {Traded: self._traded}

    def write(self, connection: Connection) -> None:
        rows: dict[tuple[int, int, int], list[int]] = {}
        for (market, minute), values in self._minutes.items():
            for interval_s in INTERVALS.values():
                at = (market, interval_s, start_of(minute * _MINUTE, interval_s))
                if at in rows:
                    _merge(rows[at], 3, *values)
                else:
                    rows[at] = [*at, *values]
        for row in rows.values():
            row[-1] = min(row[-1], INTEGER_MAX)
        _UPSERT.write(connection, list(rows.values()))

    def _traded(self, record: Record, event: Traded) -> None:
        price, quantity = event.price, event.quantity
        at = (event.market, record.time // 60_000)
        minute = self._minutes.get(at)
        if minute is None:
            self._minutes[at] = [price, price, price, price, quantity]
        else:
            _merge(minute, 0, price, price, price, price, quantity)


def _merge(
    row: list[int], first: int, _open: int, high: int, low: int, close: int, volume: int
) -> None:
    """Add what came later to the values in `row`, which begin at the index `first`."""
    row[first + 1] = max(row[first + 1], high)
    row[first + 2] = min(row[first + 2], low)
    row[first + 3] = close
    row[first + 4] += volume


class Candles:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def of(
        self,
        market: MarketId,
        interval_s: int,
        *,
        after_ms: TimeMs,
        until_ms: TimeMs,
        now_ms: TimeMs,
    ) -> list[Candle]:
        """Those that start after `after_ms` and not after `until_ms` or now, oldest first.

        From the market's first trade on there is one for every interval: without a trade, all its
        prices are the last close and its volume is 0. At most CANDLES_MAX.
        """
        last = start_of(min(until_ms, now_ms) // 1000, interval_s)
        first = max(
            start_of(after_ms // 1000, interval_s) + interval_s,
            last - (CANDLES_MAX - 1) * interval_s,
        )
        if first > last:
            return []
        stored = await self._reader.read(partial(_stored, market, interval_s, first, last))
        return list(_filled(stored, range(first, last + 1, interval_s)))

    async def closes(
        self, markets: Collection[MarketId], interval_s: int, *, count: int, now_ms: TimeMs
    ) -> dict[MarketId, list[Price]]:
        """The closing prices of the newest `count` intervals of each of `markets`, oldest first;
        fewer where its first trade was later than that."""
        last = start_of(now_ms // 1000, interval_s)
        starts = range(last - (count - 1) * interval_s, last + 1, interval_s)

        def query(connection: Connection) -> dict[MarketId, list[Price]]:
            return {
                market: [
                    candle.close
                    for candle in _filled(
                        _stored(market, interval_s, starts[0], last, connection), starts
                    )
                ]
                for market in markets
            }

        return await self._reader.read(query)


def start_of(time_s: int, interval_s: int) -> int:
    return time_s - time_s % interval_s


def candle_at(
    connection: Connection, market: MarketId, interval_s: int, start_s: int
) -> Candle | None:
    """The one that starts then, without a trade if there was none; None: there never was one."""
    stored = _stored(market, interval_s, start_s, start_s, connection)
    return next(_filled(stored, range(start_s, start_s + 1)), None)


def _stored(
    market: MarketId, interval_s: int, first: int, last: int, connection: Connection
) -> dict[int, Candle]:
    """By their starts, with the last one before `first`."""
    start = candles.c.start_s
    mine = select(candles).where(candles.c.market == market, candles.c.interval_s == interval_s)
    before = mine.where(start < first).order_by(start.desc()).limit(1)
    within = mine.where(start.between(first, last)).order_by(start)
    rows = [*connection.execute(before), *connection.execute(within)]
    return {row.start_s: Candle(*row[2:]) for row in rows}


def _filled(stored: dict[int, Candle], starts: range) -> Iterator[Candle]:
    """One for each of `starts`, from the oldest of `stored` on."""
    if not stored:
        return
    oldest = next(iter(stored.values()))
    close = oldest.close
    for start in starts:
        if start >= oldest.start_s:
            candle = stored.get(start, Candle(start, close, close, close, close, Quantity(0)))
            close = candle.close
            yield candle
