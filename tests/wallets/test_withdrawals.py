"""Withdrawals: each is paid once, less its fee, alone or together with others."""

import asyncio
from typing import Any

from coinport.model.commands import (
    CancelWithdrawal,
    FailWithdrawal,
    RequestWithdrawal,
    SendWithdrawal,
)
from coinport.model.events import Refused as RefusedByLedger
from coinport.model.transfers import TransferStatus
from coinport.model.units import Amount
from coinport.wallets.alarms import Alarm
from coinport.wallets.chain import Unpayable
from coinport.wallets.simnetwork import FEE
from coinport.wallets.tables import Stage
from tests.wallets.house import ALICE, BOB, COIN, LTC, House, SteppedChain
from tests.wallets.paying import NET, Play, level, settled_by, stages


class Picky(SteppedChain):
    """Nothing can be paid to `impossible`."""

    async def build(self, payouts: Any, **more: Any) -> Any:
        if any(payout.address == "impossible" for payout in payouts):
            raise Unpayable("LTC impossible: not an address")
        return await super().build(payouts, **more)


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
