"""Order items: what `submit_orders` takes, read into commands."""

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from coinport.gateway.errors import ApiError, Code
from coinport.gateway.names import MarketName, market_named
from coinport.gateway.order_info import (
    ORDER_TYPE_NAMES,
    PREVENTION_NAMES,
    SIDE_NAMES,
    TIME_IN_FORCE_NAMES,
)
from coinport.gateway.routes import about
from coinport.gateway.schemas import schemas_of
from coinport.gateway.wire import REPEATED, SUPERFLUOUS, FigureIn, chosen, decoded, units
from coinport.model.commands import PlaceOrder
from coinport.model.listings import Listings, Market
from coinport.model.trading import OrderType, SelfTradePrevention, Side, TimeInForce
from coinport.model.units import (
    CLIENT_ORDER_ID_LENGTH_MAX,
    AccountId,
    Amount,
    Price,
    Quantity,
)

SIDES: Final[Mapping[object, Side]] = {name: side for side, name in SIDE_NAMES.items()}
ORDER_TYPES: Final[Mapping[object, OrderType]] = {
    name: kind for kind, name in ORDER_TYPE_NAMES.items()
}
TIMES_IN_FORCE: Final[Mapping[object, TimeInForce]] = {
    name: time for time, name in TIME_IN_FORCE_NAMES.items()
}
SELF_TRADE_PREVENTIONS: Final[Mapping[object, SelfTradePrevention]] = {
    name: each for each, name in PREVENTION_NAMES.items()
}

_LIMIT: Final = OrderType.LIMIT


def _one_of(choices: Mapping[object, object]) -> Meta:
    """For the document only: case does not matter, and an item's error is found by hand."""
    return Meta(extra_json_schema={"enum": list(choices)})


ClientOrderId = Annotated[
    str,
    # In Python "$" alone would let a line feed follow.
    Meta(pattern=rf"^[A-Za-z0-9._:/-]{{1,{CLIENT_ORDER_ID_LENGTH_MAX}}}$(?!\n)"),
]


class OrderItem(Struct, frozen=True, forbid_unknown_fields=True):
    market: MarketName
    type: Annotated[
        str | UnsetType, _one_of(SIDES), about("Required; in any case.", "必填，买卖方向。")
    ] = UNSET
    operation: Annotated[
        str | UnsetType, _one_of(SIDES), about("Instead of `type`.", "可代替 type。")
    ] = UNSET
    price: Annotated[
        FigureIn | UnsetType, about("The limit; not for a market order.", "限价；市价单不填。")
    ] = UNSET
    amount: Annotated[
        FigureIn | UnsetType, about("Of the base currency.", "数量（商品币种）。")
    ] = UNSET
    value: Annotated[
        FigureIn | UnsetType,
        about(
            "For a market buy, instead of `amount`: how much of the quote currency to spend.",
            "市价买单可用：花费的计价币种金额，代替 amount。",
        ),
    ] = UNSET
    order_type: Annotated[str, _one_of(ORDER_TYPES)] = "limit"
    time_in_force: Annotated[
        str,
        _one_of(TIMES_IN_FORCE),
        about(
            "Good till canceled, immediate or cancel, fill or kill.",
            "有效方式：一直有效、立即成交否则取消、全部成交否则取消。",
        ),
    ] = "gtc"
    post_only: Annotated[
        bool, about("Refused where it would trade at once.", "只挂单：若会立即成交则拒绝。")
    ] = False
    client_order_id: Annotated[
        ClientOrderId | UnsetType,
        about(
            "Your own name for the order. Within 24 hours, the same order again is answered as the "
            "first time; another one with the same name is refused.",
            "自定义订单号。24 小时内相同订单重复提交返回首次结果，内容不同则拒绝。",
        ),
    ] = UNSET
    stop_price: Annotated[
        FigureIn | UnsetType,
        about("The order waits until the last price reaches this.", "触发价：最新价达到后生效。"),
    ] = UNSET
    self_trade_prevention: Annotated[
        str | UnsetType,
        _one_of(SELF_TRADE_PREVENTIONS),
        about("When it meets an order of the same account.", "自成交处理方式。"),
    ] = UNSET


_, _schemas = schemas_of([OrderItem])
_EXAMPLE: Final = {"market": "BTC-CNY", "type": "buy", "price": 2010.3, "amount": 0.25}
OrderItemText = Annotated[Raw, Meta(examples=[_EXAMPLE], extra_json_schema=_schemas["OrderItem"])]
"""An item not yet read: what is wrong with one is nothing to the others."""

_decode: Final = msgspec.json.Decoder(OrderItem).decode


def place_order(
    raw: Raw, account: AccountId, listings: Listings, prevention: SelfTradePrevention
) -> PlaceOrder:
    """The command that an item stands for; `prevention` holds where it says nothing.

    Raises ApiError. What depends on the state of the exchange is left to the engine.
    """
    # Ten of these to a request: what is usual is looked up here, without a call.
    item = decoded(_decode, raw)
    market = market_named(listings, item.market)
    side = (item.operation is UNSET and SIDES.get(item.type)) or _side(item)
    order_type = ORDER_TYPES.get(item.order_type) or chosen(
        ORDER_TYPES, item.order_type.lower(), "order_type"
    )
    time_in_force = TIMES_IN_FORCE.get(item.time_in_force) or chosen(
        TIMES_IN_FORCE, item.time_in_force.lower(), "time_in_force"
    )
    if item.self_trade_prevention is not UNSET:
        prevention = chosen(
            SELF_TRADE_PREVENTIONS, item.self_trade_prevention.lower(), "self_trade_prevention"
        )
    if order_type is _LIMIT:
        price, quantity, value = _of_limit(item, market)
    else:
        price, quantity, value = _of_market(item, market, side, listings)
    stop = item.stop_price
    return PlaceOrder(
        account,
        market.market,
        side,
        order_type,
        Price(price),
        Quantity(quantity),
        Amount(value),
        time_in_force,
        item.post_only,
        Price(0 if stop is UNSET else units(stop, market.price_decimals, "stop_price")),
        prevention,
        "" if item.client_order_id is UNSET else item.client_order_id,
    )


def _of_limit(item: OrderItem, market: Market) -> tuple[int, int, int]:
    """Price, quantity and value of a limit order."""
    price, amount = item.price, item.amount
    if item.value is not UNSET:
        raise ApiError(Code.BAD_PARAMETER, "value", SUPERFLUOUS)
    if price is UNSET:
        raise ApiError(Code.MISSING_PARAMETER, "price")
    if amount is UNSET:
        raise ApiError(Code.MISSING_PARAMETER, "amount")
    return (
        units(price, market.price_decimals, "price"),
        units(amount, market.amount_decimals, "amount"),
        0,
    )


def _of_market(
    item: OrderItem, market: Market, side: Side, listings: Listings
) -> tuple[int, int, int]:
    """Price, quantity and value of a market order: of quantity and value one is 0."""
    amount, value = item.amount, item.value
    if item.price is not UNSET:
        raise ApiError(Code.BAD_PARAMETER, "price", SUPERFLUOUS)
    if value is not UNSET:
        if amount is not UNSET or side is not Side.BUY:
            raise ApiError(Code.BAD_PARAMETER, "value", SUPERFLUOUS)
        return 0, 0, units(value, listings.currencies[market.quote].decimals, "value")
    if amount is UNSET:
        raise ApiError(Code.MISSING_PARAMETER, "amount")
    return 0, units(amount, market.amount_decimals, "amount"), 0


def _side(item: OrderItem) -> Side:
    if item.operation is UNSET:
        if item.type is UNSET:
            raise ApiError(Code.MISSING_PARAMETER, "type")
        return chosen(SIDES, item.type.lower(), "type")
    if item.type is not UNSET:
        raise ApiError(Code.BAD_PARAMETER, "operation", REPEATED)
    return chosen(SIDES, item.operation.lower(), "operation")
