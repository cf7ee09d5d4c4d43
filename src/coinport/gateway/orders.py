"""Orders: submit them, cancel them, look them up. The caller's own."""

from collections.abc import Sequence as SequenceOf
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from coinport.gateway.errors import REFUSALS, ApiError, Code, Language, Text, message
from coinport.gateway.names import MarketWanted, market_wanted
from coinport.gateway.order_info import OrderInfo, order_info
from coinport.gateway.order_items import OrderItemText, place_order
from coinport.gateway.paging import Cursor, Ids, Limit, cursor_of, ids_of
from coinport.gateway.requests import Permission, language_of
from coinport.gateway.routes import Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.model.commands import CancelAllOrders, CancelOrder, PlaceOrder
from coinport.model.events import OrderCanceled, OrderRepeated, Refused
from coinport.model.records import Record
from coinport.model.units import AccountId, MarketId, OrderId
from coinport.readmodels import orders as stored
from coinport.readmodels.orders import Order, OrderStatus, placed_order
from coinport.readmodels.paging import Page
from coinport.readmodels.projection import INTEGER_MAX

ITEMS_MAX: Final = 10
"""Orders in one request."""
CANCELS_MAX: Final = 100
"""Orders to cancel in one request."""
ORDERS: Final = 50
ORDERS_MAX: Final = 200
"""Orders in one answer: by default, and at most."""


class SubmitOrders(Parameters, frozen=True):
    orders: Annotated[
        list[OrderItemText],
        Meta(min_length=1, max_length=ITEMS_MAX),
        about("1 to 10; a bad one does not spoil the others.", "1 至 10 个，单个出错不影响其它。"),
    ]


class OrderResult(Struct):
    order_id: Annotated[int, about("0: refused.", "0 表示下单失败。")]
    order: Annotated[
        OrderInfo | UnsetType, about("Right after matching.", "撮合后的订单数据。")
    ] = UNSET
    code: Annotated[Code | UnsetType, about("Why it was refused.", "失败的错误代码。")] = UNSET
    message: str | UnsetType = UNSET


class OrderResults(Struct):
    results: Annotated[list[OrderResult], about("In the order of the items.", "与下单顺序一致。")]


class CancelOrders(Parameters, frozen=True):
    order_ids: Annotated[
        list[int],
        Meta(min_length=1, max_length=CANCELS_MAX),
        about("1 to 100, as numbers or text.", "1 至 100 个订单号，数字或字符串。"),
    ]


class Failed(Struct):
    code: Code
    message: str


class CancelResults(Struct):
    cancelled: list[int]
    failed: Annotated[dict[str, Failed], about("By order id.", "以订单号为键。")]


class CancelAll(Parameters, frozen=True):
    market: MarketWanted = UNSET


class AllCanceled(Struct):
    cancelled: list[int]


class OrdersOf(Parameters, frozen=True):
    market: MarketWanted = UNSET
    cursor: Cursor = -1
    limit: Annotated[Limit, about("At most 200.", "上限 200。")] = ORDERS
    order_status: Annotated[
        OrderStatus | UnsetType,
        about(
            "0 open, 1 filled, 2 partly filled, 3 canceled; default: all.",
            "0 挂单中，1 完全成交，2 部分成交，3 已取消；默认所有状态。",
        ),
    ] = UNSET
    ids: Ids | UnsetType = UNSET


class OrderList(Struct):
    timestamp: Annotated[int, about("Of the last change, in ms.", "最后变更时间，毫秒。")]
    has_more: bool = msgspec.field(name="hasMore")
    orders: Annotated[list[OrderInfo], about("The newest first.", "按订单号降序。")]


class Orders:
    title = Text("Orders", "订单")

    def __init__(self, services: Services) -> None:
        self._services = services
        self._listings = services.live.listings.listings
        self._orders = stored.Orders(services)
        self._submit = services.sequencer.submit_all

    @endpoint(
        "POST",
        "/user/submit_orders",
        parameters=SubmitOrders,
        answer=OrderResults,
        permission=Permission.TRADE,
        summary=Text("Submit up to 10 orders", "批量下单"),
    )
    async def submit_orders(self, call: Call[SubmitOrders]) -> OrderResults:
        account = call.caller.account
        items = [self._command(item, account) for item in call.parameters.orders]
        commands = [item for item in items if isinstance(item, PlaceOrder)]
        records = iter(await self._submit(commands))
        outcomes = [item if isinstance(item, ApiError) else next(records) for item in items]
        earlier = await self._earlier(account, outcomes)
        return OrderResults([self._result(outcome, earlier, call) for outcome in outcomes])

    def _command(self, item: Raw, account: AccountId) -> PlaceOrder | ApiError:
        try:
            return place_order(item, account, self._listings, self._services.self_trade_prevention)
        except ApiError as error:
            return error

    async def _earlier(
        self, account: AccountId, outcomes: SequenceOf[Record | ApiError]
    ) -> dict[OrderId, Order]:
        """The orders that were already there, as they now are."""
        ids = [
            event.order
            for outcome in outcomes
            if isinstance(outcome, Record)
            for event in outcome.events
            if isinstance(event, OrderRepeated)
        ]
        if not ids:
            return {}
        return {order.id: order for order in await self._orders.by_id(account, ids)}

    def _result(
        self,
        outcome: Record | ApiError,
        earlier: dict[OrderId, Order],
        call: Call[SubmitOrders],
    ) -> OrderResult:
        if isinstance(outcome, ApiError):
            return OrderResult(0, code=outcome.code, message=outcome.message(_language(call)))
        first = outcome.events[0]
        if isinstance(first, Refused):
            refusal = REFUSALS[first.reason]
            return OrderResult(
                0, code=refusal.code, message=message(refusal.code, _language(call), *refusal[1:])
            )
        order = placed_order(outcome, self._listings)
        if order is None:
            assert isinstance(first, OrderRepeated)
            order = earlier[first.order]
        return OrderResult(order.id, order_info(order, self._listings, call.figure))

    @endpoint(
        "POST",
        "/user/cancel_orders",
        parameters=CancelOrders,
        answer=CancelResults,
        permission=Permission.TRADE,
        summary=Text("Cancel up to 100 orders", "批量取消订单"),
    )
    async def cancel_orders(self, call: Call[CancelOrders]) -> CancelResults:
        account = call.caller.account
        ids = list(dict.fromkeys(call.parameters.order_ids))
        possible = [OrderId(order) for order in ids if 0 < order <= INTEGER_MAX]
        records = await self._submit([CancelOrder(account, order) for order in possible])
        events = {order: record.events[0] for order, record in zip(possible, records, strict=True)}
        results = CancelResults([], {})
        for order in ids:
            event = events.get(OrderId(order))
            if isinstance(event, OrderCanceled):
                results.cancelled.append(order)
            else:
                code = Code.UNKNOWN_ORDER
                if isinstance(event, Refused):
                    code = REFUSALS[event.reason].code
                results.failed[str(order)] = Failed(code, message(code, _language(call)))
        return results

    @endpoint(
        "POST",
        "/user/cancel_all_orders",
        parameters=CancelAll,
        answer=AllCanceled,
        permission=Permission.TRADE,
        errors=(Code.UNKNOWN_MARKET, Code.MARKET_CLOSED),
        summary=Text("Cancel all open orders, of one market or of all", "取消所有订单"),
    )
    async def cancel_all_orders(self, call: Call[CancelAll]) -> AllCanceled:
        market = market_wanted(self._listings, call.parameters.market) or MarketId(0)
        (record,) = await self._submit([CancelAllOrders(call.caller.account, market)])
        for event in record.events:
            if isinstance(event, Refused):
                raise ApiError(*REFUSALS[event.reason])
        return AllCanceled(
            [event.order for event in record.events if isinstance(event, OrderCanceled)]
        )

    @endpoint(
        "GET",
        "/user/orders",
        parameters=OrdersOf,
        answer=OrderList,
        permission=Permission.READ,
        errors=(Code.UNKNOWN_MARKET,),
        summary=Text("The caller's orders", "用户历史订单"),
    )
    async def orders(self, call: Call[OrdersOf]) -> OrderList:
        page = await self._page(call.caller.account, call.parameters)
        return OrderList(
            max((order.updated_ms for order in page.rows), default=0),
            page.more,
            [order_info(order, self._listings, call.figure) for order in page.rows],
        )

    async def _page(self, account: AccountId, wanted: OrdersOf) -> Page[Order]:
        if wanted.ids is not UNSET:
            return Page(await self._orders.by_id(account, ids_of(wanted.ids)), more=False)
        return await self._orders.of(
            account,
            market=market_wanted(self._listings, wanted.market),
            status=None if wanted.order_status is UNSET else wanted.order_status,
            cursor=cursor_of(wanted.cursor),
            limit=min(wanted.limit, ORDERS_MAX),
        )


def _language(call: Call[SubmitOrders] | Call[CancelOrders]) -> Language:
    return language_of(call.request.headers)
