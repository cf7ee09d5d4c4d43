"""`coinport bench journal`: commands made durable, from the sequencer's door and back."""

import asyncio
import tempfile
import time
from pathlib import Path

from coinport.app.bench.flow import mixed_flow
from coinport.app.bench.report import Figure, Report, conditions
from coinport.app.engines import engine_class
from coinport.engine.seam import Engine
from coinport.journal.feed import Feed
from coinport.journal.log import FileLog
from coinport.journal.sequencer import Sequencer
from coinport.model.commands import Command
from coinport.model.records import decode_command
from coinport.model.units import Sequence, TimeMs

LIVE = 2_000
_TIME = TimeMs(1_700_000_000_000)


def bench_journal(commands: int, callers: int) -> Report:
    """A mixed flow with the real engine, from `callers` at the same time; and bare appends."""
    flow = mixed_flow(commands, LIVE)
    timed = [decode_command(data) for data in flow.timed]
    with tempfile.TemporaryDirectory(prefix="coinport-bench-") as name:
        engine = engine_class("auto")()
        log = FileLog(Path(name))
        log.append(engine.execute(_TIME, flow.opening))
        seconds = asyncio.run(_submitted(engine, log, timed, callers))
        each = _append_seconds(log, engine.execute(_TIME, flow.timed[:1])[0])
        log.close()
    return Report(
        "journal",
        conditions(commands=commands, callers=callers, engine=engine.name, directory="temporary"),
        [
            Figure("commands decided and durable", commands / seconds, "1/s"),
            Figure("append of one record, durable with its mark", each * 1000, "ms"),
        ],
    )


async def _submitted(engine: Engine, log: FileLog, commands: list[Command], callers: int) -> float:
    sequencer = Sequencer(engine, log, Feed(Sequence(engine.sequence)), lambda: _TIME)
    running = asyncio.create_task(sequencer.run())

    async def caller(first: int) -> None:
        for command in commands[first::callers]:
            await sequencer.submit(command)

    started = time.perf_counter()
    await asyncio.gather(*(caller(number) for number in range(callers)))
    took = time.perf_counter() - started
    await sequencer.stop()
    await running
    return took


def _append_seconds(log: FileLog, record: bytes, times: int = 200) -> float:
    started = time.perf_counter()
    for _ in range(times):
        log.append([record])
    return (time.perf_counter() - started) / times
