"""`coinport bench http`: a real server over real connections, every answer after fsync.

Server and client each have a core of their own where the system can give it. Each kind of request
is sent twice: as fast as answers come, for the throughput; and paced, for the latency, at a load
that is the same everywhere, so that latencies can be compared (at half of the throughput where that
is less).
"""

import gc
import os
import random
import time
from collections.abc import Callable, Iterator
from itertools import islice

import uvloop

from coinport.app.bench.exchange import Exchange, Trader, new_exchange, open_traders
from coinport.app.bench.load import Outcome, run
from coinport.app.bench.report import Figure, Report, conditions

TRADERS = 60
BATCH = 10
_REFUSED = b'"order_id":0'
_MID = 200_000

SINGLES_PER_SECOND, TENS_PER_SECOND, DEPTHS_PER_SECOND = 4_000, 1_250, 6_000
"""Requests, when latencies are measured: half of what a machine with two cores is to do."""

Requests = Callable[[int], Iterator[bytes]]
"""So many of them."""


def bench_http(seconds: float, connections: int) -> Report:
    server_core, client_core = cores()
    with new_exchange(server_core) as exchange:
        traders = open_traders(exchange, TRADERS)
        if client_core is not None:
            os.sched_setaffinity(0, {client_core})
        figures = [
            *_measured(
                exchange,
                traders[0],
                "orders, one per request",
                limit_orders(exchange, traders, 1),
                1,
                SINGLES_PER_SECOND,
                seconds,
                connections,
            ),
            *_measured(
                exchange,
                traders[0],
                "orders, ten per request",
                limit_orders(exchange, traders, BATCH),
                BATCH,
                TENS_PER_SECOND,
                seconds,
                connections,
            ),
            *_measured(
                exchange,
                traders[0],
                "depth(50)",
                _depth(exchange),
                1,
                DEPTHS_PER_SECOND,
                seconds,
                connections,
            ),
        ]
    return Report(
        "http",
        conditions(
            server_core=named(server_core),
            client_core=named(client_core),
            projector="a process of its own, on any core",
            connections=connections,
            seconds_each=str(seconds),
            signature="HMAC",
            traders=TRADERS,
            durability="every answer after fsync",
        ),
        figures,
    )


def _measured(
    exchange: Exchange,
    trader: Trader,
    name: str,
    requests: Requests,
    each: int,
    load: int,
    seconds: float,
    connections: int,
) -> list[Figure]:
    """Throughput, then latency at `load` requests a second. `each` is how many things a request
    carries."""

    def sent(number: int, rate: float | None) -> Outcome:
        gc.collect()
        made = list(requests(number))  # so that the client has nothing to do but to send them
        outcome = uvloop.run(
            run(exchange.host, exchange.port, iter(made), connections, rate, _REFUSED)
        )
        if outcome.failures:
            raise RuntimeError(f"{outcome.failures} of {outcome.answers} requests failed: {name}")
        return outcome

    warm = sent(2_000, None)
    exchange.caught_up(trader)  # else one kind's orders would be projected during the next
    before = exchange.cpu_seconds()
    full = sent(max(1_000, int(warm.answers / warm.seconds * seconds)), None)
    cpu_us = (exchange.cpu_seconds() - before) / full.answers * 1e6
    exchange.caught_up(trader)  # likewise: latencies are those of the paced load alone
    rate = full.answers / full.seconds
    pace = min(load, rate / 2)
    paced = sent(max(1_000, int(pace * seconds)), pace)
    return [
        Figure(name, rate * each, "1/s"),
        Figure(f"{name}: server's CPU per request", cpu_us, "us"),
        Figure(f"{name}: p50 at {pace:,.0f} a second", paced.percentile_ms(0.50), "ms"),
        Figure(f"{name}: p99 at {pace:,.0f} a second", paced.percentile_ms(0.99), "ms"),
    ]


def limit_orders(exchange: Exchange, traders: list[Trader], each: int) -> Requests:
    """Limit orders in the proportion of the engine's flow: 45 passive ones to 20 marketable."""
    dice = random.Random(1)  # noqa: S311, a benchmark must repeat itself

    def one() -> str:
        buys = dice.random() < 0.5
        distance = 1 + int(dice.expovariate(1 / 100))
        if dice.random() < 20 / 65:
            distance = -dice.randrange(10)
        ticks = _MID - distance if buys else _MID + distance
        return (
            f'{{"market":"btc-cny","type":"{"buy" if buys else "sell"}",'
            f'"price":{ticks // 100}.{ticks % 100:02},"amount":0.{dice.randint(10, 999):04}}}'
        )

    def requests(number: int) -> Iterator[bytes]:
        for _ in range(number):
            body = f'{{"orders":[{",".join(one() for _ in range(each))}]}}'.encode()
            now = time.time_ns() // 1_000_000
            yield exchange.post("/user/submit_orders", body, dice.choice(traders), now)

    return requests


def _depth(exchange: Exchange) -> Requests:
    request = exchange.get("/btc-cny/depth?limit=50")
    return lambda number: islice(iter(lambda: request, b""), number)


def cores() -> tuple[int | None, int | None]:
    """One for the server and one for the client; None where cores cannot be had or chosen."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else (None, None)


def named(core: int | None) -> str:
    return "any" if core is None else str(core)
