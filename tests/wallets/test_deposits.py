"""Deposits: whose they are, when they are credited, and what is none."""

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import pytest
from msgspec.structs import replace
from sqlalchemy import select
from structlog.testing import capture_logs

from coinport.model.commands import (
    AnnounceDeposit,
    Credit,
    CreditDeposit,
    DropDeposit,
)
from coinport.model.units import SUSPENSE_ACCOUNT, Amount
from coinport.wallets.alarms import Alarm
from coinport.wallets.chain import GONE, ChainUnavailable, Payment
from coinport.wallets.simnetwork import Failure
from coinport.wallets.tables import payments
from tests.wallets.house import ALICE, COIN, LTC, XRP, House, SteppedChain

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]


async def announced(house: House) -> list[AnnounceDeposit]:
    return [record.command for record in house.records(AnnounceDeposit)]  # type: ignore[misc]


def test_a_deposit_is_announced_when_seen_and_credited_once_when_final(play: Play) -> None:
    async def scene(house: House) -> None:
        txid = house.ltc.pay(await house.address(ALICE), Amount(2 * COIN))
        await house.poll(2)
        [command] = await announced(house)
        assert (command.account, command.currency, command.amount) == (ALICE, LTC, 2 * COIN)
        assert command.key == f"LTC:{txid}:0"
        assert command.address == await house.address(ALICE)
        await house.mine(2)
        assert house.available(ALICE) == 0
        await house.mine(1)
        assert house.available(ALICE) == house.custody() == 2 * COIN
        await house.mine(10)
        assert len(house.records(AnnounceDeposit)) == len(house.records(CreditDeposit)) == 1
        assert house.available(ALICE) == 2 * COIN

    play(scene)


def test_what_came_while_nobody_looked_is_found(play: Play) -> None:
    async def scene(house: House) -> None:
        address = await house.address(ALICE)
        for _ in range(3):
            house.ltc.pay(address, COIN)
            house.ltc.mine()
        house.ltc.mine(20)
        await house.poll()
        assert house.available(ALICE) == 3 * COIN

    play(scene)


@pytest.mark.parametrize(
    "memo", ["", "0", "1", "1000000099", "+1000000001", "01000000001", "9" * 90]
)
def test_where_users_share_an_address_the_memo_says_whose_it_is(play: Play, memo: str) -> None:
    async def scene(house: House) -> None:
        made = await house.wallets.addresses.create(ALICE, "XRP")
        assert made.memo == str(ALICE)
        network = house.networks["XRP"]
        network.pay(made.address, Amount(5 * COIN), made.memo)
        network.pay(made.address, COIN, memo)
        await house.mine(1)
        assert house.available(ALICE, XRP) == 5 * COIN
        assert house.available(SUSPENSE_ACCOUNT, XRP) == COIN
        assert house.wallets.alarms.level(Alarm.DEPOSITS_REFUSED, "XRP") == 0

    play(scene)


def test_our_own_money_is_no_deposit(play: Play) -> None:
    async def scene(house: House) -> None:
        ltc, xrp = house.purses["LTC"], house.purses["XRP"]
        shared = (await house.wallets.addresses.create(ALICE, "XRP")).address
        house.ltc.pay(ltc.hot, COIN)
        house.ltc.pay(ltc.cold, COIN)
        house.networks["XRP"].pay(xrp.hot, COIN)
        house.networks["XRP"].pay(shared, COIN, "2")
        await house.mine(4)
        assert await announced(house) == []

    play(scene)


def test_a_payment_to_an_address_that_nobody_was_given_is_nobodys(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.purses["LTC"].chain.watch(["simLTC-0-7"])
        house.ltc.pay("simLTC-0-7", COIN)
        await house.mine(3)
        assert house.available(SUSPENSE_ACCOUNT) == COIN

    play(scene)


def test_dust_is_noted_down_and_not_credited(play: Play) -> None:
    async def scene(house: House) -> None:
        house.figures["LTC"]["deposit_min"] = "0.5"
        await house.start()
        address = await house.address(ALICE)
        house.ltc.pay(address, Amount(COIN // 2 - 1))
        house.ltc.pay(address, Amount(COIN // 2))
        await house.mine(8)
        assert house.available(ALICE) == COIN // 2
        rows = await house.database.read(lambda on: on.execute(select(payments)).all())
        assert sorted(row.amount for row in rows) == [COIN // 2 - 1, COIN // 2]

    play(scene)


@pytest.mark.parametrize("method", ["incoming", "recheck", "block"])
@pytest.mark.parametrize("failure", Failure)
def test_a_lost_answer_loses_no_deposit_and_doubles_none(
    play: Play, method: str, failure: Failure
) -> None:
    async def scene(house: House) -> None:
        house.ltc.pay(await house.address(ALICE), COIN)
        for _ in range(3):
            house.ltc.mine()
            house.ltc.fail(method, failure)
            for _ in range(4):
                with suppress(ChainUnavailable):
                    await house.poll()
        assert house.available(ALICE) == COIN
        assert len(house.records(CreditDeposit)) == 1

    play(scene)


def test_what_somebody_has_dropped_is_not_announced_again(play: Play) -> None:
    async def scene(house: House) -> None:
        house.ltc.pay(await house.address(ALICE), COIN)
        await house.mine(1)
        [transfer] = house.engine.state.deposits
        await house.transfer_of(DropDeposit(transfer, "ann", "stolen money"))
        await house.mine(8)
        assert len(await announced(house)) == 1
        assert house.available(ALICE) == 0

    play(scene)


def test_a_key_that_was_credited_by_hand_is_not_credited_again(play: Play) -> None:
    async def scene(house: House) -> None:
        txid = house.ltc.pay(await house.address(ALICE), COIN)
        await house.tell(Credit(ALICE, LTC, COIN, f"LTC:{txid}:0", "ann", "the node was down"))
        with capture_logs() as logs:
            await house.mine(4)
        assert house.available(ALICE) == COIN
        assert house.wallets.alarms.level(Alarm.DEPOSITS_REFUSED, "LTC") == 1
        assert "DUPLICATE" in {line.get("reason") for line in logs}

    play(scene)


def test_an_older_copy_of_the_database_doubles_nothing(play: Play) -> None:
    async def scene(house: House) -> None:
        address = await house.address(ALICE)
        await house.poll()
        backup = house.backup()
        house.ltc.pay(address, COIN)
        await house.mine(3)
        await house.restore(backup)
        await house.mine(3)
        assert house.available(ALICE) == COIN
        assert len(house.records(AnnounceDeposit)) == len(house.records(CreditDeposit)) == 1
        assert house.wallets.alarms.level(Alarm.DEPOSITS_REFUSED, "LTC") == 0

    play(scene)


class Doubting(SteppedChain):
    """Its node does not know any payment when it is asked about it."""

    async def recheck(self, payments: Sequence[Payment]) -> list[Payment]:
        return [replace(one, confirmations=GONE, block=None) for one in payments]


def test_a_node_whose_wallet_is_not_complete_decides_nothing(play: Play) -> None:
    async def scene(house: House) -> None:
        house.new_chain = Doubting
        await house.start()
        house.ltc.pay(await house.address(ALICE), COIN)
        house.ltc.mine(3)
        with pytest.raises(ChainUnavailable, match="rescan"):
            await house.poll()
        house.new_chain = SteppedChain
        await house.start()
        await house.poll()
        assert house.available(ALICE) == COIN
        assert house.records(DropDeposit) == []

    play(scene)
