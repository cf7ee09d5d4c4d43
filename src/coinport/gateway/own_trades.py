"""The caller's own trades."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from coinport.gateway.errors import Code, Text
from coinport.gateway.names import MarketWanted, market_wanted
from coinport.gateway.order_info import SIDE_NAMES, SideName
from coinport.gateway.paging import Cursor, Ids, Limit, cursor_of, ids_of
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.wire import Figure, FigureOf
from coinport.model.listings import Listings
from coinport.model.trading import Side
from coinport.model.units import AccountId
from coinport.readmodels.paging import Page
from coinport.readmodels.trades import OwnTrade, Trades

TRADES: Final = 100
TRADES_MAX: Final = 200
"""Trades in one answer: by default, and at most."""


class OwnTradesOf(Parameters, frozen=True):
    market: MarketWanted = UNSET
    cursor: Cursor = -1
    limit: Annotated[Limit, about("At most 200.", "上限 200。")] = TRADES
    ids: Ids | UnsetType = UNSET


class OwnTradeInfo(Struct):
    trade_id: int
    order_id: Annotated[int, about("The caller's own.", "本人的订单号。")]
    market: str
    type: Annotated[SideName, about("The caller's side.", "本人的买卖方向。")]
    taker: Annotated[SideName, about("The taker's side.", "吃单方向。")]
    role: Annotated[Literal["maker", "taker"], about("The caller's.", "本人的角色。")]
    price: Figure
    amount: Figure
    value: Annotated[
        Figure,
        Meta(examples=[502.575]),
        about("In the quote currency.", "成交金额（计价币种）。"),
    ]
    fee: Figure
    fee_currency: str
    timestamp: Annotated[int, about("In ms.", "毫秒。")]


class OwnTradeList(Struct):
    timestamp: Annotated[int, about("Of the newest, in ms; 0: none.", "最新一条的时间，毫秒。")]
    has_more: bool = msgspec.field(name="hasMore")
    trades: Annotated[
        list[OwnTradeInfo],
        about(
            "The newest first. A trade with oneself is two rows.",
            "按时间降序。自成交有两行。",
        ),
    ]


class OwnTrades:
    title = Text("Own trades", "交易记录")

    def __init__(self, services: Services) -> None:
        self._listings = services.live.listings.listings
        self._trades = Trades(services)

    @endpoint(
        "GET",
        "/user/trades",
        parameters=OwnTradesOf,
        answer=OwnTradeList,
        permission=Permission.READ,
        errors=(Code.UNKNOWN_MARKET,),
        summary=Text("The caller's trades", "用户交易记录"),
    )
    async def user_trades(self, call: Call[OwnTradesOf]) -> OwnTradeList:
        page = await self._page(call.caller.account, call.parameters)
        rows = [own_trade_info(trade, self._listings, call.figure) for trade in page.rows]
        return OwnTradeList(rows[0].timestamp if rows else 0, page.more, rows)

    async def _page(self, account: AccountId, wanted: OwnTradesOf) -> Page[OwnTrade]:
        if wanted.ids is not UNSET:
            return Page(await self._trades.by_id(account, ids_of(wanted.ids)), more=False)
        return await self._trades.of_account(
            account,
            market=market_wanted(self._listings, wanted.market),
            cursor=cursor_of(wanted.cursor),
            limit=min(wanted.limit, TRADES_MAX),
        )


def own_trade_info(trade: OwnTrade, listings: Listings, figure: FigureOf) -> OwnTradeInfo:
    market = listings.markets[trade.market]
    base, quote = listings.currencies[market.base], listings.currencies[market.quote]
    received = base if trade.side is Side.BUY else quote
    return OwnTradeInfo(
        trade.id,
        trade.order,
        market.symbol,
        SIDE_NAMES[trade.side],
        SIDE_NAMES[trade.taker_side],
        "maker" if trade.maker else "taker",
        figure(trade.price, market.price_decimals),
        figure(trade.quantity, market.amount_decimals),
        figure(market.value(trade.price, trade.quantity), quote.decimals),
        figure(trade.fee, received.decimals),
        received.symbol,
        trade.time_ms,
    )
