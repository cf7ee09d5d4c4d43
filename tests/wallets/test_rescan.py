"""After the wallets' database was lost, and the node with it, a rescan finds what came since."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

from coinport.model.commands import AnnounceDeposit, CreditDeposit
from coinport.model.units import Amount
from coinport.wallets.chain import ChainUnavailable
from coinport.wallets.simnetwork import Failure
from tests.wallets.house import ALICE, BOB, COIN, House

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]


async def lost(house: House) -> str:
    """Alice's address: 3 coins were credited there, and 5 have come to it since all was lost."""
    empty = house.backup()
    address = await house.address(ALICE)
    house.ltc.pay(address, Amount(3 * COIN))
    await house.mine(3)
    assert house.available(ALICE) == 3 * COIN
    await house.restore(empty)
    house.ltc.watched.clear()
    await house.wallets.addresses.watch("LTC")
    house.ltc.pay(address, Amount(5 * COIN))
    await house.mine(4)
    assert house.available(ALICE) == 3 * COIN
    return address


def test_what_came_meanwhile_is_credited_and_nothing_twice(play: Play) -> None:
    async def scene(house: House) -> None:
        address = await lost(house)
        for _ in range(2):
            await house.wallets.rescan("LTC", [ALICE, BOB])
            await house.poll()
            assert house.available(ALICE) == 8 * COIN
        assert len(house.records(AnnounceDeposit)) == len(house.records(CreditDeposit)) == 2
        house.ltc.pay(address, COIN)
        await house.mine(3)
        assert house.available(ALICE) == 9 * COIN

    play(scene)


def test_a_look_that_gets_no_answer_is_taken_again(play: Play) -> None:
    async def scene(house: House) -> None:
        await lost(house)
        await house.wallets.rescan("LTC", [ALICE])
        house.ltc.fail("incoming", Failure.BEFORE)
        with pytest.raises(ChainUnavailable):
            await house.poll()
        await house.poll()
        assert house.available(ALICE) == 8 * COIN

    play(scene)


def test_on_a_shared_address_the_whole_history_is_looked_at(play: Play) -> None:
    async def scene(house: House) -> None:
        made = await house.wallets.addresses.create(ALICE, "XRP")
        house.networks["XRP"].pay(made.address, COIN, made.memo)
        await house.mine(1)
        await house.wallets.rescan("XRP", [ALICE, BOB])
        await house.mine(3)
        assert len(house.records(CreditDeposit)) == 1
        assert [one.currency for one in await house.wallets.addresses.of(BOB)] == []

    play(scene)
