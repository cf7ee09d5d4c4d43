"""Deposits that leave their chain: before they are credited, afterwards, and back again."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, TypeAlias

import pytest

from coinport.model.commands import (
    AnnounceDeposit,
    CreditDeposit,
    Debit,
    DropDeposit,
    HoldDeposit,
    ReleaseDeposit,
    WriteOffDeposit,
)
from coinport.model.units import Amount
from coinport.wallets.alarms import Alarm
from coinport.wallets.chain import Block, Scan, UnknownBlock
from tests.wallets.house import ALICE, COIN, LTC, House, SteppedChain

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]

COMMANDS = (AnnounceDeposit, CreditDeposit, DropDeposit, HoldDeposit, ReleaseDeposit)


def history(house: House) -> list[str]:
    """What the ledger was told of deposits, in order."""
    records = [record for kind in COMMANDS for record in house.records(kind)]
    records.sort(key=lambda record: record.sequence)
    return [type(record.command).__name__.removesuffix("Deposit") for record in records]


def held(house: House) -> int:
    return house.wallets.alarms.level(Alarm.DEPOSITS_HELD, "LTC")


def test_one_that_is_spent_otherwise_before_its_credit_is_dropped(play: Play) -> None:
    async def scene(house: House) -> None:
        txid = house.ltc.pay(await house.address(ALICE), COIN)
        await house.mine(2)
        house.ltc.reorg(2, lose=[txid])
        await house.poll()
        await house.mine(5)
        assert history(house) == ["Announce", "Drop"]
        assert house.available(ALICE) == 0

    play(scene)


def test_one_that_comes_back_after_it_was_dropped_is_credited_once(play: Play) -> None:
    async def scene(house: House) -> None:
        house.ltc.pay(await house.address(ALICE), COIN)
        await house.poll()
        waiting = house.ltc.save()
        house.ltc.forget_mempool()
        await house.poll()
        house.ltc.load(waiting)
        await house.mine(4)
        assert history(house) == ["Announce", "Drop", "Announce", "Credit"]
        assert house.available(ALICE) == COIN

    play(scene)


def test_confirmations_count_anew_in_another_branch(play: Play) -> None:
    async def scene(house: House) -> None:
        house.ltc.pay(await house.address(ALICE), COIN)
        await house.mine(2)
        house.ltc.reorg(2, mine=False)
        await house.poll()
        await house.mine(2)
        assert house.available(ALICE) == 0
        await house.mine(1)
        assert house.available(ALICE) == COIN
        assert history(house) == ["Announce", "Credit"]

    play(scene)


def test_one_that_stays_in_the_chain_keeps_its_credit(play: Play) -> None:
    async def scene(house: House) -> None:
        house.ltc.pay(await house.address(ALICE), COIN)
        await house.mine(4)
        house.ltc.reorg(4)
        await house.poll()
        await house.mine(4)
        assert history(house) == ["Announce", "Credit"]

    play(scene)


def test_one_that_is_gone_after_its_credit_is_held_for_a_person(play: Play) -> None:
    async def scene(house: House) -> None:
        txid = house.ltc.pay(await house.address(ALICE), Amount(3 * COIN))
        await house.mine(4)
        await house.tell(Debit(ALICE, LTC, COIN, "", "tests", "spent"))
        house.ltc.reorg(4, lose=[txid])
        await house.mine(1)
        assert (house.available(ALICE), held(house)) == (0, 1)
        [record] = house.records(HoldDeposit)
        event: Any = record.events[0]
        assert event.amount == 2 * COIN
        await house.mine(10)
        assert held(house) == 1
        await house.transfer_of(WriteOffDeposit(event.transfer, "ann", "double-spent"))
        await house.mine(2)
        assert held(house) == 0
        assert history(house) == ["Announce", "Credit", "Hold"]

    play(scene)


def test_one_that_comes_back_is_released_once_it_is_final_again(play: Play) -> None:
    async def scene(house: House) -> None:
        house.ltc.pay(await house.address(ALICE), COIN)
        await house.mine(4)
        house.ltc.reorg(4, mine=False)
        await house.poll()
        assert (house.available(ALICE), held(house)) == (0, 1)
        await house.mine(2)
        assert house.available(ALICE) == 0
        await house.mine(1)
        assert (house.available(ALICE), held(house)) == (COIN, 0)
        await house.mine(5)
        assert history(house) == ["Announce", "Credit", "Hold", "Release"]

    play(scene)


def test_a_fork_is_noticed_by_wallets_that_were_away(play: Play) -> None:
    async def scene(house: House) -> None:
        txid = house.ltc.pay(await house.address(ALICE), COIN)
        await house.mine(4)
        house.ltc.reorg(4, lose=[txid])
        house.ltc.mine(3)
        await house.start()
        await house.poll()
        assert history(house) == ["Announce", "Credit", "Hold"]

    play(scene)


def test_it_is_watched_for_as_long_as_the_policy_says(play: Play) -> None:
    async def scene(house: House) -> None:
        lost = house.ltc.pay(await house.address(ALICE), COIN)
        await house.mine(6)
        house.ltc.reorg(6, lose=[lost])
        await house.mine(3)
        assert history(house) == ["Announce", "Credit"]

    play(scene)


class Forgetful(SteppedChain):
    """Its node does not know the blocks of a branch that lost."""

    asked: ClassVar[list[Block | None]] = []

    async def incoming(self, since: Block | None) -> Scan:
        self.asked.append(since)
        if since and self._network.fork(since) != since.height:
            raise UnknownBlock("never heard of it")
        return await super().incoming(since)


def test_a_fork_is_followed_back_to_the_last_block_that_both_have(play: Play) -> None:
    async def scene(house: House) -> None:
        house.new_chain = Forgetful
        await house.start()
        txid = house.ltc.pay(await house.address(ALICE), COIN)
        await house.mine(4)
        common = house.ltc.chain[-4].block
        house.ltc.reorg(3)
        Forgetful.asked.clear()
        await house.wallets.deposits["LTC"].poll()
        assert len(Forgetful.asked) == 4
        assert Forgetful.asked[-1] == common
        house.ltc.reorg(5, lose=[txid])
        await house.poll()
        assert history(house) == ["Announce", "Credit", "Hold"]

    play(scene)


@pytest.mark.parametrize("blocks", [1, 4])
def test_a_node_that_is_behind_decides_nothing(play: Play, blocks: int) -> None:
    async def scene(house: House) -> None:
        address = await house.address(ALICE)
        await house.mine(3)
        old = house.ltc.save()
        house.ltc.pay(address, COIN)
        await house.mine(blocks)
        now, before = house.ltc.save(), history(house)
        house.ltc.load(old)
        await house.poll(2)
        assert house.wallets.alarms.level(Alarm.NODE_BEHIND, "LTC") == blocks
        assert history(house) == before
        house.ltc.load(now)
        await house.mine(4)
        assert house.wallets.alarms.level(Alarm.NODE_BEHIND, "LTC") == 0
        assert history(house) == ["Announce", "Credit"]

    play(scene)


def test_what_a_person_has_released_is_not_held_again(play: Play) -> None:
    """The house stands for it: its chain may never have it again."""

    async def scene(house: House) -> None:
        txid = house.ltc.pay(await house.address(ALICE), COIN)
        await house.mine(4)
        house.ltc.reorg(4, lose=[txid])
        await house.poll()
        (record,) = house.records(HoldDeposit)
        assert isinstance(record.command, HoldDeposit)
        held = record.command.transfer
        await house.tell(ReleaseDeposit(held, "ann and bob", "the house pays for it"))
        for _ in range(3):
            await house.poll()
            await house.mine(1)
        assert history(house) == ["Announce", "Credit", "Hold", "Release"]
        assert house.available(ALICE) == COIN

    play(scene)
