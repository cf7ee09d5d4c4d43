"""Depth as JSON text, kept for as long as the book stays the same: it is asked for most of all."""

from functools import lru_cache
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Raw, Struct

from coinport.gateway.routes import about
from coinport.gateway.wire import FIGURE_SCHEMA, FigureOf
from coinport.model.listings import Market
from coinport.model.units import MarketId
from coinport.readmodels.depth import Depth

_LEVELS_REMEMBERED: Final = 1 << 15
"""A change of the book leaves most levels as they were."""

LevelText = Annotated[
    Raw,
    Meta(
        extra_json_schema={
            "type": "array",
            "prefixItems": [FIGURE_SCHEMA, FIGURE_SCHEMA],
            "minItems": 2,
            "maxItems": 2,
        },
    ),
    about("Price, amount.", "[价格, 数量]"),
]


class DepthInfo(Struct):
    asks: Annotated[
        list[LevelText],
        Meta(examples=[[[2014.42, 0.25], [2015.34, 1.5]]]),
        about("The lowest first.", "卖单，价格升序。"),
    ]
    bids: Annotated[
        list[LevelText],
        Meta(examples=[[[2013.53, 0.4], [2012.1, 2]]]),
        about("The highest first.", "买单，价格降序。"),
    ]
    sequence: Annotated[
        int,
        about("Counts the changes of this book, without a gap.", "该市场深度的变更序号，连续。"),
    ]
    timestamp: Annotated[int, about("Of the last change, in ms.", "最后变更时间，毫秒。")]


class DepthTexts:
    def __init__(self, depth: Depth) -> None:
        self._depth = depth
        self._of_market: dict[MarketId, tuple[int, dict[tuple[int, FigureOf], Raw]]] = {}
        """The version of the book, and what was made of that version."""

    def text(self, market: Market, limit: int, figure: FigureOf) -> Raw:
        """A `DepthInfo` of at most `limit` levels a side."""
        version = self._depth.version(market.market)
        of_version, texts = self._of_market.get(market.market, (-1, {}))
        if of_version != version:
            texts = {}
            self._of_market[market.market] = (version, texts)
        text = texts.get((limit, figure))
        if text is None:
            text = texts[limit, figure] = self._made(market, limit, figure)
        return text

    def _made(self, market: Market, limit: int, figure: FigureOf) -> Raw:
        depth = self._depth.snapshot(market.market, limit)
        price_decimals, amount_decimals = market.price_decimals, market.amount_decimals
        asks, bids = (
            [
                level_text(price, quantity, price_decimals, amount_decimals, figure)
                for price, quantity in levels
            ]
            for levels in (depth.asks, depth.bids)
        )
        return Raw(msgspec.json.encode(DepthInfo(asks, bids, depth.sequence, depth.time_ms)))


@lru_cache(_LEVELS_REMEMBERED)
def level_text(
    price: int, quantity: int, price_decimals: int, amount_decimals: int, figure: FigureOf
) -> Raw:
    pair = figure(price, price_decimals), figure(quantity, amount_decimals)
    return Raw(msgspec.json.encode(pair))
