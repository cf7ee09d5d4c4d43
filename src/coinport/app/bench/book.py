"""`coinport bench book`: the native engine's book alone, on the order flow of a file.

No accounts, no money, no messages, no rules but price and time; prices have no bound. It is there
to be put beside books that do no more than this.
"""

import time
from pathlib import Path

from coinport.app.bench.order_flow import read_flow
from coinport.app.bench.report import StreamReport, conditions
from coinport.app.engines import engine_named

RUNS = 5


def bench_book(path: Path) -> StreamReport:
    """The best of a few runs. Raises ConfigError where there is no native engine."""
    engine_named("native")
    from coinport.engine._native import BookAlone  # noqa: PLC0415 - it may not be there

    flow = read_flow(path)
    count, best = len(flow.timed) // 32, float("inf")
    for _ in range(RUNS):
        book = BookAlone()
        book.run(flow.opening)
        started = time.perf_counter()
        trades, volume, trade_hash = book.run(flow.timed)
        best = min(best, time.perf_counter() - started)
    return StreamReport(
        benchmark="book",
        engine="native book",
        commands_per_s=count / best,
        trades=trades,
        volume=volume,
        trade_hash=f"{trade_hash:016x}",
        conditions=conditions(
            stream=path.name, commands=count, best_of=RUNS, memory_bytes=book.memory
        ),
    )
