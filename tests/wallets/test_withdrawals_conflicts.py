"""Withdrawals whose coins something else spends, and those that no block takes: never paid anew by
themselves."""

from structlog.testing import capture_logs

from coinport.model.commands import SendWithdrawal
from coinport.model.transfers import TransferStatus
from coinport.wallets.alarms import Alarm
from coinport.wallets.chain import Signed
from coinport.wallets.tables import Kind, Stage
from coinport.wallets.withdrawals import LATE_MS
from tests.wallets.house import ALICE, COIN, House
from tests.wallets.paying import Play, level, settled_by, stages


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
        with capture_logs() as logged:
            await house.poll()
        assert level(house, Alarm.WITHDRAWALS_LATE) == 1
        (sent,) = await house.sending.live([Kind.WITHDRAWAL])
        (said,) = [line for line in logged if line["event"] == "withdrawals late"]
        assert (said["cases"], said["txids"]) == (1, [sent.txid])
        await house.mine(1)
        assert level(house, Alarm.WITHDRAWALS_LATE) == 0

    rich(scene)
