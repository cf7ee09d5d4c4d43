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
from coinport.app.bench.flow import mixed_flow, resting
from coinport.app.bench.load import run
from coinport.app.bench.report import Figure, Report, conditions
from coinport.app.engines import engine_class
from coinport.engine.packed import pack
from coinport.model.units import TimeMs

TRADERS = 20
BATCH = 10
CONNECTIONS = 32
FLOW_MAX, REPLAY_BATCH, RESTORED = 200_000, 1_000, 1_000_000


def bench_recovery(orders: int, replayed: int) -> Report:
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
        conditions(
            open_orders=orders,
            killed_by="SIGKILL under load",
            snapshots=snapshots,
            replayed=replayed,
            engine=engine_class("auto")().name,
        ),
        [
            Figure("from the start of the process to ready", took, "s"),
            Figure(
                "the engine alone: records replayed", replayed / _replay_seconds(replayed), "1/s"
            ),
            Figure(
                f"the engine alone: snapshot of {RESTORED:,} open orders restored",
                _restore_seconds(RESTORED),
                "s",
            ),
        ],
    )


def _replay_seconds(records: int) -> float:
    """Of so many records, in batches as they stand in the journal. Where the flow that is made here
    is shorter, it is repeated by new engines."""
    flow = mixed_flow(min(records, FLOW_MAX), 20_000)
    first = engine_class("auto")()
    time_ms = TimeMs(1_700_000_000_000)
    first.execute(time_ms, flow.opening)
    start = first.snapshot()
    timed = [flow.timed[at : at + REPLAY_BATCH] for at in range(0, len(flow.timed), REPLAY_BATCH)]
    batches = [first.execute_packed(time_ms, pack(batch)) for batch in timed]
    took = 0.0
    for _ in range(max(1, records // len(flow.timed))):
        engine = engine_class("auto")()
        engine.restore(start)
        started = time.perf_counter()
        for batch in batches:
            engine.replay_packed(batch)
        took += time.perf_counter() - started
    return took


def _restore_seconds(orders: int) -> float:
    engine = engine_class("auto")()
    time_ms = TimeMs(1_700_000_000_000)
    engine.execute_packed(time_ms, pack(resting(orders)))
    snapshot = engine.snapshot()
    restored = engine_class("auto")()
    started = time.perf_counter()
    restored.restore(snapshot)
    return time.perf_counter() - started


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
