"""An order as the API shows it, with its state."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from coinport.gateway.routes import about
from coinport.gateway.wire import Figure, FigureOf
from coinport.model.listings import Listings
from coinport.model.reasons import Reason
from coinport.model.trading import OrderType, SelfTradePrevention, Side, TimeInForce
from coinport.readmodels.orders import Order, OrderStatus

SideName = Literal["buy", "sell"]
OrderTypeName = Literal["limit", "market"]
TimeInForceName = Literal["gtc", "ioc", "fok"]
PreventionName = Literal["none", "expire_taker", "expire_maker", "expire_both"]

SIDE_NAMES: Final[dict[Side, SideName]] = {Side.BUY: "buy", Side.SELL: "sell"}
ORDER_TYPE_NAMES: Final[dict[OrderType, OrderTypeName]] = {
    OrderType.LIMIT: "limit",
    OrderType.MARKET: "market",
}
TIME_IN_FORCE_NAMES: Final[dict[TimeInForce, TimeInForceName]] = {
    TimeInForce.GTC: "gtc",
    TimeInForce.IOC: "ioc",
    TimeInForce.FOK: "fok",
}
PREVENTION_NAMES: Final[dict[SelfTradePrevention, PreventionName]] = {
    SelfTradePrevention.NONE: "none",
    SelfTradePrevention.EXPIRE_TAKER: "expire_taker",
    SelfTradePrevention.EXPIRE_MAKER: "expire_maker",
    SelfTradePrevention.EXPIRE_BOTH: "expire_both",
}
REASON_NAMES: Final = {0: ""} | {int(reason): reason.name.lower() for reason in Reason}

SECONDS: Final = Meta(examples=[1790000000])


class OrderInfo(Struct):
    order_id: Annotated[str, about("As text.", "字符串形式的订单号。")]
    type: SideName
    status: Annotated[
        OrderStatus,
        about(
            "0 open, 1 filled, 2 partly filled, 3 canceled.",
            "0 挂单中，1 完全成交，2 部分成交，3 已取消。",
        ),
    ]
    market: str
    price: Annotated[Figure, about("The limit; 0 for a market order.", "限价；市价单为 0。")]
    amount: Annotated[Figure, about("As ordered.", "下单数量。")]
    value: Annotated[Figure, about("The executed amount.", "已成交数量。")]
    created: Annotated[int, SECONDS, about("In s.", "创建时间，秒。")]
    last_updated: Annotated[int, SECONDS, about("In s.", "最后更新时间，秒。")]
    created_ms: int
    last_updated_ms: int
    executed_value: Annotated[
        Figure, about("What was traded, in the quote currency.", "已成交金额（计价币种）。")
    ]
    fee: Figure
    fee_currency: str
    client_order_id: Annotated[str, about("Empty where there is none.", "没有则为空。")]
    order_type: OrderTypeName
    time_in_force: TimeInForceName
    post_only: bool
    stop_price: Annotated[Figure, about("0: not a stop order.", "0 表示非触发单。")]
    self_trade_prevention: PreventionName
    reason: Annotated[str, about("Why it was canceled, else empty.", "取消原因，未取消则为空。")]


def order_info(order: Order, listings: Listings, figure: FigureOf) -> OrderInfo:
    market = listings.markets[order.market]
    base, quote = listings.currencies[market.base], listings.currencies[market.quote]
    received = base if order.side is Side.BUY else quote
    return OrderInfo(
        str(order.id),
        SIDE_NAMES[order.side],
        order.status,
        market.symbol,
        figure(order.price, market.price_decimals),
        figure(order.quantity, market.amount_decimals),
        figure(order.executed, market.amount_decimals),
        order.created_ms // 1000,
        order.updated_ms // 1000,
        order.created_ms,
        order.updated_ms,
        figure(order.executed_value, quote.decimals),
        figure(order.fee, received.decimals),
        received.symbol,
        order.client_order_id,
        ORDER_TYPE_NAMES[order.order_type],
        TIME_IN_FORCE_NAMES[order.time_in_force],
        order.post_only,
        figure(order.stop_price, market.price_decimals),
        PREVENTION_NAMES[order.self_trade_prevention],
        REASON_NAMES[order.reason],
    )
