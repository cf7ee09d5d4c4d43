"""The sequencer: one order for everybody, and no answer before it is durable."""

import asyncio
import time
from itertools import islice
from pathlib import Path

import pytest

from coinport.journal.sequencer import Overloaded, Stopping
from coinport.model.commands import OpenAccount, SuspendAccount
from coinport.model.records import decode_record
from coinport.model.units import AccountId, Sequence
from tests.journal.exchanges import START, commands
from tests.journal.journals import open_log
from tests.journal.sequencing import Exchange, HeldLog, play, running, sequences

HUGE = AccountId(2**64)


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


def test_how_long_the_first_of_a_batch_waited_is_told_and_counts_from_when_it_came() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        first = exchange.submit()
        await log.reached(1)
        second = exchange.submit()
        await asyncio.sleep(0)
        began = time.perf_counter()
        third = exchange.submit()
        await asyncio.sleep(0)
        waited = time.perf_counter() - began
        log.go(2)
        await asyncio.gather(first, second, third)
        await asyncio.sleep(0)
        assert len(exchange.waited) == len(log.batches) == 2
        assert exchange.waited[1] >= waited

    play(scenario)


def test_what_waits_is_counted() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        exchange.submit(2)
        await log.reached(1)
        accepted = exchange.submit(5)
        await asyncio.sleep(0)
        assert exchange.sequencer.waiting == 5
        log.go(2)
        await accepted
        assert exchange.sequencer.waiting == 0

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
