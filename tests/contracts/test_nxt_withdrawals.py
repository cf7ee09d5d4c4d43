"""What is peculiar to withdrawals of NXT."""

import asyncio
import struct
from typing import Any

import pytest
from msgspec.structs import replace

from coinport.model.units import Amount
from coinport.wallets.chain import (
    BroadcastRefused,
    ChainUnavailable,
    InsufficientFunds,
    Payout,
    Signed,
    State,
    Unpayable,
)
from coinport.wallets.nxt import DEADLINES, FEE_MAX, ROLLBACK_BLOCKS_MAX, NxtChain
from coinport.wallets.nxt_accounts import account
from tests.contracts.conftest import Play
from tests.contracts.nxt_stage import NxtStage


@pytest.fixture
def stage(runner: asyncio.Runner) -> NxtStage:
    stage = NxtStage()
    runner.run(stage.open())
    return stage


async def signed(stage: NxtStage, to: str, *exclude: str, memo: str = "") -> Signed:
    payout = Payout(to, stage.coin, memo)
    unsigned = await stage.chain.build(
        [payout], sources=[stage.hot], change=stage.hot, exclude=exclude
    )
    return stage.sign(unsigned)


def test_the_message_of_a_withdrawal_arrives(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        for memo in ("77", "für Élise"):
            await stage.chain.broadcast(await signed(stage, stage.outside(), memo=memo))
            await stage.mine()
            [row] = stage.node.blocks[-1]["rows"]
            assert row["attachment"]["message"] == memo

    play(scene())


def test_equal_payments_in_one_second_are_two_payments(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payments = [await signed(stage, outside) for _ in range(3)]
        assert len({payment.inputs for payment in payments}) == 3
        for payment in payments:
            await stage.chain.broadcast(payment)
        await stage.mine()
        assert await stage.received(outside) == 3 * stage.coin
        for payment in payments:
            status = await stage.chain.status(payment)
            assert (status.state, status.txid) == (State.CONFIRMED, payment.txid)

    play(scene())


def test_the_twin_of_a_payment_from_before_a_restart_is_another_payment(
    stage: NxtStage, play: Play
) -> None:
    async def scene() -> None:
        outside = stage.outside()
        first = await signed(stage, outside)
        stage.chain = NxtChain(stage.rpc, stage.scheme.public_key)
        second = await signed(stage, outside, *first.inputs)
        assert first.inputs != second.inputs

    play(scene())


def test_payments_that_only_their_messages_tell_apart_are_told_apart(
    stage: NxtStage, play: Play
) -> None:
    async def scene() -> None:
        outside = stage.outside()
        one, two = [await signed(stage, outside, memo=memo) for memo in "12"]
        await stage.chain.broadcast(one)
        await stage.mine()
        assert (await stage.chain.status(two)).state is State.UNSEEN

    play(scene())


def test_there_are_so_many_equal_payments_in_one_second_and_no_more(
    stage: NxtStage, play: Play
) -> None:
    async def scene() -> None:
        outside = stage.outside()
        for _ in DEADLINES:
            await signed(stage, outside)
        with pytest.raises(ChainUnavailable, match="ask again"):
            await signed(stage, outside)
        await stage.mine()
        await signed(stage, outside)

    play(scene())


def test_a_signature_that_is_none_is_refused_in_the_old_manner_too(
    stage: NxtStage, play: Play
) -> None:
    async def scene() -> None:
        payment = await signed(stage, stage.outside())
        data = bytes.fromhex(payment.blob)
        forged = replace(payment, blob=(data[:96] + bytes([7] * 64) + data[160:]).hex())
        with pytest.raises(BroadcastRefused, match="verification failed"):
            await stage.chain.broadcast(forged)

    play(scene())


def test_a_copy_that_waits_is_not_joined_by_the_payment_itself(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payment = await signed(stage, outside, memo="7")
        stage.node.mutate(payment.blob)
        status = await stage.chain.status(payment)
        assert status.state is State.WAITING
        assert status.txid != payment.txid
        with pytest.raises(BroadcastRefused, match="another signature"):
            await stage.chain.broadcast(payment)
        await stage.mine()
        assert await stage.received(outside) == stage.coin

    play(scene())


def test_a_withdrawal_that_came_too_late_is_expired_when_no_branch_can_have_it(
    stage: NxtStage, play: Play
) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payment = await signed(stage, outside)
        stage.node.mine(seconds=60 * DEADLINES[0] + 1)
        with pytest.raises(BroadcastRefused, match="not valid now"):
            await stage.chain.broadcast(payment)
        await stage.mine(ROLLBACK_BLOCKS_MAX - 1)
        assert (await stage.chain.status(payment)).state is State.UNSEEN
        await stage.mine()
        assert (await stage.chain.status(payment)).state is State.EXPIRED
        assert await stage.received(outside) == 0

    play(scene())


def test_on_a_branch_without_its_block_a_withdrawal_is_not_taken(
    stage: NxtStage, play: Play
) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payment = await signed(stage, outside)
        await stage.chain.broadcast(payment)
        await stage.mine()
        await stage.reorg(60)
        assert (await stage.chain.status(payment)).state is State.WAITING
        await stage.restart()
        with pytest.raises(BroadcastRefused):
            await stage.chain.broadcast(payment)
        assert (await stage.chain.status(payment)).state is State.UNSEEN
        assert await stage.received(outside) == 0

    play(scene())


def test_a_withdrawal_whose_money_went_elsewhere_waits_for_other_money(
    stage: NxtStage, play: Play
) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payment = await signed(stage, outside)
        stage.node.pay(stage.outside(), 999 * 10**8, sender=str(account(stage.hot)))
        await stage.mine()
        with pytest.raises(BroadcastRefused):
            await stage.chain.broadcast(payment)
        assert (await stage.chain.status(payment)).state is State.UNSEEN
        stage.node.pay(stage.hot, 10 * 10**8)
        await stage.mine()
        await stage.chain.broadcast(payment)
        await stage.mine()
        assert (await stage.chain.status(payment)).state is State.CONFIRMED

    play(scene())


def test_what_waits_to_be_paid_is_not_there_any_more(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        payout = Payout(stage.outside(), Amount(999 * stage.coin))
        first = await stage.chain.build([payout], sources=[stage.hot], change=stage.hot)
        await stage.chain.broadcast(stage.sign(first))
        with pytest.raises(InsufficientFunds):
            await signed(stage, stage.outside())

    play(scene())


def test_a_fee_that_is_too_high_is_not_paid(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        stage.node.fee = FEE_MAX + 1
        with pytest.raises(ChainUnavailable, match="too much"):
            await signed(stage, stage.outside())

    play(scene())


@pytest.mark.parametrize(
    ("offset", "form", "value"),
    [
        (0, "B", 2),
        (1, "B", 0x11),
        (6, "H", 60),
        (8, "B", 1),
        (40, "Q", 7),
        (48, "Q", 10**8 + 1),
        (64, "B", 1),
        (160, "I", 2),
    ],
)
def test_a_node_that_makes_another_payment_is_not_believed(
    stage: NxtStage, play: Play, offset: int, form: str, value: int
) -> None:
    async def scene() -> None:
        make = stage.node._sendMoney

        def changed(**order: str) -> dict[str, Any]:
            data = bytearray.fromhex(make(**order)["unsignedTransactionBytes"])
            struct.pack_into("<" + form, data, offset, value)
            return {"unsignedTransactionBytes": data.hex()}

        stage.node._sendMoney = changed  # type: ignore[method-assign]
        with pytest.raises(ChainUnavailable, match="made"):
            await signed(stage, stage.outside())

    play(scene())


def test_what_this_chain_cannot_do_is_said(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        to = Payout(stage.outside(), stage.coin)
        for payouts, sources in [
            ([to, to], [stage.hot]),
            ([to], ["NXT-elsewhere"]),
            ([Payout("nobody", stage.coin)], [stage.hot]),
            ([Payout(stage.hot, stage.coin)], [stage.hot]),
            ([replace(to, address=f"{to.address}?message=7")], [stage.hot]),
            ([replace(to, amount=Amount(10**17 + 1))], [stage.hot]),
        ]:
            with pytest.raises(Unpayable):
                await stage.chain.build(payouts, sources=sources, change=stage.hot)
        with pytest.raises(Unpayable):
            await stage.chain.sweep([stage.hot], stage.hot)

    play(scene())


def test_an_account_that_nobody_ever_used_holds_nothing(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        outside = stage.outside()
        assert (await stage.chain.balances([outside, stage.hot])).amounts == {
            outside: 0,
            stage.hot: 1000 * stage.coin,
        }

    play(scene())
