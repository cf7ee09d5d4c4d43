"""`coinport bench engine`: the rules alone, in batches, on one core.

Measured is the CPU time of the thread that calls, of each stretch of the flow the least of a few
passes: a machine that does other work, too, says by the clock how much it does.
"""

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
PASSES = 10
_STRETCHES = 50
_TIME = TimeMs(1_700_000_000_000)
_LIVE_FOR_MEMORY = 20_000


def bench_engine(commands: int, live: int, choice: Choice) -> Report:
    """A flow that is made here, and one of every kind of command."""
    flow = mixed_flow(commands, live)
    engine = engine_class(choice)()
    engine.execute(_TIME, flow.opening)
    took = _timed(choice, engine.snapshot(), [(_TIME, batch) for batch in _batches(flow.timed)])
    name, kinds = engine.name, _every_kind(commands, choice)
    return Report(
        "engine",
        conditions(
            engine=name,
            commands=commands,
            batch=BATCH,
            passes=_passes(choice),
            resting_orders_at_start=live,
        ),
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
    took = _timed(choice, start, batches)
    engine = _restored(choice, start)
    records = [engine.execute_packed(at, batch) for at, batch in batches]
    found = order_flow.outcome(record for packed in records for record in unpack(packed))
    count = sum(len(batch.lengths) // 4 for _, batch in batches)
    return StreamReport(
        benchmark="engine",
        engine=engine.name,
        commands_per_s=count / took,
        trades=found.trades,
        volume=found.volume,
        trade_hash=found.trade_hash,
        conditions=conditions(
            stream=path.name, commands=count, batch=BATCH, passes=_passes(choice)
        ),
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
    return count / _timed(choice, engine.snapshot(), flow[1:])


def _timed(choice: Choice, start: bytes, batches: Sequence[tuple[TimeMs, Packed]]) -> float:
    """Seconds of CPU that it takes to decide them all; records are dropped, as a journal does."""
    width = len(batches) // _STRETCHES + 1
    stretches = [batches[at : at + width] for at in range(0, len(batches), width)]
    least = [float("inf")] * len(stretches)
    collector.settle()  # as in a server
    for _ in range(_passes(choice)):
        engine = _restored(choice, start)
        for at, stretch in enumerate(stretches):
            started = time.thread_time()
            for moment, batch in stretch:
                engine.execute_packed(moment, batch)
            least[at] = min(least[at], time.thread_time() - started)
    return sum(least)


def _passes(choice: Choice) -> int:
    return PASSES if engine_class(choice)().name == "native" else 1


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
