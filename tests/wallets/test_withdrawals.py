"""Withdrawals: each is paid once, whatever the chain, the signer and people do meanwhile."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeAlias

import pytest
from sqlalchemy import insert, select, update

from coinport.model.commands import (
    CancelWithdrawal,
    FailWithdrawal,
    RequestWithdrawal,
    SendWithdrawal,
    SettleWithdrawal,
)
from coinport.model.events import Refused as RefusedByLedger
from coinport.model.transfers import TransferStatus
from coinport.model.units import Amount, TransferId
from coinport.wallets.alarms import Alarm
from coinport.wallets.chain import ChainUnavailable, Signed, Unpayable
from coinport.wallets.signer_socket import SignerUnavailable
from coinport.wallets.signing import Answer, Refused, Request
from coinport.wallets.simnetwork import FEE, Failure
from coinport.wallets.tables import Kind, Stage, payouts, transactions
from coinport.wallets.withdrawals import LATE_MS
from tests.wallets.house import ALICE, BOB, COIN, LTC, House, SteppedChain

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]

NET = 9 * COIN // 10
"""What arrives of one coin."""


@pytest.fixture
def rich(play: Play) -> Play:
    """With 40 coins in the hot address, and 50 for Alice in the books."""

    def started(scene: Callable[[House], Coroutine[Any, Any, None]]) -> None:
        async def whole(house: House) -> None:
            await house.fund(40)
            await house.give(ALICE, 50)
            await scene(house)

        play(whole)

    return started


def level(house: House, alarm: Alarm) -> int:
    return house.wallets.alarms.level(alarm, "LTC")


def settled_by(house: House) -> dict[int, str]:
    """The transaction that has paid each withdrawal, by the books."""
    return {
        record.command.transfer: record.command.txid  # type: ignore[union-attr]
        for record in house.records(SettleWithdrawal)
    }


async def stages(house: House) -> list[Stage]:
    query = select(transactions.c.stage).order_by(transactions.c.id)
    return [Stage(found) for found in await house.database.read(lambda on: on.scalars(query).all())]


def test_a_withdrawal_arrives_less_its_fee_and_leaves_the_books(rich: Play) -> None:
    async def scene(house: House) -> None:
        transfer = await house.request(ALICE, 2)
        assert house.available(ALICE) == 48 * COIN
        await house.poll()
        assert house.status(transfer) is TransferStatus.CONFIRMING
        await house.mine(1)
        assert house.status(transfer) is TransferStatus.CONFIRMING
        await house.mine(1)
        assert house.status(transfer) is None
        assert house.paid() == [2 * COIN - COIN // 10]
        [sent] = house.records(SendWithdrawal)
        assert settled_by(house) == {transfer: sent.command.txid}  # type: ignore[union-attr]
        progress = await house.wallets.progress([transfer])
        assert progress[transfer].confirmations == 2
        await house.mine(8)
        assert await stages(house) == [Stage.DONE]
        assert house.paid() == [2 * COIN - COIN // 10]

    rich(scene)


def test_what_waits_together_is_paid_together(rich: Play) -> None:
    async def scene(house: House) -> None:
        for number in range(5):
            await house.request(ALICE, 1, f"outside{number}")
        await house.poll()
        await house.mine(2)
        assert await stages(house) == [Stage.SETTLED]
        assert [house.paid(f"outside{number}") for number in range(5)] == [[NET]] * 5

    rich(scene)


def test_sixteen_requests_at_once_for_half_of_all_are_two_payments(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.fund(200)
        await house.give(ALICE, 100)
        command = RequestWithdrawal(ALICE, LTC, Amount(50 * COIN), Amount(COIN), "outside", "")
        records = await asyncio.gather(*(house.tell(command) for _ in range(16)))
        refused = [type(record.events[0]) is RefusedByLedger for record in records]
        assert refused.count(False) == 2
        await house.poll()
        await house.mine(8)
        assert house.paid() == [49 * COIN] * 2
        assert house.available(ALICE) == 0
        assert house.custody() == 2 * COIN

    play(scene)


def test_the_fee_of_the_network_is_ours(rich: Play) -> None:
    async def scene(house: House) -> None:
        before = sum(house.paid(house.purses["LTC"].hot))
        await house.request(ALICE, 2)
        await house.poll()
        await house.mine(2)
        hot = sum(house.paid(house.purses["LTC"].hot))
        assert before - hot == house.paid()[0] + FEE

    rich(scene)


def test_a_copy_with_another_id_settles_it_once(rich: Play) -> None:
    async def scene(house: House) -> None:
        transfer = await house.request(ALICE, 2)
        await house.poll()
        [sent] = house.records(SendWithdrawal)
        other = house.ltc.mutate(sent.command.txid)  # type: ignore[union-attr]
        await house.mine(8)
        assert settled_by(house) == {transfer: other}
        assert len(house.paid()) == 1
        assert (await house.wallets.progress([transfer]))[transfer].txid == other

    rich(scene)


def test_one_whose_coins_are_spent_otherwise_waits_for_a_person(rich: Play) -> None:
    async def scene(house: House) -> None:
        transfer = await house.request(ALICE, 2)
        await house.poll()
        [sent] = house.records(SendWithdrawal)
        house.ltc.double_spend(sent.command.txid)  # type: ignore[union-attr]
        await house.mine(20)
        assert level(house, Alarm.WITHDRAWALS_CONFLICTED) == 1
        assert house.status(transfer) is TransferStatus.CONFIRMING
        assert house.paid() == []
        await house.fail(transfer)
        await house.mine(2)
        assert level(house, Alarm.WITHDRAWALS_CONFLICTED) == 0
        assert await stages(house) == [Stage.DEAD]
        assert house.available(ALICE) == 50 * COIN
        await house.request(ALICE, 2)
        await house.poll()
        await house.mine(2)
        assert len(house.paid()) == 1

    rich(scene)


def test_a_conflict_that_a_reorg_takes_back_is_paid(rich: Play) -> None:
    async def scene(house: House) -> None:
        transfer = await house.request(ALICE, 2)
        await house.poll()
        [sent] = house.records(SendWithdrawal)
        house.ltc.double_spend(sent.command.txid)  # type: ignore[union-attr]
        house.ltc.mine()
        await house.poll()
        [double] = house.ltc.chain[-1].transactions
        house.ltc.reorg(1, mine=False)
        house.ltc.forget_mempool()
        await house.poll()
        await house.mine(2)
        assert settled_by(house) == {transfer: sent.command.txid}  # type: ignore[union-attr]
        assert double.txid not in settled_by(house).values()
        assert len(house.paid()) == 1

    rich(scene)


def test_a_batch_of_which_one_was_failed_is_not_broadcast_any_more(rich: Play) -> None:
    async def scene(house: House) -> None:
        first, second = await house.request(ALICE, 1, "one"), await house.request(ALICE, 1, "two")
        await house.poll()
        house.ltc.forget_mempool()
        await house.fail(first)
        await house.mine(2)
        assert (house.paid("one"), house.paid("two")) == ([], [])
        assert level(house, Alarm.WITHDRAWALS_CONFLICTED) == 1
        await house.fail(second)
        await house.mine(2)
        assert await stages(house) == [Stage.ABANDONED]
        assert level(house, Alarm.WITHDRAWALS_CONFLICTED) == 0
        assert house.available(ALICE) == 50 * COIN

    rich(scene)


async def abandoned(house: House) -> Signed:
    """What somebody has failed after it was broadcast."""
    transfer = await house.request(ALICE, 30)
    await house.poll()
    [outgoing] = await house.sending.live([Kind.WITHDRAWAL])
    house.ltc.forget_mempool()
    await house.fail(transfer)
    await house.poll()
    assert await stages(house) == [Stage.ABANDONED]
    assert outgoing.signed
    return outgoing.signed


def test_an_abandoned_payment_keeps_no_coin_and_is_dead_once_its_coins_are_spent(
    rich: Play,
) -> None:
    async def scene(house: House) -> None:
        await abandoned(house)
        await house.request(ALICE, 35)
        await house.poll()
        await house.mine(2)
        assert await stages(house) == [Stage.DEAD, Stage.SETTLED]
        assert len(house.paid()) == 1

    rich(scene)


def test_an_abandoned_payment_that_is_paid_nevertheless_is_an_alarm(rich: Play) -> None:
    async def scene(house: House) -> None:
        signed = await abandoned(house)
        await house.purses["LTC"].chain.broadcast(signed)
        await house.mine(2)
        assert level(house, Alarm.WITHDRAWALS_PAID_TWICE) == 1
        assert house.available(ALICE) == 50 * COIN
        await house.mine(6)
        assert level(house, Alarm.WITHDRAWALS_PAID_TWICE) == 0

    rich(scene)


def test_one_that_no_block_takes_for_hours_is_an_alarm(rich: Play) -> None:
    async def scene(house: House) -> None:
        await house.request(ALICE, 1)
        await house.poll()
        house.clock.now += LATE_MS
        await house.poll()
        assert level(house, Alarm.WITHDRAWALS_LATE) == 0
        house.clock.now += 1
        await house.poll()
        assert level(house, Alarm.WITHDRAWALS_LATE) == 1
        await house.mine(1)
        assert level(house, Alarm.WITHDRAWALS_LATE) == 0

    rich(scene)


class Picky(SteppedChain):
    """Nothing can be paid to `impossible`."""

    async def build(self, payouts: Any, **more: Any) -> Any:
        if any(payout.address == "impossible" for payout in payouts):
            raise Unpayable("LTC impossible: not an address")
        return await super().build(payouts, **more)


def test_what_can_never_be_paid_is_given_back_and_holds_up_nobody(rich: Play) -> None:
    async def scene(house: House) -> None:
        house.new_chain = Picky
        await house.start()
        impossible = await house.request(ALICE, 2, "impossible")
        await house.request(ALICE, 1)
        await house.poll()
        await house.mine(2)
        [record] = house.records(FailWithdrawal)
        assert record.command.transfer == impossible  # type: ignore[union-attr]
        assert house.paid() == [NET]
        assert house.available(ALICE) == 49 * COIN

    rich(scene)


def test_what_there_is_too_little_for_waits_and_holds_up_nobody(rich: Play) -> None:
    async def scene(house: House) -> None:
        await house.give(BOB, 60)
        large = await house.request(BOB, 60)
        await house.request(ALICE, 1)
        await house.poll()
        await house.mine(2)
        assert house.paid() == [NET]
        assert house.status(large) is TransferStatus.PROCESSING
        assert level(house, Alarm.HOT_SHORT) == 1
        await house.fund(40)
        await house.mine(2)
        assert len(house.paid()) == 2
        assert level(house, Alarm.HOT_SHORT) == 0

    rich(scene)


@pytest.mark.parametrize("method", ["build", "broadcast", "status"])
@pytest.mark.parametrize("failure", Failure)
def test_a_lost_answer_of_the_node_pays_nothing_twice(
    rich: Play, method: str, failure: Failure
) -> None:
    async def scene(house: House) -> None:
        await house.request(ALICE, 2)
        for _ in range(4):
            house.ltc.fail(method, failure)
            with suppress(ChainUnavailable):
                await house.poll()
            house.ltc.mine()
        await house.mine(3)
        assert len(house.paid()) == len(settled_by(house)) == 1
        assert len(house.records(SendWithdrawal)) == 1

    rich(scene)


def test_what_the_network_forgot_is_broadcast_again(rich: Play) -> None:
    async def scene(house: House) -> None:
        await house.request(ALICE, 2)
        await house.poll()
        house.ltc.forget_mempool()
        await house.mine(1)
        house.ltc.forget_mempool()
        await house.mine(3)
        assert len(house.paid()) == len(settled_by(house)) == 1

    rich(scene)


@pytest.mark.parametrize("depth", [1, 3])
def test_one_that_leaves_the_chain_is_broadcast_again(rich: Play, depth: int) -> None:
    async def scene(house: House) -> None:
        await house.request(ALICE, 2)
        await house.poll()
        await house.mine(depth)
        house.ltc.reorg(depth, mine=False)
        house.ltc.forget_mempool()
        await house.poll()
        await house.mine(4)
        assert len(house.paid()) == len(settled_by(house)) == 1

    rich(scene)


def test_a_signer_that_is_away_is_asked_the_same_again(rich: Play) -> None:
    async def scene(house: House) -> None:
        asked: list[Request] = []

        def away(request: Request) -> Answer:
            asked.append(request)
            raise SignerUnavailable("no signer")

        def lost(request: Request) -> Answer:
            house.signer.answer(request)
            return away(request)

        transfer = await house.request(ALICE, 2)
        for house.signing in (away, lost):
            with pytest.raises(SignerUnavailable):
                await house.poll()
            house.ltc.pay(house.purses["LTC"].hot, Amount(100 * COIN))
            house.ltc.mine()
        house.signing = house.signer.answer
        await house.poll()
        await house.mine(2)
        assert asked[0] == asked[1]
        assert list(settled_by(house)) == [transfer]

    rich(scene)


def test_what_the_signer_refuses_holds_up_nobody(rich: Play) -> None:
    async def scene(house: House) -> None:
        refused = await house.request(ALICE, 2, "bad")

        def picky(request: Any) -> Answer:
            if any(payout.address == "bad" for payout in request.unsigned.payouts):
                return Refused("above the limit")
            return house.signer.answer(request)

        house.signing = picky
        await house.request(ALICE, 1)
        await house.poll()
        await house.mine(2)
        assert house.paid() == [NET]
        assert house.status(refused) is TransferStatus.PROCESSING
        assert level(house, Alarm.SIGNER_REFUSED) == 1
        house.signing = house.signer.answer
        await house.poll()
        await house.mine(2)
        assert len(house.paid("bad")) == 1
        assert level(house, Alarm.SIGNER_REFUSED) == 0

    rich(scene)


def test_what_the_signer_refuses_keeps_no_coin(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.fund(40, parts=1)
        await house.give(ALICE, 50)
        house.signing = lambda request: Refused("not today")
        await house.request(ALICE, 1)
        await house.poll()
        assert await stages(house) == []
        house.signing = house.signer.answer
        await house.poll()
        await house.mine(2)
        assert house.paid() == [NET]

    play(scene)


def test_a_row_that_somebody_wrote_by_hand_is_not_signed(rich: Play) -> None:
    async def scene(house: House) -> None:
        row = {"transfer": 7, "account": ALICE, "currency": "LTC", "address": "mallory"}
        row |= {"memo": "", "amount": COIN, "fee": 0, "status": TransferStatus.PROCESSING}
        row |= {"requested_ms": 1, "approved_ms": 1, "approved_by": "limits"}
        row |= {"sent": "", "by_hand": False}
        await house.database.write(lambda on: on.execute(insert(payouts).values(row)))
        await house.poll()
        await house.mine(2)
        assert house.paid("mallory") == []
        assert house.memory.of(7) == []
        assert level(house, Alarm.SIGNER_REFUSED) == 1
        own = await house.request(ALICE, 1)
        await house.wallets.approvals.poll()
        changed = update(payouts).where(payouts.c.transfer == own).values(address="mallory")
        await house.database.write(lambda on: on.execute(changed))
        await house.poll(2)
        assert house.paid("mallory") == []
        assert house.memory.of(own) == []

    rich(scene)


def test_what_is_canceled_or_refused_is_not_paid(rich: Play) -> None:
    async def scene(house: House) -> None:
        canceled, failed = await house.request(ALICE, 2), await house.request(ALICE, 3)
        await house.tell(CancelWithdrawal(ALICE, canceled))
        await house.fail(failed)
        await house.poll()
        await house.mine(3)
        assert await stages(house) == []
        assert house.available(ALICE) == 50 * COIN

    rich(scene)


def test_what_is_refused_while_it_is_signed_is_never_broadcast(rich: Play) -> None:
    async def scene(house: House) -> None:
        first, second = await house.request(ALICE, 1, "one"), await house.request(ALICE, 1, "two")
        failing: list[TransferId] = [first]

        async def sign(request: Request) -> Answer:
            answer = house.signer.answer(request)
            for transfer in failing:
                await house.fail(transfer)
            failing.clear()
            return answer

        house.signing = sign
        await house.poll()
        await house.mine(3)
        assert (house.paid("one"), house.paid("two")) == ([], [NET])
        assert list(settled_by(house)) == [second]
        assert house.available(ALICE) == 49 * COIN
        assert await stages(house) == [Stage.DEAD, Stage.SETTLED]

    rich(scene)


def test_what_was_withheld_together_is_paid_together(rich: Play) -> None:
    """The signer wants one transaction that shares a coin with the first."""

    async def scene(house: House) -> None:
        await house.give(ALICE, 1000)
        first, large = await house.request(ALICE, 1), await house.request(ALICE, 200)
        second, failed = await house.request(ALICE, 1), await house.request(ALICE, 1)

        async def sign(request: Request) -> Answer:
            house.signing = house.signer.answer
            answer = house.signer.answer(request)
            await house.fail(failed)
            await house.approve(large)
            return answer

        house.signing = sign
        await house.poll()
        await house.fund(300)
        paid = [one.pays for one in await house.sending.live([Kind.WITHDRAWAL])]
        assert paid == [(first, second), (large,)]
        await house.mine(2)
        assert await stages(house) == [Stage.DEAD, Stage.SETTLED, Stage.SETTLED]

    rich(scene)


def test_what_somebody_sends_by_hand_is_left_to_him(rich: Play) -> None:
    async def scene(house: House) -> None:
        transfer = await house.request(ALICE, 2)
        await house.wallets.approvals.poll()
        await house.tell(SendWithdrawal(transfer, "by hand", "ann"))
        await house.poll()
        await house.mine(2)
        assert house.paid() == []
        await house.tell(SettleWithdrawal(transfer, "by hand", "ann", "seen"))
        await house.poll()
        assert await stages(house) == []

    rich(scene)


def test_what_somebody_sends_by_hand_before_it_is_signed_is_not_signed(rich: Play) -> None:
    async def scene(house: House) -> None:
        def away(request: Request) -> Answer:
            raise SignerUnavailable("no signer")

        transfer = await house.request(ALICE, 2)
        house.signing = away
        with pytest.raises(SignerUnavailable):
            await house.poll()
        await house.tell(SendWithdrawal(transfer, "by hand", "ann"))
        house.signing = house.signer.answer
        await house.mine(2)
        assert house.memory.of(transfer) == []
        assert await stages(house) == [Stage.DEAD]

    rich(scene)


def test_what_somebody_sends_by_hand_while_it_is_signed_is_not_sent(rich: Play) -> None:
    async def scene(house: House) -> None:
        transfer = await house.request(ALICE, 2)

        async def sign(request: Request) -> Answer:
            answer = house.signer.answer(request)
            await house.tell(SendWithdrawal(transfer, "by hand", "ann"))
            await house.wallets.transfers.catch_up()
            return answer

        house.signing = sign
        await house.poll()
        await house.mine(2)
        assert house.paid() == []
        assert len(house.records(SendWithdrawal)) == 1
        assert await stages(house) == [Stage.DEAD]
        assert await house.wallets.progress([transfer]) == {}

    rich(scene)


def test_an_older_copy_of_the_database_pays_nothing_twice(rich: Play) -> None:
    async def scene(house: House) -> None:
        await house.poll()
        backup = house.backup()
        await house.request(ALICE, 2)
        await house.poll()
        await house.restore(backup)
        await house.poll()
        assert level(house, Alarm.WITHDRAWALS_UNKNOWN) == 1
        await house.mine(5)
        assert len(house.paid()) == 1

    rich(scene)


def test_an_older_copy_of_the_database_signs_nothing_beside_what_was_signed(rich: Play) -> None:
    async def scene(house: House) -> None:
        await house.poll()
        backup = house.backup()
        transfer = await house.request(ALICE, 2)
        await house.wallets.approvals.poll()
        with suppress(SignerUnavailable):
            house.signing = _signed_and_lost(house)
            await house.poll()
        house.signing = house.signer.answer
        await house.restore(backup)
        hot = house.purses["LTC"].hot
        spent = house.memory.of(transfer)[0].inputs
        assert all(house.ltc.unspent.pop(coin).address == hot for coin in spent)
        await house.poll()
        await house.mine(3)
        assert house.paid() == []
        assert level(house, Alarm.SIGNER_REFUSED) == 1

    rich(scene)


def _signed_and_lost(house: House) -> Callable[[Request], Answer]:
    def lost(request: Request) -> Answer:
        house.signer.answer(request)
        raise SignerUnavailable("the answer is lost")

    return lost
