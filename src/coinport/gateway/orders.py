"""Orders: submit them, cancel them, look them up. The caller's own."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from coinport.gateway.errors import REFUSALS, ApiError, Code, Language, Text, message
from coinport.gateway.names import MarketWanted, market_wanted
from coinport.gateway.order_info import OrderInfo, order_info
from coinport.gateway.order_items import OrderItemText, place_order
from coinport.gateway.order_texts import OrderTexts
from coinport.gateway.paging import Cursor, Ids, Limit, cursor_of, ids_of
from coinport.gateway.requests import Permission, Request, language_of
from coinport.gateway.routes import Call, Decision, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.wire import FigureOf, number_figure
from coinport.journal.records import Records
from coinport.model.commands import CancelAllOrders, CancelOrder, PlaceOrder
from coinport.model.events import Event, OrderCanceled, OrderRepeated, Refused
from coinport.model.records import Record, encode_command
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
        self.texts = OrderTexts(self._listings, services.self_trade_prevention)

    @endpoint(
        "POST",
        "/user/submit_orders",
        parameters=SubmitOrders,
        answer=OrderResults,
        permission=Permission.TRADE,
        reads_late=True,
        summary=Text("Submit up to 10 orders", "批量下单"),
    )
    def submit_orders(self, call: Call[SubmitOrders]) -> Decision[OrderResults]:
        request = call.request
        if call.figure is number_figure and not request.query:
            usual = self.texts.read(request.body, call.caller.account)
            if usual is not None:
                return Decision(usual, partial(self.results, call.caller.account, request))
        return self._decision(call)

    def results(
        self, account: AccountId, request: Request, records: Records
    ) -> Raw | OrderResults | Awaitable[OrderResults]:
        """Of usual orders, each of which became a command."""
        text = self.texts.write(records.encoded, 0, len(records))
        if text is not None:
            return Raw(text)
        return self._results(account, request, number_figure, [None] * len(records), records)

    def _decision(self, call: Call[SubmitOrders]) -> Decision[OrderResults]:
        commands: list[bytes] = []
        wrong: list[ApiError | None] = []
        for item in call.parameters.orders:
            try:
                commands.append(encode_command(self._command(item, call.caller.account)))
            except ApiError as error:
                wrong.append(error)
            else:
                wrong.append(None)
        results = partial(self._results, call.caller.account, call.request, call.figure, wrong)
        return Decision(commands, results)

    def _results(
        self,
        account: AccountId,
        request: Request,
        figure: FigureOf,
        wrong: list[ApiError | None],
        records: Records,
    ) -> OrderResults | Awaitable[OrderResults]:
        """`wrong` has None for each item that became a command."""
        in_order = iter(records)
        outcomes = [error or next(in_order) for error in wrong]
        repeated = [
            event.order
            for record in records
            for event in record.events[:1]
            if isinstance(event, OrderRepeated)
        ]
        result = partial(self._result, language_of(request.headers), figure)
        if repeated:
            return self._results_with(account, repeated, result, outcomes)
        return OrderResults([result(outcome, {}) for outcome in outcomes])

    async def _results_with(
        self,
        account: AccountId,
        repeated: list[OrderId],
        result: Callable[[Record | ApiError, dict[OrderId, Order]], OrderResult],
        outcomes: list[Record | ApiError],
    ) -> OrderResults:
        """With the orders that were already there, as they now are."""
        found = await self._orders.by_id(account, repeated)
        earlier = {order.id: order for order in found}
        return OrderResults([result(outcome, earlier) for outcome in outcomes])

    def _command(self, item: Raw, account: AccountId) -> PlaceOrder:
        return place_order(item, account, self._listings, self._services.self_trade_prevention)

    def _result(
        self,
        language: Language,
        figure: FigureOf,
        outcome: Record | ApiError,
        earlier: dict[OrderId, Order],
    ) -> OrderResult:
        if isinstance(outcome, ApiError):
            return OrderResult(0, code=outcome.code, message=outcome.message(language))
        first = outcome.events[0]
        if isinstance(first, Refused):
            refusal = REFUSALS[first.reason]
            return OrderResult(
                0, code=refusal.code, message=message(refusal.code, language, *refusal[1:])
            )
        order = placed_order(outcome, self._listings)
        if order is None:
            assert isinstance(first, OrderRepeated)
            order = earlier[first.order]
        return OrderResult(order.id, order_info(order, self._listings, figure))

    @endpoint(
        "POST",
        "/user/cancel_orders",
        parameters=CancelOrders,
        answer=CancelResults,
        permission=Permission.TRADE,
        summary=Text("Cancel up to 100 orders", "批量取消订单"),
    )
    def cancel_orders(self, call: Call[CancelOrders]) -> Decision[CancelResults]:
        ids = list(dict.fromkeys(call.parameters.order_ids))
        possible = [OrderId(order) for order in ids if 0 < order <= INTEGER_MAX]
        language = language_of(call.request.headers)

        def answer(records: Records) -> CancelResults:
            first = (record.events[0] for record in records)
            return _cancel_results(ids, dict(zip(possible, first, strict=True)), language)

        account = call.caller.account
        return Decision([encode_command(CancelOrder(account, each)) for each in possible], answer)

    @endpoint(
        "POST",
        "/user/cancel_all_orders",
        parameters=CancelAll,
        answer=AllCanceled,
        permission=Permission.TRADE,
        errors=(Code.UNKNOWN_MARKET, Code.MARKET_CLOSED),
        summary=Text("Cancel all open orders, of one market or of all", "取消所有订单"),
    )
    def cancel_all_orders(self, call: Call[CancelAll]) -> Decision[AllCanceled]:
        market = market_wanted(self._listings, call.parameters.market) or MarketId(0)
        command = CancelAllOrders(call.caller.account, market)
        return Decision([encode_command(command)], _all_canceled)

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


def _cancel_results(
    ids: list[int], events: Mapping[OrderId, Event], language: Language
) -> CancelResults:
    results = CancelResults([], {})
    for order in ids:
        event = events.get(OrderId(order))
        if isinstance(event, OrderCanceled):
            results.cancelled.append(order)
        else:
            code = Code.UNKNOWN_ORDER
            if isinstance(event, Refused):
                code = REFUSALS[event.reason].code
            results.failed[str(order)] = Failed(code, message(code, language))
    return results


def _all_canceled(records: Records) -> AllCanceled:
    (record,) = records
    for event in record.events:
        if isinstance(event, Refused):
            raise ApiError(*REFUSALS[event.reason])
    return AllCanceled([event.order for event in record.events if isinstance(event, OrderCanceled)])
