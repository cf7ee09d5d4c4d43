"""`ticker.<MARKET>` and `tickers`: the figures of REST, of those markets where one has changed."""

from collections.abc import Callable
from typing import Any

import msgspec

from coinport.gateway.market import TickerFigures, ticker_figures
from coinport.gateway.wire import FigureOf
from coinport.model.listings import Listings
from coinport.model.records import Record
from coinport.model.units import MarketId, TimeMs
from coinport.readmodels.tickers import Ticker, Tickers


class TickersSource:
    def __init__(
        self,
        tickers: Tickers,
        listings: Listings,
        market: MarketId | None,
        figure: FigureOf,
        clock: Callable[[], int],
    ) -> None:
        """Of one market; None: of all."""
        self._tickers = tickers
        self._listings = listings
        self._market = market
        self._figure = figure
        self._clock = clock
        self._told: dict[MarketId, Ticker] = {}
        self._changed: set[MarketId] = set()
        self.look_again()
        self.update()

    def look_again(self) -> None:
        """Figures of 24 hours change by themselves."""
        self._changed |= {self._market} if self._market else self._listings.markets.keys()

    def follow(self, record: Record, event: Any) -> None:
        self._changed.add(event.market)

    def update(self) -> bytes | None:
        now = TimeMs(self._clock())
        changed, self._changed = sorted(self._changed), set()
        new = {market: self._tickers.ticker(market, now) for market in changed}
        new = {market: each for market, each in new.items() if each != self._told.get(market)}
        self._told |= new
        return self._text(new) if new else None

    def snapshot(self) -> bytes:
        return self._text(self._told)

    def _text(self, tickers: dict[MarketId, Ticker]) -> bytes:
        markets = self._listings.markets
        shown: dict[str, TickerFigures] = {
            markets[market].symbol: ticker_figures(ticker, markets[market], self._figure)
            for market, ticker in tickers.items()
        }
        return msgspec.json.encode(shown)
