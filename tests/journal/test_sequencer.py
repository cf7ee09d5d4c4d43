"""The sequencer: one order for everybody, and no answer before it is durable."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from collections.abc import Sequence as SequenceOf
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

import pytest

from coinport.engine.rulebook import Rulebook
from coinport.journal.errors import JournalFailed
from coinport.journal.feed import Feed
from coinport.journal.sequencer import BATCH_MAX, Log, Overloaded, Sequencer, Stopping
from coinport.model.commands import OpenAccount, SuspendAccount
from coinport.model.records import Record, decode_record
from coinport.model.units import AccountId, Sequence
from tests.journal.exchanges import START, commands
from tests.journal.journals import open_log

HUGE = AccountId(2**64)


class HeldLog:
    """Makes a batch durable only when it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[bytes]] = []
        self.threads: set[str] = set()
        self.failure: Exception | None = None
        self._go = threading.Semaphore(0)

    def append(self, records: SequenceOf[bytes]) -> None:
        self.threads.add(threading.current_thread().name)
        self.batches.append(list(records))
        assert self._go.acquire(timeout=20), "nobody let this batch go"
        if self.failure:
            raise self.failure

    def go(self, batches: int = 1) -> None:
        self._go.release(batches)

    async def reached(self, batches: int) -> None:
        while len(self.batches) < batches:
            await asyncio.sleep(0)


class Exchange:
    def __init__(self, log: Log, queue_max: int = 1000) -> None:
        self.told: list[Record] = []
        self.failures: list[JournalFailed] = []
        self.feed = Feed(Sequence(0))
        self.feed.subscribe(self.told.extend)
        self.sequencer = Sequencer(
            Rulebook(), log, self.feed, lambda: START, queue_max, self.failures.append
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


def test_nobody_is_told_or_answered_before_the_batch_is_durable() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        answer = exchange.submit()
        await log.reached(1)
        for _ in range(10):
            await asyncio.sleep(0)
        assert not answer.done()
        assert exchange.told == []
        log.go()
        assert await answer == exchange.told == [decode_record(log.batches[0][0])]

    play(scenario)


def test_followers_are_told_before_the_submitter_is_answered() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        answered: list[bool] = []
        answer = exchange.submit(3)
        exchange.feed.subscribe(lambda _: answered.append(answer.done()))
        log.go()
        await answer
        assert answered == [False]

    play(scenario)


def test_a_record_has_the_command_and_the_time_of_the_clock() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        log.go()
        record = await exchange.sequencer.submit(OpenAccount())
        assert (record.sequence, record.time, record.command) == (1, START, OpenAccount())

    play(scenario)


def test_while_one_batch_is_written_the_next_gathers() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        first = exchange.submit()
        await log.reached(1)
        others = [exchange.submit(count) for count in (1, 10, 2)]
        await asyncio.sleep(0)
        log.go()
        await log.reached(2)
        assert sequences(await first) == [1]
        assert [len(batch) for batch in log.batches] == [1, 13]
        log.go()
        answers = await asyncio.gather(*others)
        assert [sequences(answer) for answer in answers] == [[2], [*range(3, 13)], [13, 14]]

    play(scenario)


def test_a_batch_has_whole_calls_and_a_limit() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        counts = [BATCH_MAX - 1, 1, 1, BATCH_MAX, BATCH_MAX + 1, 2]
        answers = [exchange.submit(count) for count in counts]
        log.go(10)
        assert [len(answer) for answer in await asyncio.gather(*answers)] == counts
        assert [len(b) for b in log.batches] == [BATCH_MAX, 1, BATCH_MAX, BATCH_MAX + 1, 2]
        assert sequences(exchange.told) == [*range(1, sum(counts) + 1)]

    play(scenario, queue_max=10 * BATCH_MAX)


def test_writing_is_left_to_a_thread_of_its_own() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        log.go(2)
        await exchange.submit()
        await exchange.submit()
        assert log.threads == {"journal"}

    play(scenario)


def test_a_full_queue_refuses_and_forgets_nothing_that_it_accepted() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        written = exchange.submit()
        await log.reached(1)  # no longer in the queue
        accepted = [exchange.submit(6), exchange.submit(4)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await exchange.submit()
        log.go(3)
        assert [len(answer) for answer in await asyncio.gather(written, *accepted)] == [1, 6, 4]
        with pytest.raises(Overloaded):
            await exchange.submit(11)
        assert sequences(await exchange.submit(10)) == [*range(12, 22)]

    play(scenario, queue_max=10)


def test_stopping_answers_what_was_accepted_and_refuses_the_rest() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        accepted = [exchange.submit() for _ in range(3)]
        await log.reached(1)
        accepted.append(exchange.submit())
        await asyncio.sleep(0)
        stop = asyncio.ensure_future(exchange.sequencer.stop())
        await asyncio.sleep(0)
        with pytest.raises(Stopping):
            await exchange.submit()
        assert not stop.done()
        log.go(2)
        await stop
        assert [sequences(answer.result()) for answer in accepted] == [[1], [2], [3], [4]]

    play(scenario)


def test_an_idle_sequencer_stops_too() -> None:
    async def scenario(exchange: Exchange, _: HeldLog) -> None:
        await asyncio.sleep(0)
        await exchange.sequencer.stop()
        await exchange.sequencer.stop()

    play(scenario)


def test_a_caller_that_goes_away_disturbs_nobody() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        gone, stays = exchange.submit(2), exchange.submit()
        await log.reached(1)
        gone.cancel()
        log.go()
        assert sequences(await stays) == [3]
        assert len(exchange.told) == 3

    play(scenario)


def test_nothing_is_submitted_where_there_is_nothing() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        assert await exchange.sequencer.submit_all([]) == []
        assert log.batches == []

    play(scenario)


def test_what_cannot_be_written_down_is_refused_and_takes_no_place() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        log.go()
        with pytest.raises(OverflowError):
            await exchange.sequencer.submit_all(
                [OpenAccount()] * 9 + [SuspendAccount(HUGE, "", "")]
            )
        assert sequences(await exchange.submit(10)) == [*range(1, 11)]

    play(scenario, queue_max=10)


def test_after_a_failed_write_nobody_is_told_answered_or_accepted() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        log.failure = JournalFailed("the disk is gone")
        first = exchange.submit()
        await log.reached(1)
        second = exchange.submit()
        await asyncio.sleep(0)
        log.go()
        await exchange.sequencer.stop()
        assert exchange.failures == [log.failure]
        assert exchange.told == []
        assert len(log.batches) == 1
        assert not first.done()
        assert not second.done()
        with pytest.raises(Stopping):
            await exchange.submit()
        for answer in (first, second):
            answer.cancel()

    play(scenario)


def test_a_follower_that_raises_ends_the_sequencer_unanswered() -> None:
    async def main() -> None:
        def follower(_: SequenceOf[Record]) -> None:
            raise RuntimeError("cannot follow")

        log, feed = HeldLog(), Feed(Sequence(0))
        feed.subscribe(follower)
        sequencer = Sequencer(Rulebook(), log, feed, lambda: START)
        run = asyncio.create_task(sequencer.run())
        answer = asyncio.ensure_future(sequencer.submit(OpenAccount()))
        log.go()
        with pytest.raises(RuntimeError, match="cannot follow"):
            await run
        assert not answer.done()
        answer.cancel()

    asyncio.run(main())


def test_the_journal_holds_what_was_answered(tmp_path: Path) -> None:
    async def main() -> None:
        log = open_log(tmp_path)
        exchange = Exchange(log)
        async with running(exchange):
            first, *rest = list(islice(commands(), 100))
            calls = [[first], *([each, each] for each in rest)]
            answers = await asyncio.gather(*map(exchange.sequencer.submit_all, calls))
        assert [[record.command for record in answer] for answer in answers] == calls
        assert [decode_record(data) for data in log.read(Sequence(0))] == exchange.told
        log.close()

    asyncio.run(main())


DYING = """
import asyncio, sys
from pathlib import Path
from coinport.engine.rulebook import Rulebook
from coinport.journal.feed import Feed
from coinport.journal.sequencer import Sequencer
from coinport.model.commands import OpenAccount, SuspendAccount
from tests.journal.journals import FailingDisk, open_log

async def main():
    disk = FailingDisk()
    log = open_log(Path(sys.argv[1]), disk)
    sequencer = Sequencer(Rulebook(), log, Feed(log.last), lambda: 1)
    run = asyncio.create_task(sequencer.run())
    print("answered", (await sequencer.submit(OpenAccount())).sequence, flush=True)
    disk.fail(sys.argv[2])
    calls = [sequencer.submit(OpenAccount()) for _ in range(3)]
    for answer in asyncio.as_completed(calls):
        print("answered", (await answer).sequence, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize(("call", "error"), [("write", "No space left"), ("sync", "Input/output")])
def test_a_failed_write_or_sync_ends_the_process_with_a_line_and_its_own_code(
    tmp_path: Path, call: str, error: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", DYING, str(tmp_path), call],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 74
    assert ended.stdout == "answered 1\n"
    (line,) = ended.stderr.splitlines()
    assert line.startswith("coinport: the journal failed, stopping: ")
    assert error in line
