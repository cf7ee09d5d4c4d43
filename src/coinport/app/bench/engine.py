"""`coinport bench engine`: the rules alone, in batches, on one core."""

import gc
import time
import tracemalloc
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from coinport.app import collector
from coinport.app.bench import order_flow
from coinport.app.bench.everything import everything
from coinport.app.bench.flow import mixed_flow
from coinport.app.bench.report import Figure, Report, StreamReport, conditions
from coinport.app.engines import Choice, engine_class
from coinport.engine.packed import Packed, pack, unpack
from coinport.engine.seam import Engine
from coinport.model.units import TimeMs

BATCH = 250
RUNS = 5
"""Of a stream; the best counts: what other work takes from a run is not the engine's."""
_TIME = TimeMs(1_700_000_000_000)
_LIVE_FOR_MEMORY = 20_000


def bench_engine(commands: int, live: int, choice: Choice) -> Report:
    """A flow that is made here, and one of every kind of command."""
    flow = mixed_flow(commands, live)
    engine = engine_class(choice)()
    engine.execute(_TIME, flow.opening)
    took = _timed(engine, [(_TIME, batch) for batch in _batches(flow.timed)])
    name, kinds = engine.name, _every_kind(commands, choice)
    return Report(
        "engine",
        conditions(engine=name, commands=commands, batch=BATCH, resting_orders_at_start=live),
        [
            Figure("commands", commands / took, "1/s"),
            Figure("commands of every kind", kinds, "1/s"),
            Figure("memory per resting order", bytes_per_order(choice), "bytes"),
        ],
    )


def bench_stream(path: Path, choice: Choice) -> StreamReport:
    """The flow of a file, as limit orders of funded accounts. Raises what `read_flow` raises."""
    flow = order_flow.read_flow(path)
    opened = engine_class(choice)()
    opened.execute(_TIME, order_flow.founding(flow))
    opened.execute(_TIME, order_flow.commands(flow.opening))
    start = opened.snapshot()
    batches = [(_TIME, batch) for batch in _batches(order_flow.commands(flow.timed))]
    runs = RUNS if opened.name == "native" else 1
    took = float("inf")
    for _ in range(runs):
        engine = _restored(choice, start)
        took = min(took, _timed(engine, batches))
    checked = _restored(choice, start)
    records = [checked.execute_packed(at, batch) for at, batch in batches]
    assert checked.snapshot() == engine.snapshot()
    found = order_flow.outcome(record for packed in records for record in unpack(packed))
    count = sum(len(batch.lengths) // 4 for _, batch in batches)
    return StreamReport(
        benchmark="engine",
        engine=engine.name,
        commands_per_s=count / took,
        trades=found.trades,
        volume=found.volume,
        trade_hash=found.trade_hash,
        conditions=conditions(stream=path.name, commands=count, batch=BATCH, best_of=runs),
    )


def _restored(choice: Choice, snapshot: bytes) -> Engine:
    engine = engine_class(choice)()
    engine.restore(snapshot)
    return engine


def _every_kind(commands: int, choice: Choice) -> float:
    """Commands a second, on a flow of all of them."""
    batches = islice(everything(engine_class("auto")()), commands // 200 + 2)
    flow = [(at, pack(batch)) for at, batch, _ in batches]
    engine = engine_class(choice)()
    engine.execute_packed(*flow[0])
    count = sum(len(batch.lengths) // 4 for _, batch in flow[1:])
    return count / _timed(engine, flow[1:])


def _timed(engine: Engine, batches: Sequence[tuple[TimeMs, Packed]]) -> float:
    """Seconds that it takes to decide them all; the records are dropped, as a journal does."""
    collector.settle()  # as in a server
    started = time.perf_counter()
    for at, batch in batches:
        engine.execute_packed(at, batch)
    return time.perf_counter() - started


def _batches(commands: list[bytes]) -> list[Packed]:
    return [pack(commands[at : at + BATCH]) for at in range(0, len(commands), BATCH)]


def bytes_per_order(choice: Choice) -> float:
    """What resting orders, and all that finds them, take; measured on a book of them."""
    flow, live = mixed_flow(1, _LIVE_FOR_MEMORY), _LIVE_FOR_MEMORY
    engine = engine_class(choice)()
    engine.execute(_TIME, flow.opening[:-live])
    if engine.name == "native":
        return _told_by(engine, flow.opening[-live:]) / live
    tracemalloc.start()
    engine.execute(_TIME, flow.opening[-live:])
    gc.collect()
    allocated, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return allocated / live


def _told_by(engine: Any, orders: list[bytes]) -> int:
    """Bytes that the native engine says it has taken for `orders`."""
    before: int = engine.memory_of_orders
    engine.execute(_TIME, orders)
    after: int = engine.memory_of_orders
    return after - before
