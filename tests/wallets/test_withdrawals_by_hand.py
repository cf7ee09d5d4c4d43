"""Withdrawals are paid once whatever people do meanwhile: refuse them, or send them by hand."""

import pytest
from sqlalchemy import insert, update

from coinport.model.commands import SendWithdrawal, SettleWithdrawal
from coinport.model.transfers import TransferStatus
from coinport.model.units import TransferId
from coinport.wallets.alarms import Alarm
from coinport.wallets.signer_socket import SignerUnavailable
from coinport.wallets.signing import Answer, Request
from coinport.wallets.tables import Kind, Stage, payouts
from tests.wallets.house import ALICE, COIN, House
from tests.wallets.paying import NET, Play, level, settled_by, stages


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
