"""What is peculiar to withdrawals of BitShares."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from coinport.model.units import Amount
from coinport.wallets.btsx import FEE_MAX, LIFETIME_SECONDS, TWINS_MAX, BtsxChain
from coinport.wallets.btsx_transfers import UNITS
from coinport.wallets.chain import (
    BroadcastRefused,
    ChainUnavailable,
    InsufficientFunds,
    Payout,
    Signed,
    State,
    Unpayable,
)
from tests.contracts.btsx_stage import BtsxStage
from tests.contracts.conftest import Play
from tests.contracts.graphene import BLOCK_SECONDS


@pytest.fixture
def stage(runner: asyncio.Runner) -> BtsxStage:
    stage = BtsxStage()
    runner.run(stage.open())
    return stage


async def signed(stage: BtsxStage, to: str, *exclude: str, memo: str = "") -> Signed:
    payout = Payout(to, stage.coin, memo)
    unsigned = await stage.chain.build(
        [payout], sources=[stage.hot], change=stage.hot, exclude=exclude
    )
    return stage.sign(unsigned)


def test_the_memo_of_a_withdrawal_arrives_sealed(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        outside = stage.outside()
        await stage.chain.broadcast(await signed(stage, outside, memo="für Élise"))
        await stage.mine()
        [transaction] = stage.node.blocks[-1]["transactions"]
        memo = transaction["operations"][0][1]["memo"]
        assert memo["to"] == stage.node.accounts[outside]["options"]["memo_key"]
        assert stage.wallet._read_memo(memo) == "für Élise"

    play(scene())


@pytest.mark.parametrize("units", [1, 999, 1_001, 10**8 + 1])
def test_what_has_more_than_five_decimals_cannot_be_paid(
    stage: BtsxStage, play: Play, units: int
) -> None:
    async def scene() -> None:
        payout = Payout(stage.outside(), Amount(units))
        with pytest.raises(Unpayable, match="5 decimals"):
            await stage.chain.build([payout], sources=[stage.hot], change=stage.hot)

    play(scene())


def test_the_smallest_amount_is_paid_exactly(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payout = Payout(outside, Amount(UNITS))
        unsigned = await stage.chain.build([payout], sources=[stage.hot], change=stage.hot)
        await stage.chain.broadcast(stage.sign(unsigned))
        await stage.mine()
        assert await stage.received(outside) == UNITS

    play(scene())


@pytest.mark.parametrize("memo", ["", "7"])
def test_equal_transfers_at_once_are_two_transfers(stage: BtsxStage, play: Play, memo: str) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payments = [await signed(stage, outside, memo=memo) for _ in range(3)]
        assert len({payment.inputs for payment in payments}) == 3
        await stage.chain.broadcast(payments[0])
        await stage.mine()
        assert (await stage.chain.status(payments[1])).state is State.UNSEEN
        for payment in payments[1:]:
            await stage.chain.broadcast(payment)
        await stage.mine()
        assert await stage.received(outside) == 3 * stage.coin
        for payment in payments:
            assert (await stage.chain.status(payment)).state is State.CONFIRMED

    play(scene())


def test_the_twin_of_a_transfer_from_before_a_restart_is_another_transfer(
    stage: BtsxStage, play: Play
) -> None:
    async def scene() -> None:
        outside = stage.outside()
        first = await signed(stage, outside)
        stage.chain = BtsxChain(stage.rpc, stage.hot)
        second = await signed(stage, outside, *first.inputs)
        assert first.inputs != second.inputs

    play(scene())


def test_transfers_that_only_their_memos_tell_apart_are_told_apart(
    stage: BtsxStage, play: Play
) -> None:
    async def scene() -> None:
        outside = stage.outside()
        one, two = [await signed(stage, outside, memo=memo) for memo in "12"]
        await stage.chain.broadcast(one)
        assert (await stage.chain.status(one)).state is State.WAITING
        assert (await stage.chain.status(two)).state is State.UNSEEN

    play(scene())


def test_a_twin_that_waits_does_not_hide_what_is_confirmed(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        outside = stage.outside()
        first, second = await signed(stage, outside), await signed(stage, outside)
        await stage.chain.broadcast(first)
        await stage.mine()
        await stage.chain.broadcast(second)
        assert (await stage.chain.status(first)).state is State.CONFIRMED
        assert (await stage.chain.status(second)).state is State.WAITING

    play(scene())


def test_there_are_so_many_equal_transfers_at_once_and_no_more(
    stage: BtsxStage, play: Play
) -> None:
    async def scene() -> None:
        outside = stage.outside()
        for _ in range(TWINS_MAX):
            await signed(stage, outside)
        with pytest.raises(ChainUnavailable, match="ask again"):
            await signed(stage, outside)
        await stage.mine()
        await signed(stage, outside)

    play(scene())


def test_a_withdrawal_waits_until_its_block_is_irreversible(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payment = await signed(stage, outside)
        await stage.chain.broadcast(payment)
        assert (await stage.chain.status(payment)).state is State.WAITING
        stage.node.produce(2)
        assert (await stage.chain.status(payment)).state is State.WAITING
        stage.node.pop(2)
        assert (await stage.chain.status(payment)).state is State.WAITING
        await stage.restart()
        assert (await stage.chain.status(payment)).state is State.UNSEEN
        await stage.chain.broadcast(payment)
        stage.node.produce(2)
        stage.node.settle()
        status = await stage.chain.status(payment)
        assert (status.state, status.confirmations) == (State.CONFIRMED, 2)
        assert await stage.received(outside) == stage.coin

    play(scene())


def test_a_withdrawal_that_came_too_late_is_expired_when_no_block_can_have_it(
    stage: BtsxStage, play: Play
) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payment = await signed(stage, outside)
        stage.node.produce(LIFETIME_SECONDS // BLOCK_SECONDS + 1)
        with pytest.raises(BroadcastRefused, match="expiration"):
            await stage.chain.broadcast(payment)
        assert (await stage.chain.status(payment)).state is State.UNSEEN
        stage.node.irreversible = len(stage.node.blocks) - 1
        assert (await stage.chain.status(payment)).state is State.UNSEEN
        stage.node.settle()
        assert (await stage.chain.status(payment)).state is State.EXPIRED
        assert await stage.received(outside) == 0

    play(scene())


def test_the_fee_must_be_there_too(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        all_of_it = Payout(stage.outside(), Amount(1000 * stage.coin))
        with pytest.raises(InsufficientFunds):
            await stage.chain.build([all_of_it], sources=[stage.hot], change=stage.hot)
        rest = replace(all_of_it, amount=Amount(all_of_it.amount - stage.node.fee * UNITS))
        unsigned = await stage.chain.build([rest], sources=[stage.hot], change=stage.hot)
        assert unsigned.fee == stage.node.fee * UNITS

    play(scene())


def test_a_fee_that_is_too_high_is_not_paid(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        stage.node.fee = FEE_MAX + 1
        with pytest.raises(ChainUnavailable, match="too much"):
            await signed(stage, stage.outside())

    play(scene())


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "1.2.7"},
        {"from": "1.2.7"},
        {"amount": {"amount": 10**5 + 1, "asset_id": "1.3.0"}},
        {"amount": {"amount": 10**5, "asset_id": "1.3.113"}},
        {"fee": {"amount": 1, "asset_id": "1.3.113"}},
        {"memo": {"from": "BTSx", "to": "BTSx", "nonce": 1, "message": "00"}},
    ],
    ids=str,
)
def test_a_wallet_that_makes_another_transfer_is_not_believed(
    stage: BtsxStage, play: Play, changes: dict[str, Any]
) -> None:
    async def scene() -> None:
        make = stage.wallet._transfer

        def changed(*order: Any) -> dict[str, Any]:
            made = make(*order)
            made["operations"][0][1] |= changes
            return made

        stage.wallet._transfer = changed  # type: ignore[method-assign]
        with pytest.raises(ChainUnavailable):
            await signed(stage, stage.outside())

    play(scene())


@pytest.mark.parametrize(
    "changes",
    [{"nonce": 2**64}, {"nonce": -1}, {"message": "zz"}, {"from": "BTS1111"}, {"to": "GPH1"}],
    ids=str,
)
def test_a_memo_that_is_none_is_not_sent(
    stage: BtsxStage, play: Play, changes: dict[str, Any]
) -> None:
    async def scene() -> None:
        seal = stage.node.sealed
        stage.node.sealed = lambda *order: seal(*order) | changes  # type: ignore[method-assign]
        with pytest.raises(ChainUnavailable):
            await signed(stage, stage.outside(), memo="7")

    play(scene())


def test_what_this_chain_cannot_do_is_said(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        to = Payout(stage.outside(), stage.coin)
        key = stage.node.accounts[to.address]["options"]["memo_key"]
        for payouts, sources in [
            ([to, to], [stage.hot]),
            ([to], ["elsewhere"]),
            ([replace(to, address="nobody")], [stage.hot]),
            ([replace(to, address="No Name")], [stage.hot]),
            ([replace(to, address=key)], [stage.hot]),
            ([replace(to, address=stage.hot)], [stage.hot]),
            ([replace(to, address=f"{to.address}?memo=7")], [stage.hot]),
        ]:
            with pytest.raises(Unpayable):
                await stage.chain.build(payouts, sources=sources, change=stage.hot)
        with pytest.raises(Unpayable):
            await stage.chain.sweep([stage.hot], stage.hot)

    play(scene())


def test_an_account_that_is_none_holds_nothing(stage: BtsxStage, play: Play) -> None:
    async def scene() -> None:
        stage.node.produce()
        found = await stage.chain.balances(["nobody", stage.hot])
        assert found.amounts == {"nobody": 0, stage.hot: 1000 * stage.coin}
        assert found.block.hash == stage.node.blocks[-1]["block_id"]

    play(scene())
