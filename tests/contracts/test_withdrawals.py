"""What every chain owes the exchange about money that goes out."""

import pytest

from coinport.model.units import Amount
from coinport.wallets.chain import (
    BroadcastRefused,
    ChainUnavailable,
    InsufficientFunds,
    Payout,
    Signed,
    State,
    Status,
    Unpayable,
)
from tests.contracts.conftest import Play
from tests.contracts.stage import CoinStage, Failure, ForkingStage, Stage


async def signed(
    stage: Stage, address: str, coins: int = 1, exclude: tuple[str, ...] = ()
) -> Signed:
    payout = Payout(address, Amount(coins * stage.coin))
    return stage.sign(
        await stage.chain.build([payout], sources=[stage.hot], change=stage.hot, exclude=exclude)
    )


async def states(stage: Stage, payment: Signed) -> Status:
    return await stage.chain.status(payment)


def test_a_withdrawal_arrives_with_the_right_amount(stage: Stage, play: Play) -> None:
    async def scene() -> None:
        outside = stage.outside()
        before = (await stage.chain.balances([stage.hot])).amounts[stage.hot]
        payment = await signed(stage, outside)
        assert payment.fee > 0
        assert payment.payouts[0] == Payout(outside, stage.coin)
        assert (await states(stage, payment)).state is State.UNSEEN
        await stage.chain.broadcast(payment)
        assert (await states(stage, payment)).state in (State.WAITING, State.CONFIRMED)
        await stage.mine()
        status = await states(stage, payment)
        assert (status.state, status.txid) == (State.CONFIRMED, payment.txid)
        assert status.confirmations >= 1
        assert await stage.received(outside) == stage.coin
        after = (await stage.chain.balances([stage.hot])).amounts[stage.hot]
        assert before - after == stage.coin + payment.fee

    play(scene())


def test_to_broadcast_again_pays_no_more(stage: Stage, play: Play) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payment = await signed(stage, outside)
        for _ in range(3):
            await stage.chain.broadcast(payment)
        await stage.mine()
        await stage.chain.broadcast(payment)
        await stage.mine()
        assert await stage.received(outside) == stage.coin
        assert (await states(stage, payment)).state is State.CONFIRMED

    play(scene())


@pytest.mark.parametrize("failure", Failure)
def test_a_broadcast_without_an_answer_is_repeated_and_pays_once(
    stage: Stage, play: Play, failure: Failure
) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payment = await signed(stage, outside)
        stage.fail("broadcast", failure)
        with pytest.raises(ChainUnavailable):
            await stage.chain.broadcast(payment)
        await stage.chain.broadcast(payment)
        await stage.mine()
        assert (await states(stage, payment)).state is State.CONFIRMED
        assert await stage.received(outside) == stage.coin

    play(scene())


def test_what_was_never_broadcast_never_pays(stage: Stage, play: Play) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payment = await signed(stage, outside)
        await stage.mine(2)
        assert (await states(stage, payment)).state is State.UNSEEN
        assert await stage.received(outside) == 0

    play(scene())


def test_what_is_not_there_cannot_be_paid(stage: Stage, play: Play) -> None:
    async def scene() -> None:
        with pytest.raises(InsufficientFunds):
            await signed(stage, stage.outside(), coins=100_000)

    play(scene())


def test_nothing_cannot_be_paid(stage: Stage, play: Play) -> None:
    async def scene() -> None:
        with pytest.raises(Unpayable):
            await signed(stage, stage.outside(), coins=0)

    play(scene())


def test_a_node_that_forgot_a_withdrawal_gets_it_again(forking: ForkingStage, play: Play) -> None:
    async def scene() -> None:
        outside = forking.outside()
        payment = await signed(forking, outside)
        await forking.chain.broadcast(payment)
        await forking.restart()
        assert (await states(forking, payment)).state is State.UNSEEN
        await forking.chain.broadcast(payment)
        await forking.mine()
        assert (await states(forking, payment)).state is State.CONFIRMED
        assert await forking.received(outside) == forking.coin

    play(scene())


def test_inputs_of_a_withdrawal_can_be_kept_from_the_next(
    forking: ForkingStage, play: Play
) -> None:
    async def scene() -> None:
        first = await signed(forking, forking.outside())
        second = await signed(forking, forking.outside(), exclude=first.inputs)
        assert not set(first.inputs) & set(second.inputs)
        for payment in (first, second):
            await forking.chain.broadcast(payment)
        await forking.mine()
        for payment in (first, second):
            assert (await states(forking, payment)).state is State.CONFIRMED

    play(scene())


def test_a_mutated_copy_of_a_withdrawal_is_the_withdrawal(
    forking: ForkingStage, play: Play
) -> None:
    async def scene() -> None:
        outside = forking.outside()
        payment = await signed(forking, outside)
        await forking.mutate(payment)
        await forking.mine(2)
        status = await states(forking, payment)
        assert (status.state, status.confirmations) == (State.CONFIRMED, 3)
        assert status.txid != payment.txid
        with pytest.raises(BroadcastRefused):
            await forking.chain.broadcast(payment)
        assert await forking.received(outside) == forking.coin

    play(scene())


def test_a_withdrawal_whose_inputs_are_spent_otherwise_is_in_conflict(
    coins: CoinStage, play: Play
) -> None:
    async def scene() -> None:
        outside = coins.outside()
        payment = await signed(coins, outside)
        await coins.double_spend(payment)
        await coins.mine(4)
        status = await states(coins, payment)
        assert (status.state, status.confirmations) == (State.CONFLICTED, 5)
        assert status.txid != payment.txid
        with pytest.raises(BroadcastRefused):
            await coins.chain.broadcast(payment)
        assert await coins.received(outside) == 0

    play(scene())


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_a_withdrawal_in_a_reorg_is_confirmed_again_and_paid_once(
    forking: ForkingStage, play: Play, depth: int
) -> None:
    async def scene() -> None:
        outside = forking.outside()
        payment = await signed(forking, outside)
        await forking.chain.broadcast(payment)
        await forking.mine(depth)
        assert (await states(forking, payment)).confirmations == depth
        await forking.reorg(depth)
        await forking.chain.broadcast(payment)
        await forking.mine()
        assert (await states(forking, payment)).state is State.CONFIRMED
        assert await forking.received(outside) == forking.coin

    play(scene())


def test_a_sweep_moves_everything_less_the_fee(coins: CoinStage, play: Play) -> None:
    async def scene() -> None:
        users = [coins.user(number)[0] for number in (1, 2)]
        for address in users:
            await coins.pay(address, coins.coin)
        await coins.mine()
        before = (await coins.chain.balances([coins.hot])).amounts[coins.hot]
        payment = coins.sign(await coins.chain.sweep(users, coins.hot))
        await coins.chain.broadcast(payment)
        await coins.mine()
        balances = await coins.chain.balances([*users, coins.hot])
        assert balances.block == await coins.chain.tip()
        assert [balances.amounts[address] for address in users] == [0, 0]
        assert balances.amounts[coins.hot] - before == 2 * coins.coin - payment.fee
        with pytest.raises(InsufficientFunds):
            await coins.chain.sweep(users, coins.hot)

    play(scene())


def test_money_of_others_is_spent_when_it_is_deep_enough_and_our_change_at_once(
    coins: CoinStage, play: Play
) -> None:
    async def scene() -> None:
        at_hand = (await coins.chain.balances([coins.hot])).amounts[coins.hot]

        async def build(amount: int) -> Signed:
            payout = Payout(coins.outside(), Amount(amount))
            return coins.sign(
                await coins.chain.build(
                    [payout], sources=[coins.hot], change=coins.hot, confirmations=3
                )
            )

        await coins.pay(coins.hot, Amount(5 * coins.coin))
        await coins.mine(2)
        with pytest.raises(InsufficientFunds):
            await build(at_hand + coins.coin)
        await coins.mine()
        await coins.chain.broadcast(await build(at_hand + coins.coin))
        await coins.mine()
        change = await build(3 * coins.coin)
        assert len(change.inputs) == 1

    play(scene())
