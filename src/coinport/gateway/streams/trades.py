"""`trades.<MARKET>`: the newest trades, then each as it happens, however many there are."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Struct

from coinport.gateway.market import TradeInfo, trade_info
from coinport.gateway.routes import about
from coinport.gateway.wire import FigureOf
from coinport.model.events import Traded
from coinport.model.listings import Listings
from coinport.model.records import Record
from coinport.model.units import MarketId
from coinport.readmodels.recent_trades import RecentTrades
from coinport.readmodels.trades import MarketTrade, market_trade

UPDATE_MAX: Final = 1_000
"""Of one update; more are told in several. Clients end a connection at a frame that is too large
for them, many at 1 MiB."""


class TradesData(Struct):
    trades: Annotated[
        list[TradeInfo],
        about(
            "The newest first. Of an update: each one since the message before.",
            "按时间降序。更新中为上一条消息之后的每笔成交。",
        ),
    ]


class TradesSource:
    def __init__(
        self, recent: RecentTrades, listings: Listings, market: MarketId, figure: FigureOf
    ) -> None:
        self._recent = recent
        self._listings = listings
        self._market = market
        self._figure = figure
        self._new: list[MarketTrade] = []

    def follow(self, record: Record, event: Any) -> None:
        if type(event) is Traded:
            self._new.append(market_trade(record, event))

    def update(self) -> bytes | None:
        if not self._new:
            return None
        new, self._new = self._new[:UPDATE_MAX], self._new[UPDATE_MAX:]
        return self._text(new)

    def snapshot(self) -> bytes:
        return self._text(self._recent.of(self._market))

    def _text(self, oldest_first: list[MarketTrade]) -> bytes:
        market = self._listings.markets[self._market]
        rows = [trade_info(trade, market, self._figure) for trade in reversed(oldest_first)]
        return msgspec.json.encode(TradesData(rows))
