"""`depth.<MARKET>`: the book, then its differences, on the numbering that REST `depth` has too.

An update says for every level that was touched what is there now, 0 where there is nothing. So one
message may stand for many changes, and applying it to a book that has some of them is right too.
"""

from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from coinport.gateway.depth_texts import LevelText, level_text
from coinport.gateway.routes import about
from coinport.gateway.wire import FigureOf
from coinport.model.events import OrderBooked, OrderCanceled, Traded
from coinport.model.listings import Listings
from coinport.model.records import Record
from coinport.model.trading import Side
from coinport.model.units import MarketId, Price, Quantity
from coinport.readmodels.depth import Depth

SNAPSHOT_LEVELS_MAX: Final = 5_000
"""Levels of each side of a snapshot. Of what is further away one learns when it changes."""


class DepthData(Struct, omit_defaults=True):
    sequence: Annotated[
        int, about("Of the last change in it, as in REST `depth`.", "变更序号，与 REST 一致。")
    ]
    timestamp: Annotated[int, about("Of that change, in ms.", "该变更时间，毫秒。")]
    asks: Annotated[
        list[LevelText],
        about(
            "Of an update, the levels that were touched: amount 0, the level is gone.",
            "更新中为有变动的档位；数量 0 表示该档位已消失。",
        ),
    ]
    bids: list[LevelText]
    prev: Annotated[
        int | UnsetType,
        about(
            "The `sequence` of the message before; a snapshot has none.",
            "上一条消息的 sequence；快照没有此项。",
        ),
    ] = UNSET


class DepthSource:
    def __init__(
        self, depth: Depth, listings: Listings, market: MarketId, figure: FigureOf
    ) -> None:
        self._depth = depth
        self._listings = listings
        self._market = market
        self._figure = figure
        self._sequence = depth.version(market)
        """Of the last message."""
        self._touched: set[tuple[Side, Price]] = set()

    def follow(self, record: Record, event: Any) -> None:
        if type(event) is Traded:
            self._touched.add((_OPPOSITE[event.taker_side], event.price))
        elif type(event) is OrderBooked or type(event) is OrderCanceled:
            self._touched.add((event.side, event.price))

    def update(self) -> bytes | None:
        if not self._touched:
            return None
        touched, self._touched = self._touched, set()
        at = self._depth.quantity
        levels: dict[Side, list[tuple[Price, Quantity]]] = {Side.BUY: [], Side.SELL: []}
        for side, price in sorted(touched):
            levels[side].append((price, at(self._market, side, price)))
        previous = self._sequence
        self._sequence = self._depth.version(self._market)
        return self._text(levels[Side.SELL], levels[Side.BUY][::-1], previous)

    def snapshot(self) -> bytes:
        book = self._depth.snapshot(self._market, SNAPSHOT_LEVELS_MAX)
        assert book.sequence == self._sequence, "an update comes before a snapshot"
        return self._text(book.asks, book.bids, UNSET)

    def _text(
        self,
        asks: list[tuple[Price, Quantity]],
        bids: list[tuple[Price, Quantity]],
        previous: int | UnsetType,
    ) -> bytes:
        market = self._listings.markets[self._market]
        decimals = market.price_decimals, market.amount_decimals
        data = DepthData(
            self._sequence,
            self._depth.time_ms(self._market),
            [level_text(*level, *decimals, self._figure) for level in asks],
            [level_text(*level, *decimals, self._figure) for level in bids],
            previous,
        )
        return msgspec.json.encode(data)


_OPPOSITE: Final = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}
