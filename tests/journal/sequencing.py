"""A sequencer to play scenes with: its log makes nothing durable before it is told to."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from collections.abc import Sequence as SequenceOf
from contextlib import asynccontextmanager

from coinport.engine.rulebook import Rulebook
from coinport.journal.errors import JournalFailed
from coinport.journal.feed import Feed
from coinport.journal.sequencer import Log, Sequencer
from coinport.model.commands import OpenAccount
from coinport.model.records import Record
from coinport.model.units import Sequence
from tests.journal.exchanges import START


class HeldLog:
    """Makes a batch durable only when it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[bytes]] = []
        self.threads: set[str] = set()
        self.failure: Exception | None = None
        self._go = threading.Semaphore(0)
        self._came = threading.Semaphore(0)

    def append(self, records: SequenceOf[bytes]) -> None:
        self.threads.add(threading.current_thread().name)
        self.batches.append(list(records))
        self._came.release()
        assert self._go.acquire(timeout=20), "nobody let this batch go"
        if self.failure:
            raise self.failure

    def go(self, batches: int = 1) -> None:
        self._go.release(batches)

    def came(self) -> bool:
        """One more batch; the thread of the caller waits for it."""
        return self._came.acquire(timeout=20)

    async def reached(self, batches: int) -> None:
        while len(self.batches) < batches:
            await asyncio.sleep(0)


class Exchange:
    def __init__(self, log: Log, queue_max: int = 1000) -> None:
        self.told: list[Record] = []
        self.failures: list[JournalFailed] = []
        self.waited: list[float] = []
        self.feed = Feed(Sequence(0))
        self.feed.subscribe(self.told.extend)
        self.sequencer = Sequencer(
            Rulebook(),
            log,
            self.feed,
            lambda: START,
            queue_max,
            self.failures.append,
            self.waited.append,
        )

    def submit(self, count: int = 1) -> asyncio.Task[list[Record]]:
        return asyncio.ensure_future(self.sequencer.submit_all([OpenAccount()] * count))


@asynccontextmanager
async def running(exchange: Exchange) -> AsyncIterator[asyncio.Task[None]]:
    run = asyncio.create_task(exchange.sequencer.run())
    try:
        yield run
    finally:
        await exchange.sequencer.stop()
        await asyncio.wait([run])


Scenario = Callable[[Exchange, HeldLog], Awaitable[None]]


def play(scenario: Scenario, queue_max: int = 1000) -> None:
    async def main() -> None:
        log = HeldLog()
        exchange = Exchange(log, queue_max)
        async with running(exchange):
            try:
                await scenario(exchange, log)
            finally:
                log.go(1000)

    asyncio.run(main())


def sequences(records: SequenceOf[Record]) -> list[int]:
    return [record.sequence for record in records]
