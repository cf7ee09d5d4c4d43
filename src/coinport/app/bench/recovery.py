"""`coinport bench recovery`: how soon an exchange that was killed is ready again."""

import asyncio
import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from coinport.app.bench.exchange import Exchange, Trader, open_traders, running_exchange
from coinport.app.bench.load import run
from coinport.app.bench.report import Figure, Report, conditions

TRADERS = 20
BATCH = 10
CONNECTIONS = 32


def bench_recovery(orders: int) -> Report:
    """With so many open orders, at most 10,000 for each of the traders."""
    with tempfile.TemporaryDirectory(prefix="coinport-bench-") as name:
        directory = Path(name)
        with running_exchange(directory, None) as exchange:
            traders = open_traders(exchange, TRADERS)
            resting = _resting(exchange, traders, orders // BATCH)
            outcome = asyncio.run(
                run(exchange.host, exchange.port, resting, CONNECTIONS, bad=b'"order_id":0')
            )
            if outcome.failures:
                raise RuntimeError(f"{outcome.failures} of {outcome.answers} requests failed")
            os.kill(exchange.process, signal.SIGKILL)
        snapshots = len(list((directory / "snapshots").glob("*.snapshot")))
        started = time.perf_counter()
        with running_exchange(directory, None):
            took = time.perf_counter() - started
    return Report(
        "recovery",
        conditions(open_orders=orders, killed_by="SIGKILL under load", snapshots=snapshots),
        [Figure("from the start of the process to ready", took, "s")],
    )


def _resting(exchange: Exchange, traders: list[Trader], requests: int) -> Iterator[bytes]:
    """Buy orders that nobody will ever sell to."""
    dice = random.Random(1)  # noqa: S311, a benchmark must repeat itself
    for number in range(requests):
        items = ",".join(
            f'{{"market":"btc-cny","type":"buy","price":{dice.randint(1000, 1900)},"amount":0.01}}'
            for _ in range(BATCH)
        )
        body = f'{{"orders":[{items}]}}'.encode()
        trader = traders[number % len(traders)]
        yield exchange.post("/user/submit_orders", body, trader, time.time_ns() // 1_000_000)
