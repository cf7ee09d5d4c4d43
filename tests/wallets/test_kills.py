"""The wallets are killed after each single thing that they do, and come back: what is on the disk,
in the journal and on the chain then must be enough."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from coinport.model.commands import AnnounceDeposit, CreditDeposit, HoldDeposit, SettleWithdrawal
from coinport.model.units import Amount
from coinport.wallets.keeping import Place
from tests.wallets.house import ALICE, BOB, COIN, House, running

STEPS_MAX = 500

Life: TypeAlias = Callable[[House], Awaitable[None]]


async def deposits(house: House) -> None:
    address = await given(house)
    house.ltc.pay(address, COIN)
    house.ltc.pay(address, Amount(2 * COIN))
    await house.mine(4)
    assert house.available(ALICE) == 3 * COIN
    lost = house.ltc.pay(address, Amount(5 * COIN))
    await house.mine(3)
    house.ltc.reorg(3, lose=[lost])
    await house.mine(1)
    assert house.available(ALICE) == 3 * COIN
    assert len(house.records(AnnounceDeposit)) == len(house.records(CreditDeposit)) == 3
    assert len(house.records(HoldDeposit)) == 1


async def withdrawals(house: House) -> None:
    for _ in range(3):
        house.ltc.pay(house.purses["LTC"].hot, Amount(10 * COIN))
    house.ltc.mine(3)
    for account in (ALICE, BOB):
        await house.give(account, 5)
        await house.request(account, 1, f"to {account}")
    await house.surviving(house.poll)
    await house.request(ALICE, 2, "later")
    house.ltc.forget_mempool()
    await house.mine(3)
    for address, coins in ((f"to {ALICE}", 1), (f"to {BOB}", 1), ("later", 2)):
        assert house.paid(address) == [coins * COIN - COIN // 10]
    assert len(house.records(SettleWithdrawal)) == 3
    assert house.custody() == 6 * COIN + 3 * COIN // 10


async def sweeps(house: House) -> None:
    house.ltc.pay(await given(house), Amount(9 * COIN))
    await house.mine(3)
    for _ in range(4):
        await house.surviving(house.keep)
        await house.mine(1)
    holdings = await house.wallets.keeping["LTC"].balances()
    assert holdings.total(Place.USER) == 0
    assert 8 * COIN < holdings.total(Place.HOT) < 9 * COIN
    assert house.available(ALICE) == 9 * COIN


async def given(house: House) -> str:
    """Alice's address."""
    addresses: list[str] = []

    async def give() -> None:
        addresses.append(await house.address(ALICE))

    await house.surviving(give)
    return addresses[-1]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("life", [deposits, withdrawals, sweeps])
def test_killed_after_any_one_step(tmp_path: Path, template: Path, life: Life) -> None:
    """In one house after the first step, in another after the second, and so on."""

    async def until(step: int) -> bool:
        """Whether it came so far."""
        place = tmp_path / str(step)
        place.mkdir()
        async with running(place, template) as house:
            house.steps.taken, house.steps.last = 0, step
            await life(house)
            return house.steps.taken >= step

    async def whole() -> None:
        step = 1
        while await until(step):
            step += 1
            assert step < STEPS_MAX
        assert step > 10

    asyncio.run(whole())


@pytest.mark.parametrize("life", [deposits, withdrawals, sweeps])
def test_killed_again_and_again(tmp_path: Path, template: Path, life: Life) -> None:
    """No life gets more than two things done."""

    async def whole() -> None:
        async with running(tmp_path, template) as house:
            house.steps.last, house.steps.again = house.steps.taken + 2, True
            await life(house)

    asyncio.run(whole())
