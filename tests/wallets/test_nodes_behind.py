"""A node that knows less than before, as one that was restored from an older copy: it may offer
coins that are spent, and nothing is made of them."""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeAlias

from coinport.model.commands import SettleWithdrawal
from coinport.model.units import Amount
from coinport.wallets.alarms import Alarm
from coinport.wallets.chain import ChainUnavailable
from coinport.wallets.tables import Stage
from tests.wallets.house import ALICE, COIN, House
from tests.wallets.test_withdrawals import stages

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]


async def stubborn(poll: Coroutine[Any, Any, None]) -> None:
    with suppress(ChainUnavailable):
        await poll


def test_a_withdrawal_waits_until_the_node_is_where_it_was(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.fund(40)
        await house.give(ALICE, 50)
        older = house.ltc.save()
        for _ in range(4):
            await house.request(ALICE, 9)
        await house.poll()
        await house.mine(10)
        newer = house.ltc.save()
        house.ltc.load(older)
        await house.request(ALICE, 1, "late")
        await stubborn(house.poll())
        house.ltc.load(newer)
        await house.mine(3)
        assert house.paid("late") == [9 * COIN // 10]
        assert len(house.records(SettleWithdrawal)) == 5
        assert house.wallets.alarms.level(Alarm.WITHDRAWALS_CONFLICTED, "LTC") == 0

    play(scene)


def test_nothing_is_swept_meanwhile(play: Play) -> None:
    async def scene(house: House) -> None:
        house.ltc.pay(await house.address(ALICE), Amount(7 * COIN))
        await house.mine(3)
        older = house.ltc.save()
        await house.mine(1)
        house.ltc.load(older)
        await stubborn(house.keep())
        assert await stages(house) == []
        await house.mine(2)
        await house.keep()
        assert await stages(house) == [Stage.SENT]

    play(scene)
