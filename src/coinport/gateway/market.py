"""Market data: tickers, order books, trades and candles. Public."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Raw, Struct

from coinport.gateway.depth_texts import DepthInfo, DepthTexts
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.names import CurrencyName, MarketName, currency_named, market_named
from coinport.gateway.order_info import SIDE_NAMES, SideName
from coinport.gateway.paging import Cursor, Limit, cursor_of
from coinport.gateway.routes import Call, Nothing, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.wire import Figure, FigureOf, chosen
from coinport.model.listings import Market
from coinport.model.units import TimeMs
from coinport.readmodels.candles import INTERVALS, Candle, Candles
from coinport.readmodels.tickers import Ticker
from coinport.readmodels.trades import MarketTrade, Trades

LEVELS: Final = 100
LEVELS_MAX: Final = 200
"""Levels of each side of a book: by default, and at most."""
TRADES: Final = 100
TRADES_MAX: Final = 200
MILLISECONDS_FROM: Final = 10**11
"""A point in time as large as this is in ms, a smaller one in seconds."""


class OfCurrency(Parameters, frozen=True):
    currency: CurrencyName


class OfMarket(Parameters, frozen=True):
    market: MarketName


class DepthOf(Parameters, frozen=True):
    market: MarketName
    limit: Annotated[Limit, about("Levels of each side; at most 200.", "每侧档数，上限 200。")] = (
        LEVELS
    )


class TradesOf(Parameters, frozen=True):
    market: MarketName
    cursor: Cursor = -1
    limit: Annotated[Limit, about("At most 200.", "上限 200。")] = TRADES


Moment = Annotated[int, Meta(ge=0)]


class CandlesOf(Parameters, frozen=True):
    market: MarketName
    interval: Annotated[
        str,
        Meta(extra_json_schema={"enum": list(INTERVALS)}),
        about("On a grid that begins at 1970-01-01 UTC.", "K线粒度，以 1970-01-01 UTC 为起点。"),
    ] = "5m"
    start: Annotated[
        Moment, about("Candles that start after this; s, or ms.", "起始时间（不包含），秒或毫秒。")
    ] = 0
    end: Annotated[
        Moment | msgspec.UnsetType,
        about("And not after this; default now.", "结束时间（包含），默认当前时间。"),
    ] = msgspec.UNSET


TickerFigures = Annotated[
    tuple[Figure, Figure, Figure, Figure, Figure, Figure],
    Meta(examples=[[2013.53, 2014.42, 2015.34, 2001.5, 2014.03, 300.34]]),
    about(
        "Bid, ask, high and low and volume of the last 24 hours, with the last price before the "
        "volume; 0 where there is none.",
        "[买1价, 卖1价, 24小时最高价, 24小时最低价, 最近成交价, 24小时成交量]，没有则为 0。",
    ),
]


class TradeInfo(Struct):
    trade_id: int
    order_id: Annotated[int, about("The taker's.", "吃单方订单号。")]
    taker: Annotated[SideName, about("The taker's side.", "吃单方向。")]
    price: Figure
    amount: Figure
    timestamp: Annotated[int, about("In ms.", "毫秒。")]


class TradeList(Struct):
    timestamp: Annotated[int, about("Of the newest, in ms; 0: none.", "最新一条的时间，毫秒。")]
    has_more: bool = msgspec.field(name="hasMore")
    market: str
    trades: Annotated[list[TradeInfo], about("The newest first.", "按时间降序。")]


CandleFigures = Annotated[
    tuple[int, Figure, Figure, Figure, Figure, Figure],
    Meta(examples=[[1421560800, 1934.3, 1993.2, 1923.4, 1946.3, 10.34]]),
    about(
        "Start of the interval in s, open, high, low, close, volume.",
        "[起始时间（秒）, 开盘价, 最高价, 最低价, 收盘价, 成交量]",
    ),
]


class CandleList(Struct):
    items: Annotated[
        list[CandleFigures],
        about(
            "The oldest first; at most 2,000, the newest ones. An interval without a trade has "
            "the previous close and volume 0.",
            "按时间升序，最多返回最新的 2000 条。无成交的区间沿用前收盘价，成交量为 0。",
        ),
    ]


class MarketData:
    title = Text("Market data", "行情")

    def __init__(self, services: Services) -> None:
        self._services = services
        self._listings = services.live.listings.listings
        self._tickers = services.live.tickers
        self._trades = Trades(services)
        self._candles = Candles(services)
        self._depth_texts = DepthTexts(services.live.depth)

    @endpoint(
        "GET",
        "/{market}/depth",
        parameters=DepthOf,
        answer=DepthInfo,
        errors=(Code.UNKNOWN_MARKET,),
        summary=Text("A market's order book, by price", "市场深度"),
    )
    def depth(self, call: Call[DepthOf]) -> Raw:
        market = market_named(self._listings, call.parameters.market)
        limit = min(call.parameters.limit, LEVELS_MAX)
        return self._depth_texts.text(market, limit, call.figure)

    @endpoint(
        "GET",
        "/{market}/ticker",
        parameters=OfMarket,
        answer=dict[str, TickerFigures],
        errors=(Code.UNKNOWN_MARKET,),
        summary=Text("A market's ticker", "某市场的 ticker"),
    )
    def ticker(self, call: Call[OfMarket]) -> dict[str, TickerFigures]:
        market = market_named(self._listings, call.parameters.market)
        return self._all([market], call.figure)

    @endpoint(
        "GET",
        "/tickers",
        parameters=Nothing,
        answer=dict[str, TickerFigures],
        summary=Text("The tickers of all markets", "所有市场的 ticker"),
    )
    def tickers(self, call: Call[Nothing]) -> dict[str, TickerFigures]:
        return self._all(list(self._listings.markets.values()), call.figure)

    @endpoint(
        "GET",
        "/{currency}/tickers",
        parameters=OfCurrency,
        answer=dict[str, TickerFigures],
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text(
            "The tickers of the markets that quote in a currency (CNY, BTC)",
            "人民币或比特币所有市场的 ticker",
        ),
    )
    def tickers_of_currency(self, call: Call[OfCurrency]) -> dict[str, TickerFigures]:
        listings = self._listings
        quote = currency_named(listings, call.parameters.currency).currency
        markets = [market for market in listings.markets.values() if market.quote == quote]
        if not markets:
            detail = Text("no market quotes in it", "没有以其计价的市场")
            raise ApiError(Code.BAD_PARAMETER, "currency", detail)
        return self._all(markets, call.figure)

    def _all(self, markets: list[Market], figure: FigureOf) -> dict[str, TickerFigures]:
        now = TimeMs(self._services.clock())
        return {
            market.symbol: ticker_figures(self._tickers.ticker(market.market, now), market, figure)
            for market in markets
        }

    @endpoint(
        "GET",
        "/{market}/trades",
        parameters=TradesOf,
        answer=TradeList,
        errors=(Code.UNKNOWN_MARKET,),
        summary=Text("A market's trades", "某市场的历史成交记录"),
    )
    async def trades(self, call: Call[TradesOf]) -> TradeList:
        wanted = call.parameters
        market = market_named(self._listings, wanted.market)
        page = await self._trades.of_market(
            market.market,
            cursor=cursor_of(wanted.cursor),
            limit=min(wanted.limit, TRADES_MAX),
        )
        rows = [trade_info(trade, market, call.figure) for trade in page.rows]
        return TradeList(rows[0].timestamp if rows else 0, page.more, market.symbol, rows)

    @endpoint(
        "GET",
        "/{market}/kline",
        parameters=CandlesOf,
        answer=CandleList,
        errors=(Code.UNKNOWN_MARKET,),
        summary=Text("A market's candles", "K线（OHLC）数据"),
    )
    async def kline(self, call: Call[CandlesOf]) -> CandleList:
        wanted = call.parameters
        market = market_named(self._listings, wanted.market)
        now = TimeMs(self._services.clock())
        candles = await self._candles.of(
            market.market,
            chosen(INTERVALS, wanted.interval, "interval"),
            after_ms=_milliseconds(wanted.start),
            until_ms=now if wanted.end is msgspec.UNSET else _milliseconds(wanted.end),
            now_ms=now,
        )
        return CandleList([candle_figures(candle, market, call.figure) for candle in candles])


def ticker_figures(ticker: Ticker, market: Market, figure: FigureOf) -> TickerFigures:
    price = market.price_decimals
    return (
        figure(ticker.bid, price),
        figure(ticker.ask, price),
        figure(ticker.high, price),
        figure(ticker.low, price),
        figure(ticker.last, price),
        figure(ticker.volume, market.amount_decimals),
    )


def candle_figures(candle: Candle, market: Market, figure: FigureOf) -> CandleFigures:
    price = market.price_decimals
    return (
        candle.start_s,
        figure(candle.open, price),
        figure(candle.high, price),
        figure(candle.low, price),
        figure(candle.close, price),
        figure(candle.volume, market.amount_decimals),
    )


def trade_info(trade: MarketTrade, market: Market, figure: FigureOf) -> TradeInfo:
    return TradeInfo(
        trade.id,
        trade.taker_order,
        SIDE_NAMES[trade.taker_side],
        figure(trade.price, market.price_decimals),
        figure(trade.quantity, market.amount_decimals),
        trade.time_ms,
    )


def _milliseconds(moment: int) -> TimeMs:
    return TimeMs(moment if moment >= MILLISECONDS_FROM else moment * 1000)
