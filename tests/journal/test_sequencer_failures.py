"""When the disk or a follower fails, the sequencer answers nobody any more and ends."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence as SequenceOf
from pathlib import Path

import pytest

from coinport.engine.rulebook import Rulebook
from coinport.journal.errors import JournalFailed
from coinport.journal.feed import Feed
from coinport.journal.sequencer import Sequencer, Stopping
from coinport.model.commands import OpenAccount
from coinport.model.records import Record
from coinport.model.units import Sequence
from tests.journal.exchanges import START
from tests.journal.sequencing import Exchange, HeldLog, play


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
