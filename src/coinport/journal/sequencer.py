"""The sequencer: puts commands in one order, has them decided and made durable, answers.

While one batch is being written, the next gathers: the busier, the larger the batches. A batch is
written by a thread of its own, so that the event loop reads requests during the fsync; and the next
one is on its way to the disk before the callers of the last one are answered. There is one future
and one wake-up for all commands of a call, and nothing else per command.
"""

import asyncio
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from collections.abc import Sequence as SequenceOf
from functools import partial
from queue import SimpleQueue
from typing import Final, NamedTuple, NoReturn, Protocol, TypeAlias

import structlog

from coinport.engine.seam import Engine
from coinport.journal.errors import JournalFailed
from coinport.journal.feed import Feed
from coinport.journal.records import Records
from coinport.model.commands import Command
from coinport.model.records import Record, encode_command
from coinport.model.units import TimeMs

QUEUE_MAX: Final = 10_000
"""Commands that wait to be decided; a call that would exceed it is refused as `Overloaded`."""
BATCH_MAX: Final = 256
"""Commands decided at a time, unless one call alone has more: how long the event loop stands
still."""
GATHER_S: Final = 0.003
"""Least time from the start of one batch to that of the next, unless as many callers wait again as
the last one had: commands then share a hand-over to the writing thread and an fsync. A caller who
is alone never waits for it."""
EXIT_JOURNAL_FAILED: Final = 74
"""EX_IOERR of sysexits.h."""

_log = structlog.get_logger(__name__)


class Overloaded(Exception):
    """Too many commands wait; nothing was done, try again."""


class Stopping(Exception):
    """The exchange is stopping; nothing was done."""


class Log(Protocol):
    def append(self, records: SequenceOf[bytes]) -> None: ...


def end_process(error: JournalFailed) -> NoReturn:
    """At once: what still waits must not be answered. A restart reads what the disk has."""
    print(f"coinport: the journal failed, stopping: {error}", file=sys.stderr, flush=True)
    os._exit(EXIT_JOURNAL_FAILED)


Decided: TypeAlias = Callable[[Records, int, int], None]
"""Told of the records of a batch, once all are durable, and which of them are those of a call: from
the first place up to the second. Must be quick and should not raise."""

_Waiting: TypeAlias = tuple[list[bytes], Decided, int]
"""Commands of a call, who is told, and for how many callers it is."""
_Writes: TypeAlias = SimpleQueue[tuple[list[bytes], asyncio.Future[None]] | None]


class _Batch(NamedTuple):
    calls: list[_Waiting]
    records: Records
    written: asyncio.Future[None]
    oldest: float
    """When the first of its calls came, at the earliest."""


class Sequencer:
    def __init__(
        self,
        engine: Engine,
        log: Log,
        feed: Feed,
        clock: Callable[[], TimeMs],
        queue_max: int = QUEUE_MAX,
        on_failure: Callable[[JournalFailed], None] = end_process,
        answered: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        """`answered` is told of each batch, once its callers are: how long the first of them had
        waited, at most."""
        self._engine = engine
        self._log = log
        self._feed = feed
        self._clock = clock
        self._queue_max = queue_max
        self._on_failure = on_failure
        self._answered = answered
        self._oldest = 0.0
        """When the first came that waits, by the counter of `time`; where more waited than a batch
        takes, one before it."""
        self._waiting: deque[_Waiting] = deque()
        self._commands_waiting = 0
        self._callers_waiting = 0
        self._callers = 0
        """Of the last batch."""
        self._started = 0.0
        """When the last batch did, by the loop's clock."""
        self._idle: asyncio.Future[None] | None = None
        """What `run` waits for while it has nothing to do, or too little."""
        self._enough = 1
        """Waiting callers that end this."""
        self._stopping = False
        self._ended = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Commands that are not decided yet."""
        return self._commands_waiting

    def has_room(self, commands: int) -> bool:
        """Whether so many would be accepted now."""
        return self._commands_waiting + commands <= self._queue_max and not self._stopping

    async def submit(self, command: Command) -> Record:
        """See `submit_all`."""
        return (await self.submit_all((command,)))[0]

    async def submit_all(self, commands: SequenceOf[Command]) -> list[Record]:
        """The record of each command, once all are durable. Nothing comes between them.

        Raises Overloaded, Stopping, or OverflowError for a number that is not of 64 bits, before
        anything happened. A caller that is canceled while it waits does not know what became of
        them.
        """
        answer: asyncio.Future[Records] = asyncio.get_running_loop().create_future()
        self.submit_then([encode_command(command) for command in commands], partial(_tell, answer))
        return list(await answer)

    def submit_then(self, encoded: list[bytes], decided: Decided, callers: int = 1) -> None:
        """Commands that are encoded already, for who has no task that could wait, or for several
        `callers` at once: `decided` is told of their records, perhaps at once. Raises Overloaded,
        Stopping."""
        if not encoded:
            decided(Records([]), 0, 0)
            return
        if self._stopping:
            raise Stopping
        if not self.has_room(len(encoded)):
            raise Overloaded
        if not self._waiting:
            self._oldest = time.perf_counter()
        self._waiting.append((encoded, decided, callers))
        self._commands_waiting += len(encoded)
        self._callers_waiting += callers
        if self._callers_waiting >= self._enough:
            self._wake()

    async def run(self) -> None:
        """Until `stop`. Raises what the engine or a follower of the feed raises, and JournalFailed
        where `on_failure` returns; nobody is answered any more then."""
        writes: _Writes = SimpleQueue()
        loop = asyncio.get_running_loop()
        writer = threading.Thread(target=self._write, args=(writes, loop), name="journal")
        writer.start()
        try:
            batch: _Batch | None = None
            while batch or self._waiting or not self._stopping:
                if batch:
                    await batch.written
                    following = self._begun(loop, writes) if self._early(loop) <= 0 else None
                    self._answer(batch)
                    batch = following
                elif self._waiting:
                    await self._gather(loop)
                    batch = self._begun(loop, writes)
                else:
                    await self._wait_for(1, loop)
        except JournalFailed as error:
            self._on_failure(error)
            raise
        finally:
            self._stopping = True
            writes.put(None)
            writer.join()
            self._ended.set()

    async def stop(self) -> None:
        """Refuse what comes from now on; returns when all that was accepted is answered."""
        self._stopping = True
        self._wake()
        await self._ended.wait()

    def _wake(self) -> None:
        if self._idle and not self._idle.done():
            self._idle.set_result(None)

    async def _gather(self, loop: asyncio.AbstractEventLoop) -> None:
        """Until the next batch may begin."""
        early = self._early(loop)
        if early > 0:
            timer = loop.call_later(early, self._wake)
            await self._wait_for(self._callers, loop)
            timer.cancel()

    def _early(self, loop: asyncio.AbstractEventLoop) -> float:
        """Seconds until the next batch may begin with what waits now; 0 or less: it may."""
        if self._callers_waiting >= self._callers or self._stopping:
            return 0
        return self._started + GATHER_S - loop.time()

    async def _wait_for(self, callers: int, loop: asyncio.AbstractEventLoop) -> None:
        self._enough = callers
        self._idle = loop.create_future()
        await self._idle

    def _take(self) -> list[_Waiting]:
        """What waits, whole calls, up to `BATCH_MAX` commands."""
        calls = [self._waiting.popleft()]
        count = len(calls[0][0])
        while self._waiting and count + len(self._waiting[0][0]) <= BATCH_MAX:
            calls.append(self._waiting.popleft())
            count += len(calls[-1][0])
        self._commands_waiting -= count
        self._callers = sum(callers for _, _, callers in calls)
        self._callers_waiting -= self._callers
        return calls

    def _begun(self, loop: asyncio.AbstractEventLoop, writes: _Writes) -> _Batch | None:
        """What waits, decided and on its way to the disk; None where nothing does."""
        if not self._waiting:
            return None
        self._started = loop.time()
        oldest = self._oldest
        calls = self._take()
        commands = [command for call, _, _ in calls for command in call]
        encoded = self._engine.execute(self._clock(), commands)
        written: asyncio.Future[None] = loop.create_future()
        writes.put((encoded, written))
        return _Batch(calls, Records(encoded), written, oldest)

    def _answer(self, batch: _Batch) -> None:
        """Everybody who follows, then who called."""
        records = batch.records
        self._feed.publish(records)
        start = 0
        for sent, decided, _ in batch.calls:
            end = start + len(sent)
            try:
                decided(records, start, end)
            except Exception:  # noqa: BLE001 - it is not the mistake of those behind him
                _log.exception("an answer failed", sequence=records[start].sequence)
            start = end
        self._answered(time.perf_counter() - batch.oldest)

    def _write(self, writes: _Writes, loop: asyncio.AbstractEventLoop) -> None:
        """The thread that waits for the disk."""
        while job := writes.get():
            records, written = job
            try:
                self._log.append(records)
            except BaseException as error:  # noqa: BLE001 - raised by `run`
                loop.call_soon_threadsafe(_settle, written, error)
            else:
                loop.call_soon_threadsafe(_settle, written, None)


def _tell(answer: asyncio.Future[Records], records: Records, start: int, end: int) -> None:
    if not answer.done():  # its caller may have been canceled
        answer.set_result(records[start:end])


def _settle(written: asyncio.Future[None], error: BaseException | None) -> None:
    if written.done():  # `run` was canceled
        return
    if error:
        written.set_exception(error)
    else:
        written.set_result(None)
