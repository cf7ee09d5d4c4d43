"""`coinport bench engine`: the rules alone, on a mixed flow over resting orders."""

import gc
import time
import tracemalloc

from coinport.app.bench.flow import mixed_flow
from coinport.app.bench.report import Figure, Report, conditions
from coinport.engine.rulebook import Rulebook
from coinport.model.units import TimeMs

BATCH = 100
_TIME = TimeMs(1_700_000_000_000)


def bench_engine(commands: int, live: int) -> Report:
    flow = mixed_flow(commands, live)
    engine = Rulebook()
    engine.execute(_TIME, flow.opening)
    gc.collect()
    started = time.perf_counter()
    for at in range(0, commands, BATCH):
        engine.execute(_TIME, flow.timed[at : at + BATCH])
    took = time.perf_counter() - started
    return Report(
        "engine",
        conditions(
            engine=engine.name, commands=commands, batch=BATCH, resting_orders_at_start=live
        ),
        [
            Figure("commands", commands / took, "1/s"),
            Figure("memory per resting order", _bytes_per_order(flow.opening, live), "bytes"),
        ],
    )


def _bytes_per_order(opening: list[bytes], live: int) -> float:
    """What the last `live` commands of `opening`, all of them resting orders, allocate for good."""
    engine = Rulebook()
    engine.execute(_TIME, opening[:-live])
    tracemalloc.start()
    engine.execute(_TIME, opening[-live:])
    gc.collect()
    allocated, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return allocated / live
