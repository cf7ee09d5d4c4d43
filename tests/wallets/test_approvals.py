"""Approvals: what goes without anybody looking, and what does not."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

from coinport.model.commands import ApproveWithdrawal, RequestWithdrawal, SuspendAccount
from coinport.model.transfers import TransferStatus
from coinport.model.units import Amount
from coinport.wallets.alarms import Alarm
from coinport.wallets.approvals import ACTOR, DAY_MS, HOUR_MS, Obstacle
from coinport.wallets.signer_socket import SignerUnavailable
from coinport.wallets.signing import Answer, Request
from tests.wallets.house import ALICE, BOB, CNY, COIN, House

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]

PENDING, PROCESSING = TransferStatus.PENDING, TransferStatus.PROCESSING


async def rich(house: House) -> None:
    for account in (ALICE, BOB):
        await house.give(account, 10_000)


def test_an_account_gets_as_much_in_24_hours_as_the_policy_says(play: Play) -> None:
    async def scene(house: House) -> None:
        await rich(house)
        first, second = await house.request(ALICE, 60), await house.request(ALICE, 41)
        third, other = await house.request(ALICE, 40), await house.request(BOB, 100)
        await house.wallets.approvals.poll()
        statuses = [house.status(one) for one in (first, second, third, other)]
        assert statuses == [PROCESSING, PENDING, PROCESSING, PROCESSING]
        house.clock.now += DAY_MS
        await house.wallets.approvals.poll()
        assert house.status(second) is PENDING
        house.clock.now += 1
        await house.wallets.approvals.poll()
        assert house.status(second) is PROCESSING

    play(scene)


def test_what_a_person_approved_counts_and_what_came_back_does_not(play: Play) -> None:
    async def scene(house: House) -> None:
        await rich(house)
        large = await house.request(ALICE, 500)
        await house.wallets.approvals.poll()
        assert house.status(large) is PENDING
        await house.approve(large)
        small = await house.request(ALICE, 1)
        await house.wallets.approvals.poll()
        assert house.status(small) is PENDING
        await house.fail(large)
        await house.wallets.approvals.poll()
        assert house.status(small) is PROCESSING

    play(scene)


def test_who_is_suspended_waits_for_a_person(play: Play) -> None:
    async def scene(house: House) -> None:
        await rich(house)
        transfer = await house.request(ALICE, 1)
        await house.tell(SuspendAccount(ALICE, "ann", "a case"))
        await house.wallets.approvals.poll()
        assert house.status(transfer) is PENDING
        await house.approve(transfer)
        assert house.status(transfer) is PROCESSING

    play(scene)


def test_what_is_on_no_chain_waits_for_a_person(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.give(ALICE, 100, CNY)
        command = RequestWithdrawal(ALICE, CNY, COIN, Amount(0), "destination:1", "")
        transfer = await house.transfer_of(command)
        await house.poll()
        assert house.status(transfer) is PENDING

    play(scene)


def test_too_much_in_an_hour_pauses_withdrawals_until_a_person_resumes_them(play: Play) -> None:
    async def scene(house: House) -> None:
        house.figures["LTC"]["hour_max"] = "150"
        await house.start()
        await house.fund(1000)
        await rich(house)
        first = await house.request(ALICE, 100)
        await house.poll()
        second, third = await house.request(BOB, 51), await house.request(BOB, 1)
        await house.mine(2)
        assert house.wallets.alarms.level(Alarm.WITHDRAWALS_PAUSED, "LTC") == 1
        assert house.status(first) is None
        large = await house.request(ALICE, 500)
        await house.approve(large)
        house.clock.now += 2 * HOUR_MS
        await house.start()
        await house.mine(2)
        assert [house.status(one) for one in (second, third, large)] == [
            PENDING,
            PENDING,
            PROCESSING,
        ]
        await house.wallets.approvals.resume("LTC", "ann", "it was Bob himself")
        await house.poll()
        await house.mine(2)
        assert [house.status(one) for one in (second, third, large)] == [None, None, None]
        assert house.wallets.alarms.level(Alarm.WITHDRAWALS_PAUSED, "LTC") == 0

    play(scene)


def test_what_is_prepared_is_not_signed_while_withdrawals_are_paused(play: Play) -> None:
    async def scene(house: House) -> None:
        def away(request: Request) -> Answer:
            raise SignerUnavailable("no signer")

        await house.fund(40)
        await rich(house)
        transfer = await house.request(ALICE, 1)
        house.signing = away
        with pytest.raises(SignerUnavailable):
            await house.poll()
        house.signing = house.signer.answer
        await house.wallets.approvals.pause("LTC", "ann", "a case")
        await house.mine(2)
        assert house.memory.of(transfer) == []
        await house.wallets.approvals.resume("LTC", "ann", "it was nothing")
        await house.poll()
        await house.mine(2)
        assert house.status(transfer) is None

    play(scene)


def test_after_a_resume_the_hour_counts_anew(play: Play) -> None:
    async def scene(house: House) -> None:
        house.figures["LTC"]["hour_max"] = "100"
        await house.start()
        await rich(house)
        await house.request(ALICE, 100)
        second = await house.request(BOB, 100)
        await house.wallets.approvals.poll()
        assert house.status(second) is PENDING
        house.clock.now += 1000
        await house.wallets.approvals.resume("LTC", "ann", "looked at")
        await house.wallets.approvals.poll()
        assert house.status(second) is PROCESSING

    play(scene)


def test_the_journal_says_who_approved(play: Play) -> None:
    async def scene(house: House) -> None:
        await rich(house)
        await house.request(ALICE, 1)
        await house.wallets.approvals.poll()
        [record] = house.records(ApproveWithdrawal)
        assert record.command.actor == ACTOR  # type: ignore[union-attr]

    play(scene)


def test_what_waits_says_why(play: Play) -> None:
    async def scene(house: House) -> None:
        await rich(house)
        approvals = house.wallets.approvals
        first, over = await house.request(ALICE, 60), await house.request(ALICE, 41)
        large = await house.request(ALICE, 101)
        everything = [first, over, large]
        assert await approvals.obstacles(everything) == {large: Obstacle.LARGE}
        await approvals.poll()
        limited = {over: Obstacle.DAY_LIMIT, large: Obstacle.LARGE}
        assert await approvals.obstacles(everything) == limited
        assert await approvals.obstacles([first]) == {}
        house.clock.now += DAY_MS + 1
        assert await approvals.obstacles([over]) == {}
        await approvals.pause("LTC", "ann", "a case")
        assert await approvals.obstacles([over]) == {over: Obstacle.PAUSED}
        await house.tell(SuspendAccount(ALICE, "ann", "a case"))
        assert await approvals.obstacles([over]) == {over: Obstacle.SUSPENDED}

    play(scene)
