"""`orders`, `fills` and `balances`: the caller's own, from SQL first and then from the feed.

What is read is as it was after some record; the channel follows from the next one on.
"""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Struct

from coinport.engine.accounting import transfers
from coinport.gateway.account import BalanceFigures, balance_figures
from coinport.gateway.order_info import OrderInfo, order_info
from coinport.gateway.own_trades import OwnTradeInfo, own_trade_info
from coinport.gateway.routes import about
from coinport.gateway.services import Services
from coinport.gateway.streams.trades import UPDATE_MAX
from coinport.gateway.wire import FigureOf
from coinport.model.events import Traded
from coinport.model.records import Record
from coinport.model.units import AccountId, Amount, CurrencyId, Sequence
from coinport.readmodels.balances import Balance, balances_of
from coinport.readmodels.checkpoint import checkpoint_of
from coinport.readmodels.own_orders import OwnOrders, open_orders
from coinport.readmodels.trades import OwnTrade, own_newest, own_trades

FILLS: Final = 100
"""In a snapshot."""


class OrdersData(Struct):
    orders: Annotated[
        list[OrderInfo],
        about(
            "All that are open, the newest first; of an update, those that have changed, as they "
            "now are.",
            "所有未完成订单，按订单号降序；更新中为有变动的订单的最新状态。",
        ),
    ]


class FillsData(Struct):
    trades: Annotated[
        list[OwnTradeInfo],
        about(
            "The newest first. Of an update: each one since the message before. A trade with "
            "oneself is two rows.",
            "按时间降序。更新中为上一条消息之后的每笔成交。自成交有两行。",
        ),
    ]


class OrdersSource:
    def __init__(self, services: Services, account: AccountId, figure: FigureOf) -> None:
        self._services = services
        self._account = account
        self._figure = figure
        self._listings = services.live.listings.listings
        self._orders = OwnOrders(self._listings, account)

    async def load(self) -> Sequence:
        sequence, orders = await self._services.read(
            lambda connection: (
                checkpoint_of(connection).sequence,
                open_orders(connection, self._account),
            )
        )
        self._orders.begin(orders)
        return sequence

    def follow(self, record: Record, event: Any) -> None:
        self._orders.follow(record, event)

    def update(self) -> bytes | None:
        changed = self._orders.take_changed()
        return self._text(changed) if changed else None

    def snapshot(self) -> bytes:
        return self._text(self._orders.open())

    def _text(self, orders: list[Any]) -> bytes:
        infos = [order_info(order, self._listings, self._figure) for order in orders]
        return msgspec.json.encode(OrdersData(infos))


class FillsSource:
    def __init__(self, services: Services, account: AccountId, figure: FigureOf) -> None:
        self._services = services
        self._account = account
        self._figure = figure
        self._listings = services.live.listings.listings
        self._recent: list[OwnTrade] = []
        """Newest first."""
        self._new: list[OwnTrade] = []
        """Oldest first."""

    async def load(self) -> Sequence:
        sequence, self._recent = await self._services.read(
            lambda connection: (
                checkpoint_of(connection).sequence,
                own_newest(connection, self._account, FILLS),
            )
        )
        return sequence

    def follow(self, record: Record, event: Any) -> None:
        if type(event) is Traded:
            self._new += reversed(own_trades(record, event, self._account))

    def update(self) -> bytes | None:
        if not self._new:
            return None
        new, self._new = self._new[:UPDATE_MAX][::-1], self._new[UPDATE_MAX:]
        self._recent = [*new, *self._recent][:FILLS]
        return self._text(new)

    def snapshot(self) -> bytes:
        return self._text(self._recent)

    def _text(self, trades: list[OwnTrade]) -> bytes:
        infos = [own_trade_info(trade, self._listings, self._figure) for trade in trades]
        return msgspec.json.encode(FillsData(infos))


class BalancesSource:
    def __init__(self, services: Services, account: AccountId, figure: FigureOf) -> None:
        self._services = services
        self._account = account
        self._figure = figure
        self._listings = services.live.listings.listings
        self._balances: dict[CurrencyId, list[int]] = {}
        """What is in each bucket of `engine.accounting`."""
        self._changed: set[CurrencyId] = set()

    async def load(self) -> Sequence:
        sequence, balances = await self._services.read(
            lambda connection: (
                checkpoint_of(connection).sequence,
                balances_of(connection, self._account),
            )
        )
        self._balances = {
            currency: [each.available, each.frozen, each.pending, each.held]
            for currency, each in balances.items()
        }
        return sequence

    def follow(self, record: Record, event: Any) -> None:
        for currency, debit, credit, amount in transfers(event, self._listings):
            for pocket, moved in ((debit, -amount), (credit, amount)):
                account, bucket = divmod(pocket, 4)
                if account == self._account:
                    self._balances.setdefault(currency, [0, 0, 0, 0])[bucket] += moved
                    self._changed.add(currency)

    def update(self) -> bytes | None:
        if not self._changed:
            return None
        changed, self._changed = sorted(self._changed), set()
        return self._text(changed)

    def snapshot(self) -> bytes:
        return self._text(list(self._listings.currencies))

    def _text(self, currencies: list[CurrencyId]) -> bytes:
        shown: dict[str, BalanceFigures] = {}
        for each in currencies:
            currency = self._listings.currencies[each]
            buckets = self._balances.get(each, (0, 0, 0, 0))
            balance = Balance(*map(Amount, buckets))
            shown[currency.symbol] = balance_figures(balance, currency, self._figure)
        return msgspec.json.encode(shown)
