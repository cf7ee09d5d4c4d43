"""The wallets are killed after each single thing that they do, and come back: what is on the disk,
in the journal and on the chain then must be enough."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from coinport.model.commands import AnnounceDeposit, CreditDeposit, HoldDeposit, SettleWithdrawal
from coinport.model.units import Amount
from coinport.wallets.keeping import Place
from tests.wallets.house import ALICE, BOB, COIN, House, running

STEPS_MAX = 500


def every_kill(directory: Path, template: Path, life: Callable[[House], Awaitable[None]]) -> None:
    """`life`, killed after its first step; in another house, after its second; and so on."""

    async def until(step: int) -> bool:
        """Whether it came so far."""
        place = directory / str(step)
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


@pytest.mark.timeout(600)
def test_a_deposit_is_credited_once(tmp_path: Path, template: Path) -> None:
    async def life(house: House) -> None:
        address = ""

        async def given() -> None:
            nonlocal address
            address = await house.address(ALICE)

        await house.surviving(given)
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

    every_kill(tmp_path, template, life)


@pytest.mark.timeout(600)
def test_a_withdrawal_is_paid_once(tmp_path: Path, template: Path) -> None:
    async def life(house: House) -> None:
        for _ in range(3):
            house.ltc.pay(house.purses["LTC"].hot, Amount(10 * COIN))
        house.ltc.mine()
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

    every_kill(tmp_path, template, life)


@pytest.mark.timeout(600)
def test_a_sweep_loses_nothing(tmp_path: Path, template: Path) -> None:
    async def life(house: House) -> None:
        address = ""

        async def given() -> None:
            nonlocal address
            address = await house.address(ALICE)

        await house.surviving(given)
        house.ltc.pay(address, Amount(9 * COIN))
        await house.mine(3)
        for _ in range(4):
            await house.surviving(house.keep)
            await house.mine(1)
        holdings = await house.wallets.keeping["LTC"].balances()
        assert holdings.total(Place.USER) == 0
        assert 8 * COIN < holdings.total(Place.HOT) < 9 * COIN
        assert house.available(ALICE) == 9 * COIN

    every_kill(tmp_path, template, life)
