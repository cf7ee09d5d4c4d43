"""`coinport bench ws`: the streams of a real server, and orders over sockets.

Every subscriber gets every trade. A trade's time to a subscriber begins where its order is sent, so
that its way through the rules and to the disk is in it, and ends where the client has read the
frame: what the client itself needs for a thousand of them is part of it, too.
"""

import asyncio
import hmac
import os
import random
import re
import resource
import time
from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import uvloop

from coinport.app.bench.exchange import Exchange, Trader, new_exchange, open_traders
from coinport.app.bench.http import cores, named
from coinport.app.bench.report import Figure, Report, conditions
from coinport.app.bench.sockets import Socket, asked, connect, text_frame

TRADES_PER_SECOND: Final = 50
CONNECTIONS: Final = 64
IN_FLIGHT: Final = 4
"""Orders of one connection that wait for their answers, when all are in use."""
TRADERS_PER_SECOND: Final = 12
"""Of the time each figure takes, each with a connection, where that is more than there are
connections: nobody may have too many open orders."""

_MID = 200_000
_WARM = 20
"""Trades before the first that counts."""


def bench_ws(seconds: float, subscribers: int) -> Report:
    server_core, client_core = cores()
    _allow_files(subscribers + 500)
    with new_exchange(server_core) as exchange:
        traders = open_traders(exchange, max(CONNECTIONS, int(TRADERS_PER_SECOND * seconds)))
        if client_core is not None:
            os.sched_setaffinity(0, {client_core})
        figures = uvloop.run(_measured(exchange, traders, seconds, subscribers))
    return Report(
        "ws",
        conditions(
            server_core=named(server_core),
            client_core=named(client_core),
            projector="a process of its own, on any core",
            subscribers=subscribers,
            trades_per_second=TRADES_PER_SECOND,
            order_connections=len(traders),
            orders_in_flight=CONNECTIONS * IN_FLIGHT,
            seconds_each=str(seconds),
            traders=len(traders),
            durability="every answer after fsync",
        ),
        figures,
    )


async def _measured(
    exchange: Exchange, traders: list[Trader], seconds: float, subscribers: int
) -> list[Figure]:
    maker, taker = [await _trader(exchange, trader) for trader in traders[:2]]
    latencies = _Latencies()
    count = int(seconds * TRADES_PER_SECOND)
    await asked(maker, _order("sell", _MID, 100 * (_WARM + count)))
    await _trades(taker, _WARM, _Latencies())
    before_kib = _resident_kib(exchange)
    sockets = [await _subscriber(exchange, latencies) for _ in range(subscribers)]
    await asyncio.sleep(1)
    each_kib = (_resident_kib(exchange) - before_kib) / subscribers
    cpu_before, own_before = exchange.cpu_seconds(), time.process_time()
    began = time.perf_counter()
    await _trades(taker, count, latencies)
    took = time.perf_counter() - began
    cpu, own_cpu = exchange.cpu_seconds() - cpu_before, time.process_time() - own_before
    await asyncio.sleep(1)
    heard = sorted(latencies.milliseconds())
    if len(heard) != count * subscribers:
        raise RuntimeError(f"{count * subscribers - len(heard)} trades did not reach a subscriber")
    for socket in sockets:
        socket.transport.close()
    rate, cpu_us = await _orders(exchange, traders, seconds)
    return [
        Figure("memory of an idle subscriber", each_kib, "KiB"),
        Figure("trades, each to every subscriber", (count - 1) / took, "1/s"),
        Figure("order sent to trade received: p50", heard[len(heard) // 2], "ms"),
        Figure("order sent to trade received: p99", heard[int(len(heard) * 0.99)], "ms"),
        Figure("order sent to trade received: the last", heard[-1], "ms"),
        Figure("server's CPU meanwhile", 100 * cpu / took, "% of a core"),
        Figure("the client's", 100 * own_cpu / took, "% of a core"),
        Figure("orders, one per request", rate, "1/s"),
        Figure("orders: server's CPU per order", cpu_us, "us"),
    ]


class _Latencies:
    """When each order was sent, and when its trade was heard, once by each subscriber."""

    def __init__(self) -> None:
        self._unanswered: deque[float] = deque()
        self._sent: dict[bytes, float] = {}
        self._heard: list[tuple[bytes, float]] = []
        self._texts: dict[bytes, bytes] = {}
        """Each once: a thousand subscribers hear the same."""

    def sent(self) -> None:
        self._unanswered.append(time.perf_counter())

    def answered(self, answer: bytes) -> None:
        """They come in the order in which the orders were sent."""
        sent = self._unanswered.popleft()
        for order in _order_ids(answer):
            self._sent.setdefault(order, sent)

    def heard(self, text: bytes) -> None:
        """Nothing is looked for yet: the client's core has little to spare."""
        self._heard.append((self._texts.setdefault(text, text), time.perf_counter()))

    def milliseconds(self) -> Iterator[float]:
        orders = {text: _order_ids(text) for text in self._texts if b'"update"' in text}
        for text, at in self._heard:
            for order in orders.get(text, ()):
                yield (at - self._sent[order]) * 1000


_order_ids = re.compile(rb'"order_id":([1-9]\d*)').findall


async def _subscriber(exchange: Exchange, latencies: _Latencies) -> Socket:
    socket = await connect(exchange.host, exchange.port, latencies.heard)
    await asked(socket, b'{"id":1,"op":"subscribe","channels":["trades.BTC-CNY"]}')
    return socket


async def _trader(exchange: Exchange, trader: Trader) -> Socket:
    socket = await connect(exchange.host, exchange.port, lambda _: None)
    now_ms = time.time_ns() // 1_000_000
    signed = b"%d\nGET\n/api/v2/ws\n" % now_ms
    signature = hmac.digest(trader.secret.encode(), signed, "sha256").hex()
    answer = await asked(
        socket,
        f'{{"id":1,"op":"authenticate","key":"{trader.token}","timestamp":{now_ms},'
        f'"window":60000,"signature":"{signature}"}}'.encode(),
    )
    if b'"code":0' not in answer:
        raise RuntimeError(f"setting up the benchmark failed: {answer.decode()}")
    await asyncio.sleep(0.002)  # no two signatures of one millisecond
    return socket


async def _trades(taker: Socket, count: int, latencies: _Latencies) -> None:
    """So many, each an order of its own at its time: none waits for the answer to another."""
    answered = asyncio.Event()
    answers = 0

    def heard(answer: bytes) -> None:
        nonlocal answers
        latencies.answered(answer)
        answers += 1
        if answers == count:
            answered.set()

    taker.heard = heard
    order = text_frame(_order("buy", _MID, 100))
    began = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0, began + number / TRADES_PER_SECOND - time.perf_counter()))
        latencies.sent()
        taker.send(order)
    await answered.wait()


async def _orders(exchange: Exchange, traders: list[Trader], seconds: float) -> tuple[float, float]:
    """Orders a second, and the server's CPU for each in us; in the proportion of `bench http`."""
    sockets = [await _trader(exchange, trader) for trader in traders]
    dice = random.Random(1)  # noqa: S311, a benchmark must repeat itself
    frames = [text_frame(_any_order(dice)) for _ in range(50_000)]
    answers, refused, at = 0, 0, 0
    running = True

    def heard(next_socket: Socket, text: bytes) -> None:
        nonlocal answers, refused, at
        answers += 1
        refused += b'"order_id":0' in text or b'"code":0' not in text
        if running:
            at += 1
            next_socket.send(frames[at % len(frames)])

    for number, socket in enumerate(sockets):
        socket.heard = partial(heard, sockets[(number + CONNECTIONS) % len(sockets)])
    for socket in sockets[:CONNECTIONS]:
        for _ in range(IN_FLIGHT):
            at += 1
            socket.send(frames[at % len(frames)])
    await asyncio.sleep(1)  # warm
    cpu_before, before, began = exchange.cpu_seconds(), answers, time.perf_counter()
    await asyncio.sleep(seconds)
    done, took = answers - before, time.perf_counter() - began
    cpu = exchange.cpu_seconds() - cpu_before
    running = False
    await asyncio.sleep(0.5)
    for socket in sockets:
        socket.transport.close()
    if refused:
        raise RuntimeError(f"{refused} of {answers} orders were refused")
    return done / took, cpu / done * 1e6


def _any_order(dice: random.Random) -> bytes:
    buys = dice.random() < 0.5
    distance = 1 + int(dice.expovariate(1 / 100))
    if dice.random() < 20 / 65:
        distance = -dice.randrange(10)
    ticks = _MID - distance if buys else _MID + distance
    return _order("buy" if buys else "sell", ticks, dice.randint(10, 999))


def _order(side: str, ticks: int, lots: int) -> bytes:
    return (
        f'{{"id":1,"op":"submit_orders","orders":[{{"market":"btc-cny","type":"{side}",'
        f'"price":{ticks // 100}.{ticks % 100:02},"amount":{lots // 10_000}.{lots % 10_000:04}}}]}}'
    ).encode()


def _resident_kib(exchange: Exchange) -> int:
    """0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{exchange.process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def _allow_files(wanted: int) -> None:
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, most), most))
