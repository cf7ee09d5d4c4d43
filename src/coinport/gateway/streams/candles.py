"""`kline.<INTERVAL>.<MARKET>`: the candle that is being made, and each that begins after it."""

from collections.abc import Callable
from typing import Any

import msgspec

from coinport.gateway.market import CandleList, candle_figures
from coinport.gateway.services import Services
from coinport.gateway.wire import FigureOf
from coinport.model.events import Traded
from coinport.model.listings import Listings
from coinport.model.records import Record
from coinport.model.units import MarketId, Price, Quantity, Sequence
from coinport.readmodels.candles import Candle, candle_at, start_of
from coinport.readmodels.checkpoint import checkpoint_of


class CandlesSource:
    def __init__(
        self, services: Services, market: MarketId, interval_s: int, figure: FigureOf
    ) -> None:
        self._services = services
        self._listings: Listings = services.live.listings.listings
        self._clock: Callable[[], int] = services.clock
        self._market = market
        self._interval_s = interval_s
        self._figure = figure
        self._candle: Candle | None = None
        """None: the market never traded."""
        self._ended: list[Candle] = []
        """Since the last update."""
        self._changed = False

    async def load(self) -> Sequence:
        start_s = self._start_s(self._clock())
        sequence, self._candle = await self._services.read(
            lambda connection: (
                checkpoint_of(connection).sequence,
                candle_at(connection, self._market, self._interval_s, start_s),
            )
        )
        return sequence

    def look_again(self) -> None:
        """An interval begins by itself."""
        self._roll(self._clock())

    def follow(self, record: Record, event: Any) -> None:
        if type(event) is not Traded:
            return
        self._roll(record.time)
        self._changed = True
        price, quantity, candle = event.price, event.quantity, self._candle
        if candle is None:
            start_s = self._start_s(record.time)
            self._candle = Candle(start_s, price, price, price, price, quantity)
        elif not candle.volume:
            self._candle = Candle(candle.start_s, price, price, price, price, quantity)
        else:
            self._candle = Candle(
                candle.start_s,
                candle.open,
                max(candle.high, price),
                min(candle.low, price),
                price,
                Quantity(candle.volume + quantity),
            )

    def update(self) -> bytes | None:
        if not self._changed:
            return None
        self._changed = False
        ended, self._ended = self._ended, []
        return self._text([*ended, *self._now()])

    def snapshot(self) -> bytes:
        return self._text(self._now())

    def _now(self) -> list[Candle]:
        return [self._candle] if self._candle else []

    def _roll(self, now_ms: int) -> None:
        """To the interval of `now_ms`. Those between without a trade are left out."""
        candle, start_s = self._candle, self._start_s(now_ms)
        if candle is None or start_s <= candle.start_s:
            return
        if self._changed:
            self._ended.append(candle)
        close: Price = candle.close
        self._candle = Candle(start_s, close, close, close, close, Quantity(0))
        self._changed = True

    def _start_s(self, time_ms: int) -> int:
        return start_of(time_ms // 1000, self._interval_s)

    def _text(self, candles: list[Candle]) -> bytes:
        market = self._listings.markets[self._market]
        rows = [candle_figures(candle, market, self._figure) for candle in candles]
        return msgspec.json.encode(CandleList(rows))
