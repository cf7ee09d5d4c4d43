"""The same life of money on the chains as they are: a real litecoind, and nodes in memory that
speak the protocols of XRP, NXT and BTSX, each with keys that only its signer has."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from coinport.model.commands import CreditDeposit, RequestWithdrawal, SettleWithdrawal
from coinport.model.listings import CurrencyKind
from coinport.model.units import Amount, TransferId
from coinport.wallets.alarms import Alarm
from coinport.wallets.btsx import LIFETIME_SECONDS
from coinport.wallets.chain import ChainUnavailable
from coinport.wallets.nxt import DEADLINES, ROLLBACK_BLOCKS_MAX
from coinport.wallets.policy import policy
from coinport.wallets.purses import Derived, Purse, Shared
from coinport.wallets.schemes import Scheme
from coinport.wallets.signer import EXPIRED_MS
from coinport.wallets.tables import Stage
from coinport.wallets.xrp import LEDGERS_MAX
from tests.contracts.btsx_stage import BtsxStage
from tests.contracts.graphene import BLOCK_SECONDS
from tests.contracts.litecoin import ABSENT, PROGRAM
from tests.contracts.litecoin_stage import LitecoinStage
from tests.contracts.nxt_stage import NxtStage
from tests.contracts.xrp_stage import XrpStage
from tests.wallets.house import ALICE, LTC, House, running
from tests.wallets.test_withdrawals import stages

REAL = pytest.param(LitecoinStage, marks=pytest.mark.skipif(not PROGRAM, reason=ABSENT))
Life: TypeAlias = Callable[["StagedHouse"], Awaitable[None]]
Play: TypeAlias = Callable[[Any, Life], None]


class StagedHouse(House):
    """With one currency, whose chain is that of a stage of the contract suite."""

    def __init__(self, stage: Any, *parts: Any) -> None:
        super().__init__(*parts)
        self.stage = stage
        self.symbol = stage.chain.currency
        self.decimals = 6 if self.symbol == "XRP" else 8
        self.listed = ((self.symbol, self.decimals, CurrencyKind.CHAIN),)
        self.networks = {}

    def new_purses(self) -> dict[str, Purse]:
        receiving: Derived | Shared = Shared(self.stage.hot, self.stage.hot)
        if self.symbol == "LTC":
            receiving = Derived(self.scheme.address)
        figures: dict[str, str | int] = {"deposit_confirmations": 2, "withdrawal_confirmations": 2}
        chosen = policy(self.symbol, self.decimals, figures | {"watched_confirmations": 3})
        return {self.symbol: Purse(self.stage.chain, chosen, receiving)}

    @property
    def scheme(self) -> Scheme:
        found: Scheme = self.stage._scheme if self.symbol == "LTC" else self.stage.scheme
        return found

    def schemes(self) -> dict[str, Scheme]:
        return {self.symbol: self.scheme}

    async def blocks(self, count: int) -> None:
        for _ in range(count):
            await self.stage.mine()
            await self.poll()

    async def withdraw(self, to: str, memo: str = "") -> TransferId:
        coin = self.stage.coin
        command = RequestWithdrawal(ALICE, LTC, Amount(2 * coin), Amount(coin), to, memo)
        return await self.transfer_of(command)

    def settled(self) -> int:
        return len(self.records(SettleWithdrawal))


@pytest.fixture
def play(tmp_path: Path, template: Path) -> Play:
    def play(new_stage: Any, life: Life) -> None:
        async def whole() -> None:
            stage = new_stage()
            try:
                await stage.open()
                new_house = lambda *parts: StagedHouse(stage, *parts)  # noqa: E731
                async with running(tmp_path, template, new_house) as house:
                    await life(house)  # type: ignore[arg-type]
            finally:
                await stage.close()

        asyncio.run(whole())

    return play


@pytest.mark.parametrize("stage", [REAL, XrpStage, NxtStage, BtsxStage])
def test_money_comes_in_and_goes_out_once(play: Play, stage: Any) -> None:
    async def life(house: StagedHouse) -> None:
        made = await house.wallets.addresses.create(ALICE, house.symbol)
        coin, outside = house.stage.coin, house.stage.outside()
        await house.stage.pay(made.address, Amount(5 * coin), made.memo)
        await house.blocks(4)
        assert house.available(ALICE) == 5 * coin
        assert len(house.records(CreditDeposit)) == 1
        memo = "" if house.symbol == "LTC" else "77"
        for _ in range(2):
            await house.withdraw(outside, memo)
        await house.poll()
        await house.blocks(5)
        assert house.settled() == 2
        assert await house.stage.received(outside) == 2 * coin
        assert house.available(ALICE) == coin
        assert house.custody() == 3 * coin
        assert not any(level for _, _, level in house.wallets.alarms.levels())

    play(stage, life)


@pytest.mark.parametrize("stage", [REAL, XrpStage, NxtStage, BtsxStage])
def test_over_a_bad_network_nothing_is_lost_or_doubled(play: Play, stage: Any) -> None:
    async def life(house: StagedHouse) -> None:
        made = await house.wallets.addresses.create(ALICE, house.symbol)
        coin, outside = house.stage.coin, house.stage.outside()
        await house.give(ALICE, 10)
        before = house.available(ALICE)
        network = house.stage.node if house.symbol == "LTC" else house.stage
        network.transport.chance = random.Random(5)
        for number in range(4):
            await house.stage.pay(made.address, Amount((5 + number) * coin), made.memo)
            await house.withdraw(outside)
            await house.stage.mine()
            await stubborn(house)
        for _ in range(6):
            await house.stage.mine()
            await stubborn(house)
        network.transport.chance = None
        await house.blocks(3)
        assert len(house.records(CreditDeposit)) == house.settled() == 4
        assert house.available(ALICE) - before == (5 + 6 + 7 + 8 - 4 * 2) * coin
        assert await house.stage.received(outside) == 4 * coin

    play(stage, life)


async def stubborn(house: StagedHouse) -> None:
    """As the loop of an exchange is: what could not be asked now is asked again."""
    wallets, symbol = house.wallets, house.symbol
    await wallets.approvals.poll()
    for poll in (wallets.deposits[symbol].poll, wallets.withdrawals[symbol].poll):
        for _ in range(20):
            with suppress(ChainUnavailable):
                await poll()


async def too_late_for_xrp(stage: Any) -> None:
    await stage.mine(LEDGERS_MAX + 1)


async def too_late_for_nxt(stage: Any) -> None:
    stage.node.mine(seconds=60 * DEADLINES[0] + 1)
    await stage.mine(ROLLBACK_BLOCKS_MAX)


async def too_late_for_btsx(stage: Any) -> None:
    await stage.mine(LIFETIME_SECONDS // BLOCK_SECONDS + 2)


EXPIRING = [
    (XrpStage, too_late_for_xrp),
    (NxtStage, too_late_for_nxt),
    (BtsxStage, too_late_for_btsx),
]


@pytest.mark.parametrize(("stage", "too_late"), EXPIRING)
def test_what_expired_is_paid_by_another_transaction_once_nobody_can_doubt_it(
    play: Play, stage: Any, too_late: Callable[[Any], Awaitable[None]]
) -> None:
    async def life(house: StagedHouse) -> None:
        await house.give(ALICE, 10)
        outside = house.stage.outside()
        house.clock.now = 0
        first = await house.withdraw(outside)
        await house.poll()
        await house.stage.restart()
        later = await house.withdraw(outside)
        await too_late(house.stage)
        [entry] = house.memory.of(first)
        assert entry.expires is not None
        if margin_ms := EXPIRED_MS.get(house.symbol):
            house.clock.now = 1000 * entry.expires + margin_ms
            await house.blocks(3)
            assert house.settled() == 1
            assert house.wallets.alarms.level(Alarm.SIGNER_REFUSED, house.symbol) == 1
            house.clock.now += 1
        await house.poll()
        await house.blocks(5)
        assert house.settled() == 2
        assert await house.stage.received(outside) == 2 * house.stage.coin
        assert Stage.DEAD in await stages(house)
        if house.symbol == "XRP":
            assert {one.inputs for one in house.memory.of(first)} == {entry.inputs}
        assert house.memory.of(later)
        settled = {of.transfer: of.txid for of in commands(house, SettleWithdrawal)}
        progress = await house.wallets.progress([first, later])
        assert {transfer: at.txid for transfer, at in progress.items()} == settled

    play(stage, life)


def commands(house: House, kind: Any) -> list[Any]:
    return [record.command for record in house.records(kind)]


def test_what_waits_for_its_next_transaction_keeps_its_sequence(play: Play) -> None:
    async def life(house: StagedHouse) -> None:
        coin, node, outside = house.stage.coin, house.stage.node, house.stage.outside()
        await house.give(ALICE, 1000)
        large, small = Amount(500 * coin), Amount(20 * coin)
        first = await house.transfer_of(RequestWithdrawal(ALICE, LTC, large, coin, outside, ""))
        await house.poll()
        await house.stage.restart()
        await too_late_for_xrp(house.stage)
        node.balances[house.stage.hot] = 100 * coin
        second = await house.transfer_of(RequestWithdrawal(ALICE, LTC, small, coin, outside, ""))
        await house.poll()
        assert house.wallets.alarms.level(Alarm.HOT_SHORT, "XRP") == 1
        assert house.memory.of(first)[0].inputs != house.memory.of(second)[0].inputs
        node.balances[house.stage.hot] = 1000 * coin
        await house.poll()
        await house.blocks(3)
        assert house.settled() == 2

    play(XrpStage, life)
