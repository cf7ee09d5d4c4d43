"""The book of one market: resting orders by price, then by time; and the stop orders that wait.

Each half is a dict of levels under a key that grows with how good a price is (the price of a bid,
minus the price of an ask), and the sorted list of those keys: the best level is the last one, where
a list is cheap to change, and matching reads the same on both sides.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from coinport.engine.triggers import Triggers
from coinport.model.commands import PlaceOrder
from coinport.model.listings import Market
from coinport.model.trading import Side
from coinport.model.units import AccountId, OrderId, Price, Quantity

ANY_PRICE: Final = -(2**63)
"""A key that every level is at least as good as: the limit of a market order."""
_BUY: Final = Side.BUY


class Order:
    """An open order."""

    __slots__ = ("account", "leaves", "market", "order", "price", "side", "terms")

    def __init__(
        self,
        order: OrderId,
        account: AccountId,
        market: Market,
        side: Side,
        price: Price,
        leaves: Quantity,
        terms: PlaceOrder | None,
    ) -> None:
        self.order = order
        self.account = account
        self.market = market.market
        self.side = side
        self.price = price
        self.leaves = leaves
        self.terms = terms
        """Of a stop order while it waits; None from its first day in the book."""


class Half:
    """One side of a book."""

    __slots__ = ("keys", "levels", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        """Key of a level = sign * price."""
        self.levels: dict[int, OrderedDict[OrderId, Order]] = {}
        self.keys: list[int] = []
        """Sorted; the best is last."""

    def add(self, order: Order) -> None:
        key = self.sign * order.price
        level = self.levels.get(key)
        if level is None:
            level = self.levels[key] = OrderedDict()
            insort(self.keys, key)
        level[order.order] = order

    def remove(self, order: Order) -> None:
        key = self.sign * order.price
        level = self.levels[key]
        del level[order.order]
        if not level:
            del self.levels[key]
            if self.keys[-1] == key:
                self.keys.pop()
            else:
                del self.keys[bisect_left(self.keys, key)]

    def first(self) -> Order:
        """Who is next to trade: the oldest order at the best price."""
        level = self.levels[self.keys[-1]]
        return next(iter(level.values()))

    def queue(self) -> Iterator[Order]:
        """All orders in the order in which they would trade."""
        for key in reversed(self.keys):
            yield from self.levels[key].values()


class Book:
    __slots__ = ("asks", "bids", "last_price", "market", "triggers")

    def __init__(self, market: Market) -> None:
        self.market = market
        """As it is now: fees and state change."""
        self.bids = Half(1)
        self.asks = Half(-1)
        self.last_price = Price(0)
        """Of the last trade; 0 before the first."""
        self.triggers = Triggers()

    def own(self, side: Side) -> Half:
        """Where an order of `side` rests."""
        return self.bids if side is _BUY else self.asks

    def opposite(self, side: Side) -> Half:
        """What an order of `side` trades with."""
        return self.asks if side is _BUY else self.bids

    def worst_key(self, side: Side, price: Price) -> int:
        """The key an opposite level must reach for an order of `side` to trade at `price`."""
        if price == 0:
            return ANY_PRICE
        return -price if side is _BUY else price
