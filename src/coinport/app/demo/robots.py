"""The demo's robots: a process of its own that trades over the public API, like any client.

    python -m coinport.app.demo.robots

reads one line of JSON from its standard input, which says where and as whom; it stops when that
input ends, and so also when the process that started it is killed.
"""

import os
import random
import sys
import threading
import time

import httpx
import msgspec
from msgspec import Struct

from coinport.app.demo.client import Client, Refused
from coinport.app.demo.people import MAKER, TAKER
from coinport.app.demo.trading import DemoMarket, Maker, Taker
from coinport.app.demo.walk import Walk

MAKER_EVERY_SECONDS = 0.25
"""A turn in one market after the other."""
TAKES_PER_TURN = (0, 1, 1, 2)
FIRST_TURNS = 4
"""In every market at the start, so that the books are full soon."""
PATIENCE_SECONDS = 2
"""After a failure."""
UNAVAILABLE = 1003


class Terms(Struct):
    address: str
    seed: int
    maker_password: str
    taker_password: str


class Robots:
    def __init__(self, terms: Terms) -> None:
        self._walk = Walk(terms.seed)
        self._chance = random.Random()  # noqa: S311
        self._maker = Client(terms.address, MAKER.email, terms.maker_password)
        self._taker = Client(terms.address, TAKER.email, terms.taker_password)

    def run(self) -> None:
        """For ever. Whatever fails, it starts over after a while."""
        while True:
            try:
                self._trade()
            except Refused as refused:
                if refused.code != UNAVAILABLE:
                    print(f"robots: {refused}; trying again", file=sys.stderr)
            except (httpx.HTTPError, msgspec.DecodeError):
                pass  # the exchange stops or starts: the end of our input will tell
            time.sleep(PATIENCE_SECONDS)

    def _trade(self) -> None:
        """Raises what a `Client` raises."""
        self._maker.log_in()
        self._taker.log_in()
        self._maker.post("/user/cancel_all_orders", {})
        markets = self._markets()
        makers = {market: Maker(self._maker, market, self._chance) for market in markets}
        taker = Taker(self._taker, self._chance)
        for market in markets * FIRST_TURNS:
            makers[market].turn(self._fair(market))
        while True:
            for market, maker in makers.items():
                maker.turn(self._fair(market))
                taken = self._chance.sample(markets, self._chance.choice(TAKES_PER_TURN))
                if taken:
                    taker.turn({each: self._fair(each) for each in taken})
                time.sleep(MAKER_EVERY_SECONDS)

    def _markets(self) -> list[DemoMarket]:
        return [
            DemoMarket(symbol, market["price_decimals"], market["amount_decimals"])
            for symbol, market in self._maker.public("/exchange_info")["markets"].items()
        ]

    def _fair(self, market: DemoMarket) -> float:
        return market.fair(self._walk, time.time_ns() // 1_000_000)


def main() -> None:
    terms = msgspec.json.decode(sys.stdin.buffer.readline(), type=Terms)
    threading.Thread(target=_stop_with_input, daemon=True).start()
    Robots(terms).run()


def _stop_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
