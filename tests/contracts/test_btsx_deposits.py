"""What is peculiar to deposits of BitShares."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from coinport.wallets.btsx_transfers import UNITS
from coinport.wallets.chain import (
    GONE,
    ChainUnavailable,
    Payment,
    UnknownBlock,
)
from tests.contracts.btsx_stage import BtsxStage
from tests.contracts.conftest import Play

UID = "1000000001"


@pytest.fixture
def stage(runner: asyncio.Runner) -> BtsxStage:
    stage = BtsxStage()
    runner.run(stage.open())
    return stage


async def deposits(stage: BtsxStage) -> list[Payment]:
    return list((await stage.chain.incoming(None)).payments)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": {"amount": 5, "asset_id": "1.3.113"}},
        {"amount": {"amount": 0, "asset_id": "1.3.0"}},
        {"to": "1.2.7", "from": "1.2.100000"},
        {"from": "1.2.100000"},
    ],
    ids=str,
)
def test_what_did_not_bring_btsx_is_no_deposit(
    stage: BtsxStage, play: Play, changes: dict[str, Any]
) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 10**5, UID, changes)
        stage.node.pay(stage.hot, 10**5, UID, kind=38)
        await stage.mine()
        assert await deposits(stage) == []

    play(scene())


def test_a_fee_in_another_asset_is_the_senders_business(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 10**5, UID, {"fee": {"amount": 1, "asset_id": "1.3.113"}})
        await stage.mine()
        assert len(await deposits(stage)) == 1

    play(scene())


@pytest.mark.parametrize(
    ("amount", "units"),
    [(1, 1_000), ("1", 1_000), (2**32, 2**32 * 1_000), (str(2**32), 2**32 * 1_000)],
)
def test_five_decimals_there_are_eight_here(
    stage: BtsxStage, play: Play, amount: int | str, units: int
) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 1, UID, {"amount": {"amount": amount, "asset_id": "1.3.0"}})
        await stage.mine()
        [payment] = await deposits(stage)
        assert (payment.amount, payment.memo) == (units, UID)

    play(scene())


@pytest.mark.parametrize("amount", [-1, "-1", "1.5", "", "٣", str(10**20), 4 * 10**14, 1.5, None])
def test_an_amount_that_is_none_is_no_answer(stage: BtsxStage, play: Play, amount: object) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 1, UID, {"amount": {"amount": amount, "asset_id": "1.3.0"}})
        await stage.mine()
        with pytest.raises(ChainUnavailable):
            await deposits(stage)

    play(scene())


@pytest.mark.parametrize(
    ("written", "memo"), [("", ""), (f" {UID} ", UID), ("x" * 101, ""), ("two\nlines", "")]
)
def test_the_memo_is_what_the_wallet_reads(
    stage: BtsxStage, play: Play, written: str, memo: str
) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 1, written)
        await stage.mine()
        [payment] = await deposits(stage)
        assert payment.memo == memo

    play(scene())


def test_a_memo_that_nobody_can_read_is_none(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        sealed = stage.node.sealed(stage.outside(), stage.outside(), UID)
        stage.node.pay(stage.hot, 1, changes={"memo": sealed})
        await stage.mine()
        [payment] = await deposits(stage)
        assert payment.memo == ""

    play(scene())


def test_a_locked_wallet_is_no_help_as_soon_as_there_is_a_memo_to_read(
    stage: BtsxStage, play: Play
) -> None:
    async def scene() -> None:
        stage.wallet.locked = True
        stage.node.pay(stage.hot, 1)
        await stage.mine()
        assert len(await deposits(stage)) == 1
        stage.node.pay(stage.hot, 1, UID)
        await stage.mine()
        with pytest.raises(ChainUnavailable, match="unlock"):
            await deposits(stage)

    play(scene())


def test_what_could_still_be_replaced_is_not_shown(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        tip = await stage.chain.tip()
        lost = stage.node.pay(stage.hot, 1, UID)
        assert await deposits(stage) == []
        stage.node.produce(3)
        assert await stage.chain.tip() == tip
        assert await deposits(stage) == []
        with pytest.raises(UnknownBlock):
            await stage.chain.block(tip.height + 1)
        stage.node.pop(3, [lost])
        stage.node.pay(stage.hot, 2, UID)
        await stage.mine()
        assert [payment.amount for payment in await deposits(stage)] == [2 * UNITS]

    play(scene())


def test_a_long_history_is_read_to_its_beginning(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        for amount in range(1, 252):
            stage.node.pay(stage.hot, amount, UID)
            stage.node.produce()
        await stage.mine()
        found = await deposits(stage)
        assert [payment.amount for payment in found] == [amount * UNITS for amount in range(1, 252)]
        since = await stage.chain.block(found[-2].block.height)  # type: ignore[union-attr]
        assert list((await stage.chain.incoming(since)).payments) == found[-1:]

    play(scene())


def test_a_wallet_that_repeats_itself_is_no_help(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        stage.wallet.page_bug = True
        for _ in range(101):
            stage.node.pay(stage.hot, 1, UID)
        await stage.mine()
        with pytest.raises(ChainUnavailable, match="repeats"):
            await deposits(stage)

    play(scene())


@pytest.mark.parametrize("removed", [1, str(2**32)])
def test_a_node_that_forgot_old_operations_is_no_help_with_those(
    stage: BtsxStage, play: Play, removed: int | str
) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 1, UID)
        await stage.mine()
        [payment] = await deposits(stage)
        tip = await stage.chain.tip()
        stage.node.pay(stage.hot, 2, UID)
        await stage.mine()
        stage.node.removed_ops = removed
        with pytest.raises(ChainUnavailable, match="max-ops-per-account"):
            await deposits(stage)
        with pytest.raises(ChainUnavailable, match="max-ops-per-account"):
            await stage.chain.recheck([payment])
        earlier = await stage.chain.block(tip.height - 1)
        with pytest.raises(ChainUnavailable, match="max-ops-per-account"):
            await stage.chain.incoming(earlier)  # there might have been more since
        assert len((await stage.chain.incoming(tip)).payments) == 1

    play(scene())


def test_nothing_is_rechecked_without_asking_for_anything_gone(
    stage: BtsxStage, play: Play
) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 1, UID)
        await stage.mine()
        [payment] = await deposits(stage)
        other = replace(payment, key="BTSX:1.11.0", txid="1.11.0")
        there, gone = await stage.chain.recheck([payment, other])
        assert there == payment
        assert (gone.confirmations, gone.block) == (GONE, None)
        assert await stage.chain.recheck([]) == []

    play(scene())
