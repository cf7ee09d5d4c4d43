"""Batches of the sequencer: what is decided and written together, and for what one waits."""

import asyncio

import pytest

from coinport.journal import sequencer as sequencer_module
from coinport.journal.sequencer import BATCH_MAX
from coinport.model.commands import OpenAccount
from coinport.model.records import encode_command
from tests.journal.sequencing import Exchange, HeldLog, play, sequences


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


def test_the_next_batch_is_at_the_disk_before_anybody_is_told_of_the_last() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        at_the_disk: list[bool] = []
        first = exchange.submit()
        await log.reached(1)
        assert log.came()

        def told(_records: object) -> None:
            if not at_the_disk:
                at_the_disk.append(log.came())

        exchange.feed.subscribe(told)
        second = exchange.submit()
        await asyncio.sleep(0)
        log.go()
        assert sequences(await first) == [1]
        assert at_the_disk == [True]
        assert not second.done()
        log.go()
        assert sequences(await second) == [2]

    play(scenario)


def test_a_batch_waits_for_as_many_calls_as_the_last_one_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sequencer_module, "GATHER_S", 3600)

    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        log.go(2)
        await asyncio.gather(*(exchange.submit() for _ in range(3)))
        again = [exchange.submit(2) for _ in range(2)]
        for _ in range(10):
            await asyncio.sleep(0)
        assert len(log.batches) == 1
        again.append(exchange.submit())
        await asyncio.gather(*again)
        assert [len(batch) for batch in log.batches] == [3, 5]

    play(scenario)


def test_a_call_may_be_for_several_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer_module, "GATHER_S", 3600)

    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        told: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
        commands = [encode_command(OpenAccount())] * 3

        def submit(callers: int) -> None:
            exchange.sequencer.submit_then(
                commands, lambda _records, start, end: told.put_nowait((start, end)), callers
            )

        log.go(2)
        submit(2)
        assert await told.get() == (0, 3)
        submit(1)
        for _ in range(10):
            await asyncio.sleep(0)
        assert len(log.batches) == 1
        submit(1)
        assert [await told.get() for _ in range(2)] == [(0, 3), (3, 6)]

    play(scenario)


def test_a_batch_does_not_wait_for_long() -> None:
    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        log.go(2)
        await asyncio.gather(*(exchange.submit() for _ in range(3)))
        assert sequences(await exchange.submit()) == [4]

    play(scenario)


def test_a_caller_who_is_alone_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer_module, "GATHER_S", 3600)

    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        log.go(3)
        assert [sequences(await exchange.submit()) for _ in range(3)] == [[1], [2], [3]]

    play(scenario)


def test_stopping_does_not_wait_for_more_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer_module, "GATHER_S", 3600)

    async def scenario(exchange: Exchange, log: HeldLog) -> None:
        log.go(2)
        await asyncio.gather(*(exchange.submit() for _ in range(3)))
        last = exchange.submit()
        await asyncio.sleep(0)
        await exchange.sequencer.stop()
        assert sequences(last.result()) == [4]

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
