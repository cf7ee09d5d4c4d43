"""Sparklines: the course of every market in one answer."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from coinport.gateway.errors import Text
from coinport.gateway.paging import Limit
from coinport.gateway.routes import Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.wire import Figure, chosen
from coinport.model.units import TimeMs
from coinport.readmodels.candles import INTERVALS, Candles

POINTS: Final = 24
POINTS_MAX: Final = 200
"""Of each market: by default, and at most."""


class SparklinesOf(Parameters, frozen=True):
    interval: Annotated[
        str,
        Meta(extra_json_schema={"enum": list(INTERVALS)}),
        about("Between two points.", "两点之间的间隔。"),
    ] = "1h"
    points: Annotated[
        Limit, about("Of each market; at most 200.", "每个市场的点数，上限 200。")
    ] = POINTS


class Sparkline(Struct):
    timestamp: Annotated[int, about("Of the newest point, in ms.", "最新一点的时间，毫秒。")]
    interval_ms: int
    markets: Annotated[
        dict[str, list[Figure]],
        Meta(examples=[{"BTC-CNY": [2010.5, 2011, 2014.03]}]),
        about(
            "Closing prices of each market, the oldest first, from its first trade on; none where "
            "it never traded.",
            "各市场的收盘价，按时间升序，自首笔成交起；无成交则为空。",
        ),
    ]


class Sparklines:
    title = Text("Sparklines", "走势缩略")

    def __init__(self, services: Services) -> None:
        self._services = services
        self._listings = services.live.listings.listings
        self._candles = Candles(services)

    @endpoint(
        "GET",
        "/sparklines",
        parameters=SparklinesOf,
        answer=Sparkline,
        summary=Text("The latest closing prices of all markets", "所有市场的近期收盘价"),
    )
    async def sparklines(self, call: Call[SparklinesOf]) -> Sparkline:
        wanted = call.parameters
        interval_s = chosen(INTERVALS, wanted.interval, "interval")
        markets = self._listings.markets
        closes = await self._candles.closes(
            list(markets),
            interval_s,
            count=min(wanted.points, POINTS_MAX),
            now_ms=TimeMs(self._services.clock()),
        )
        start_s = self._services.clock() // 1000 // interval_s * interval_s
        return Sparkline(
            start_s * 1000,
            interval_s * 1000,
            {
                market.symbol: [
                    call.figure(close, market.price_decimals) for close in closes[market.market]
                ]
                for market in markets.values()
            },
        )
