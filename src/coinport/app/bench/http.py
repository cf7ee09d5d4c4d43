"""`coinport bench http`: a real server over real connections, every answer after fsync.

Server and client each have a core of their own where the system can give it. Each kind of request
is sent twice: as fast as answers come, for the throughput (of orders also the p99 then, the median
of the turns); and paced, for the latency, at a load that is the same everywhere, so that latencies
can be compared (at half of the throughput where that is less).

How fast a core is differs by machine, and on a shared one by the second. So orders are sent to a
bare server too (see `bare`), on the same core, in turn: by the ratio of the two, runs can be
compared, as long as nothing else runs: that hurts the two differently, for the exchange waits for a
disk, and for a second process.
"""

import gc
import os
import random
import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median

import uvloop

from coinport.app.bench.bare import bare_server
from coinport.app.bench.exchange import Exchange, Trader, new_exchange, open_traders
from coinport.app.bench.load import Outcome, run
from coinport.app.bench.report import Figure, Report, conditions

TRADERS, TRADERS_PER_SECOND = 60, 30
"""Of the time each figure takes, where that is more: nobody may have too many open orders."""
BATCH = 10
TURNS = 6
"""Of the exchange and the bare server, when they are compared; who begins changes."""
_REFUSED = b'"order_id":0'
_MID = 200_000

SINGLES_PER_SECOND, TENS_PER_SECOND, DEPTHS_PER_SECOND = 4_000, 1_250, 6_000
"""Requests, when latencies are measured: half of what a machine with two cores is to do."""

Requests = Callable[[int], Iterator[bytes]]
"""So many of them."""


def bench_http(seconds: float, connections: int) -> Report:
    server_core, client_core = cores()
    with new_exchange(server_core) as exchange:
        traders = open_traders(exchange, max(TRADERS, int(TRADERS_PER_SECOND * seconds)))
        if client_core is not None:
            os.sched_setaffinity(0, {client_core})
        secrets = {trader.token: trader.secret for trader in traders}
        with bare_server(secrets, server_core) as bare:
            load = _Load(exchange, traders[0], bare, seconds, connections)
            singles = limit_orders(exchange, traders, 1)
            tens = limit_orders(exchange, traders, BATCH)
            figures = [
                *load.of_orders("orders, one per request", singles, 1, SINGLES_PER_SECOND),
                *load.of_orders("orders, ten per request", tens, BATCH, TENS_PER_SECOND),
                *load.of_reads("depth(50)", _depth(exchange), DEPTHS_PER_SECOND),
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
            traders=len(traders),
            durability="every answer after fsync",
        ),
        figures,
    )


class _Load:
    def __init__(
        self, exchange: Exchange, trader: Trader, bare: int, seconds: float, connections: int
    ) -> None:
        """`bare` is the port of the bare server."""
        self._exchange = exchange
        self._trader = trader
        self._bare = bare
        self._seconds = seconds
        self._connections = connections

    def of_orders(self, name: str, requests: Requests, each: int, pace: int) -> list[Figure]:
        """`each` is how many a request carries, `pace` the requests a second for latencies."""
        number = self._warm(name, requests) // TURNS
        cpu_seconds, ours, bares = 0.0, [], []
        for turn in range(TURNS):
            made = self._made(requests, number)
            if turn % 2:
                bares.append(self._sent_to_the_bare(name, made))
            outcome, cost = self._costed(name, made)
            if not turn % 2:
                bares.append(self._sent_to_the_bare(name, made))
            ours.append(outcome)
            cpu_seconds += cost
        rate = _rate(*ours)
        times = [_rate(one) / _rate(bare) for one, bare in zip(ours, bares, strict=True)]
        return [
            Figure(name, rate * each, "1/s"),
            Figure(f"{name}: a bare server that keeps nothing", _rate(*bares) * each, "1/s"),
            Figure(f"{name}: times the bare server's (median)", median(times), ""),
            Figure(f"{name}: times the bare server's (least)", min(times), ""),
            Figure(f"{name}: times the bare server's (most)", max(times), ""),
            Figure(f"{name}: server's CPU per request", cpu_seconds / number / TURNS * 1e6, "us"),
            Figure(f"{name}: p99 meanwhile", median(one.percentile_ms(0.99) for one in ours), "ms"),
            *self._paced(name, requests, min(pace, rate / 2)),
        ]

    def of_reads(self, name: str, requests: Requests, pace: int) -> list[Figure]:
        number = self._warm(name, requests)
        outcome, cpu_seconds = self._costed(name, self._made(requests, number))
        rate = _rate(outcome)
        return [
            Figure(name, rate, "1/s"),
            Figure(f"{name}: server's CPU per request", cpu_seconds / number * 1e6, "us"),
            *self._paced(name, requests, min(pace, rate / 2)),
        ]

    def _warm(self, name: str, requests: Requests) -> int:
        """How many requests will take the time there is."""
        outcome = self._sent(name, self._made(requests, 2_000))
        return max(1_000, int(_rate(outcome) * self._seconds))

    def _paced(self, name: str, requests: Requests, pace: float) -> list[Figure]:
        made = self._made(requests, max(1_000, int(pace * self._seconds)))
        outcome = self._sent(name, made, pace)
        return [
            Figure(f"{name}: p50 at {pace:,.0f} a second", outcome.percentile_ms(0.50), "ms"),
            Figure(f"{name}: p99 at {pace:,.0f} a second", outcome.percentile_ms(0.99), "ms"),
        ]

    def _made(self, requests: Requests, number: int) -> list[bytes]:
        """Before they are sent, so that the client has nothing to do but that; and the tables are
        caught up, else orders of before would be projected during what comes."""
        made = list(requests(number))
        self._exchange.caught_up(self._trader)
        gc.collect()
        return made

    def _costed(self, name: str, made: list[bytes]) -> tuple[Outcome, float]:
        """And the seconds of CPU that it cost the exchange."""
        before = self._exchange.cpu_seconds()
        return self._sent(name, made), self._exchange.cpu_seconds() - before

    def _sent_to_the_bare(self, name: str, made: list[bytes]) -> Outcome:
        return self._sent(f"{name}, to the bare server", made, port=self._bare)

    def _sent(
        self, name: str, made: list[bytes], rate: float | None = None, port: int | None = None
    ) -> Outcome:
        host, port = self._exchange.host, port or self._exchange.port
        outcome = uvloop.run(run(host, port, iter(made), self._connections, rate, _REFUSED))
        if outcome.failures:
            raise RuntimeError(f"{outcome.failures} of {outcome.answers} requests failed: {name}")
        return outcome


def _rate(*outcomes: Outcome) -> float:
    """Answers a second."""
    return sum(each.answers for each in outcomes) / sum(each.seconds for each in outcomes)


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
