"""The kinds of channels there are: declared once, for the code and for the AsyncAPI document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from coinport.gateway.account import BalanceFigures
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.market import CandleList, TickerFigures
from coinport.gateway.names import market_named
from coinport.gateway.services import Services
from coinport.gateway.streams.candles import CandlesSource
from coinport.gateway.streams.channel import Load, Source
from coinport.gateway.streams.depth import DepthData, DepthSource
from coinport.gateway.streams.moving import TransfersData, TransfersSource
from coinport.gateway.streams.own import (
    BalancesSource,
    FillsData,
    FillsSource,
    OrdersData,
    OrdersSource,
)
from coinport.gateway.streams.tickers import TickersSource
from coinport.gateway.streams.trades import TradesData, TradesSource
from coinport.gateway.wire import NAME_LENGTH_MAX, FigureOf, chosen
from coinport.model.listings import Listings
from coinport.model.units import AccountId, MarketId
from coinport.readmodels.candles import INTERVALS


class Wanted(NamedTuple):
    """Of a channel, what its name and its caller say."""

    market: MarketId | None
    interval_s: int
    account: AccountId
    figure: FigureOf


class Opened(NamedTuple):
    source: Source
    load: Load | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    data: Any
    """Type of `data` in its frames."""
    open: Callable[[Services, Wanted], Opened]
    summary: Text
    parts: tuple[str, ...] = ("market",)
    """What follows the name, each after a dot: "interval", "market"."""
    private: bool = False
    paced: bool = False
    """Changes are put together: a client gets only so many messages a second."""
    all_markets: bool = False
    """It follows every market."""
    curious: bool = True
    """It cares for orders that did not trade."""

    @property
    def address(self) -> str:
        """`kline.{interval}.{market}`."""
        return ".".join((self.name, *("{" + part + "}" for part in self.parts)))


class Named(NamedTuple):
    """A channel by its name."""

    kind: Kind
    name: str
    """In full, as frames have it."""
    market: MarketId | None
    interval_s: int


def _depth(services: Services, wanted: Wanted) -> Opened:
    live = services.live
    assert wanted.market
    return Opened(DepthSource(live.depth, live.listings.listings, wanted.market, wanted.figure))


def _trades(services: Services, wanted: Wanted) -> Opened:
    live = services.live
    assert wanted.market
    return Opened(TradesSource(live.trades, live.listings.listings, wanted.market, wanted.figure))


def _tickers(services: Services, wanted: Wanted) -> Opened:
    live = services.live
    return Opened(
        TickersSource(
            live.tickers, live.listings.listings, wanted.market, wanted.figure, services.clock
        )
    )


def _candles(services: Services, wanted: Wanted) -> Opened:
    assert wanted.market
    source = CandlesSource(services, wanted.market, wanted.interval_s, wanted.figure)
    return Opened(source, source.load)


def _orders(services: Services, wanted: Wanted) -> Opened:
    source = OrdersSource(services, wanted.account, wanted.figure)
    return Opened(source, source.load)


def _fills(services: Services, wanted: Wanted) -> Opened:
    source = FillsSource(services, wanted.account, wanted.figure)
    return Opened(source, source.load)


def _balances(services: Services, wanted: Wanted) -> Opened:
    source = BalancesSource(services, wanted.account, wanted.figure)
    return Opened(source, source.load)


def _transfers(services: Services, wanted: Wanted) -> Opened:
    source = TransfersSource(services, wanted.account, wanted.figure)
    return Opened(source, source.load)


KINDS: Final = (
    Kind(
        "ticker",
        dict[str, TickerFigures],
        _tickers,
        Text("A market's ticker, as in REST", "某市场的 ticker"),
        paced=True,
    ),
    Kind(
        "tickers",
        dict[str, TickerFigures],
        _tickers,
        Text("The tickers of all markets; an update has those that changed", "所有市场的 ticker"),
        parts=(),
        paced=True,
        all_markets=True,
    ),
    Kind(
        "trades",
        TradesData,
        _trades,
        Text(
            "A market's trades: the newest 100, then each one", "某市场成交：最新 100 笔及之后每笔"
        ),
    ),
    Kind(
        "depth",
        DepthData,
        _depth,
        Text("A market's order book, then its differences", "某市场深度：快照及其后的差异"),
        paced=True,
    ),
    Kind(
        "kline",
        CandleList,
        _candles,
        Text("A market's present candle of an interval", "某市场某粒度的当前K线"),
        parts=("interval", "market"),
        paced=True,
        curious=False,
    ),
    Kind(
        "orders",
        OrdersData,
        _orders,
        Text("The caller's open orders, then each that changes", "用户订单"),
        parts=(),
        private=True,
    ),
    Kind(
        "fills",
        FillsData,
        _fills,
        Text("The caller's newest trades, then each one", "用户成交"),
        parts=(),
        curious=False,
        private=True,
    ),
    Kind(
        "balances",
        dict[str, BalanceFigures],
        _balances,
        Text(
            "The caller's balances, as in REST; an update has the currencies that changed",
            "用户余额；更新中为有变动的币种",
        ),
        parts=(),
        private=True,
    ),
    Kind(
        "transfers",
        TransfersData,
        _transfers,
        Text("The caller's deposits and withdrawals, as they move", "用户充值与提现"),
        parts=(),
        private=True,
    ),
)
_BY_NAME: Final[Mapping[str, Kind]] = {kind.name: kind for kind in KINDS}


def named(name: str, listings: Listings) -> Named:
    """Names of markets may be in any case. Raises ApiError (1007, 1010)."""
    first, *rest = name.split(".")
    kind = _BY_NAME.get(first)
    if kind is None or len(rest) != len(kind.parts):
        addresses = ", ".join(each.address for each in KINDS)
        detail = Text(f"one of: {addresses}", f"可选值：{addresses}")
        raise ApiError(Code.BAD_PARAMETER, name[:NAME_LENGTH_MAX], detail)
    given = dict(zip(kind.parts, rest, strict=True))
    full, interval_s, market = [kind.name], 0, None
    if "interval" in given:
        interval_s = chosen(INTERVALS, given["interval"], "interval")
        full.append(given["interval"])
    if "market" in given:
        listed = market_named(listings, given["market"])
        market = listed.market
        full.append(listed.symbol)
    return Named(kind, ".".join(full), market, interval_s)
