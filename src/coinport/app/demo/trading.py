"""What the robots do in a market: one keeps a ladder of orders, the other takes from it."""

import math
import random
from collections import deque
from typing import Any, NamedTuple

from coinport.app.demo.client import Client
from coinport.app.demo.sizes import HALF_SPREAD, lots, worth_cny
from coinport.app.demo.walk import Walk

LADDER_MAX = 60
"""Resting orders of the maker in one market, both sides together."""
LEVELS = 5
"""Orders a side that are placed at a time: together as many as one request may hold."""


class DemoMarket(NamedTuple):
    symbol: str
    price_decimals: int
    amount_decimals: int

    @property
    def base(self) -> str:
        return self.symbol.split("-")[0]

    def fair(self, walk: Walk, time_ms: int) -> float:
        """In ticks."""
        return walk.price(self.base, self.symbol.split("-")[1], time_ms) * 10.0**self.price_decimals

    def order(self, side: str, ticks: int, worth: float, **terms: Any) -> dict[str, Any]:
        amount = lots(self.base, self.amount_decimals, worth)
        return {
            "market": self.symbol,
            "type": side,
            "price": decimal(max(1, ticks), self.price_decimals),
            "amount": decimal(amount, self.amount_decimals),
            **terms,
        }


class Resting(NamedTuple):
    order: int
    side: str
    ticks: int

    def too_near(self, fair: float) -> bool:
        """The price has moved: others could take it for less than it is worth."""
        room = HALF_SPREAD / 2 * fair
        return self.ticks > fair - room if self.side == "buy" else self.ticks < fair + room


class Maker:
    """Keeps a ladder in one market: every turn adds some orders and cancels the outdated ones."""

    def __init__(self, client: Client, market: DemoMarket, chance: random.Random) -> None:
        self._client = client
        self._market = market
        self._chance = chance
        self._resting: deque[Resting] = deque()

    def turn(self, fair: float) -> None:
        """`fair` in ticks. The new ones come first, so that the book is never empty."""
        self._place(fair)
        outdated = [each for each in self._resting if each.too_near(fair)]
        kept = deque(each for each in self._resting if not each.too_near(fair))
        while len(kept) > LADDER_MAX:
            outdated.append(kept.popleft())
        self._resting = kept
        if outdated:
            self._client.post(
                "/user/cancel_orders", {"order_ids": [each.order for each in outdated]}
            )

    def _place(self, fair: float) -> None:
        ladder = [("buy", self._bid(fair)) for _ in range(LEVELS)]
        ladder += [("sell", self._ask(fair)) for _ in range(LEVELS)]
        orders = [
            self._market.order(
                side, ticks, 3 * worth_cny(self._chance), self_trade_prevention="expire_maker"
            )
            for side, ticks in ladder
        ]
        results = self._client.post("/user/submit_orders", {"orders": orders})["results"]
        for (side, ticks), result in zip(ladder, results, strict=True):
            if result["order_id"]:
                self._resting.append(Resting(result["order_id"], side, ticks))

    def _bid(self, fair: float) -> int:
        return math.ceil(fair * (1 - self._distance())) - 1

    def _ask(self, fair: float) -> int:
        return math.floor(fair * (1 + self._distance())) + 1

    def _distance(self) -> float:
        """From the fair price: most are near, some far."""
        return HALF_SPREAD + self._chance.expovariate(1 / self._chance.choice((0.002, 0.02)))


class Taker:
    """Buys and sells a little at the best price, now in this market, now in that."""

    def __init__(self, client: Client, chance: random.Random) -> None:
        self._client = client
        self._chance = chance

    def turn(self, fairs: dict[DemoMarket, float]) -> None:
        """`fairs`: in ticks, of the markets to trade in."""
        orders = []
        for market, fair in fairs.items():
            side = self._chance.choice(("buy", "sell"))
            limit = fair * (1.01 if side == "buy" else 0.99)
            worth = worth_cny(self._chance)
            orders.append(market.order(side, round(limit), worth, time_in_force="ioc"))
        self._client.post("/user/submit_orders", {"orders": orders})


def decimal(units: int, decimals: int) -> str:
    """Units of 10**-decimals as exact text."""
    digits = str(units).zfill(decimals + 1)
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
