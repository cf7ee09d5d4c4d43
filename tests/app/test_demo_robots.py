"""The robots keep markets two-sided, and end with the process that started them."""

import random
import subprocess
import sys
from typing import Any

import msgspec

from coinport.app.demo import robots
from coinport.app.demo.robots import Terms
from coinport.app.demo.trading import LADDER_MAX, DemoMarket, Maker, Taker, decimal

MARKET = DemoMarket("LTC-BTC", 4, 4)


class Desk:
    """In place of a `Client`: takes down what is asked, and accepts it all."""

    def __init__(self) -> None:
        self.orders: dict[int, dict[str, Any]] = {}
        self.canceled: set[int] = set()
        self.largest = 0

    def post(self, path: str, body: dict[str, Any]) -> Any:
        if path == "/user/cancel_orders":
            assert len(body["order_ids"]) <= 100
            self.canceled |= set(body["order_ids"])
            return {}
        self.largest = max(self.largest, len(body["orders"]))
        numbers = range(len(self.orders) + 1, len(self.orders) + len(body["orders"]) + 1)
        self.orders |= dict(zip(numbers, body["orders"], strict=True))
        return {"results": [{"order_id": number} for number in numbers]}

    def resting(self, side: str) -> list[float]:
        return [
            float(order["price"])
            for number, order in self.orders.items()
            if number not in self.canceled and order["type"] == side
        ]


def test_a_ladder_has_both_sides_around_the_price() -> None:
    desk: Any = Desk()
    maker = Maker(desk, MARKET, random.Random(1))
    for _ in range(4):
        maker.turn(fair=221.5)
    bids, asks = desk.resting("buy"), desk.resting("sell")
    assert len(bids) == len(asks) == 20
    assert max(bids) < 0.02215 < min(asks)
    assert desk.largest == 10


def test_when_the_price_moves_the_ladder_follows() -> None:
    desk: Any = Desk()
    maker = Maker(desk, MARKET, random.Random(1))
    for fair in (1000, 1010, 1030, 980, 990, 1000):
        maker.turn(fair)
        assert max(desk.resting("buy")) < fair / 10**4 < min(desk.resting("sell"))


def test_a_ladder_does_not_grow_for_ever() -> None:
    desk: Any = Desk()
    maker = Maker(desk, MARKET, random.Random(1))
    for _ in range(50):
        maker.turn(fair=1000)
    assert len(desk.resting("buy") + desk.resting("sell")) == LADDER_MAX


def test_a_taker_takes_within_bounds_and_leaves_nothing_behind() -> None:
    desk: Any = Desk()
    taker = Taker(desk, random.Random(1))
    for _ in range(20):
        taker.turn({MARKET: 1000.0})
    assert {order["type"] for order in desk.orders.values()} == {"buy", "sell"}
    for order in desk.orders.values():
        assert order["time_in_force"] == "ioc"
        assert 0.099 <= float(order["price"]) <= 0.101


def test_decimals_are_exact() -> None:
    assert [decimal(units, 4) for units in (1, 12345, 10_000)] == ["0.0001", "1.2345", "1.0000"]
    assert decimal(7, 0) == "7"


def test_they_end_when_their_input_does() -> None:
    terms = Terms("http://127.0.0.1:1", 1, "nobody", "nobody")
    command = [sys.executable, "-m", robots.__name__]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(terms) + b"\n")
        process.stdin.close()
        assert process.wait(30) == 0
