"""The loop: polls until it is canceled, and takes what the surroundings do for what it is."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import pytest
from structlog.testing import capture_logs

from coinport.journal.sequencer import Overloaded, Stopping
from coinport.model.commands import CreditDeposit
from coinport.model.units import Amount
from coinport.wallets.alarms import Alarm
from coinport.wallets.chain import ChainUnavailable, Unpayable
from coinport.wallets.running import Wallets
from coinport.wallets.signer_socket import SignerUnavailable
from coinport.wallets.signing import Answer, Request
from coinport.wallets.tables import Kind
from tests.wallets.house import ALICE, COIN, House, SteppedChain

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]


@asynccontextmanager
async def looping(house: House) -> AsyncIterator[Wallets]:
    """The wallets of the house, running."""
    quick = Wallets(
        house.database,
        house.log,
        house.tell,
        house._sign,
        house.purses,
        house.clock,
        poll_seconds=0.001,
        keeping_seconds=0.001,
    )
    await quick.start()
    house.wallets = quick
    task = asyncio.create_task(quick.run())
    try:
        yield quick
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0)


def test_money_goes_in_and_out_by_itself(play: Play) -> None:
    async def scene(house: House) -> None:
        async with looping(house):
            house.ltc.pay(await house.address(ALICE), Amount(9 * COIN))
            house.ltc.mine(3)
            await until(lambda: house.available(ALICE) == 9 * COIN)
            transfer = await house.request(ALICE, 2)
            hot = house.purses["LTC"].hot
            await until(lambda: any(one.outputs[0].address == hot for one in waiting(house)))
            house.ltc.mine()
            await until(lambda: any(one.outputs[0].address == "outside" for one in waiting(house)))
            house.ltc.mine(2)
            await until(lambda: house.status(transfer) is None)

    play(scene)


def waiting(house: House) -> list[Any]:
    return list(house.ltc._state.mempool.values())


class Broken(SteppedChain):
    fails: BaseException | None = None

    async def incoming(self, since: Any) -> Any:
        if self.fails:
            raise self.fails
        return await super().incoming(since)


@pytest.mark.parametrize(
    ("error", "alarm"),
    [
        (ChainUnavailable("the node is away"), Alarm.CHAIN_UNAVAILABLE),
        (Unpayable("the cold address is none"), Alarm.CHAIN_UNAVAILABLE),
        (Overloaded(), None),
        (Stopping(), None),
        (OSError("no file left"), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_the_surroundings_do_is_waited_out(
    play: Play, error: Exception, alarm: Alarm | None
) -> None:
    async def scene(house: House) -> None:
        house.new_chain = Broken
        await house.start()
        chain: Any = house.purses["LTC"].chain
        house.ltc.pay(await house.address(ALICE), COIN)
        house.ltc.mine(3)
        chain.fails = error
        with capture_logs() as logs:
            async with looping(house) as wallets:
                await until(lambda: len(logs) > 0)
                if alarm:
                    await until(lambda: wallets.alarms.level(alarm, "LTC") == 1)
                chain.fails = None
                await until(lambda: len(house.records(CreditDeposit)) == 1)
                if alarm:
                    await until(lambda: wallets.alarms.level(alarm, "LTC") == 0)

    play(scene)


def test_a_signer_that_is_away_is_an_alarm_and_holds_up_no_deposit(play: Play) -> None:
    async def scene(house: House) -> None:
        def away(request: Request) -> Answer:
            raise SignerUnavailable("no signer")

        await house.fund(40)
        await house.give(ALICE, 5)
        house.signing = away
        async with looping(house) as wallets:
            transfer = await house.request(ALICE, 2)
            await until(lambda: wallets.alarms.level(Alarm.SIGNER_UNAVAILABLE, "LTC") == 1)
            house.ltc.pay(await house.address(ALICE), COIN)
            house.ltc.mine(3)
            await until(lambda: len(house.records(CreditDeposit)) == 1)
            house.signing = house.signer.answer
            await until(lambda: wallets.alarms.level(Alarm.SIGNER_UNAVAILABLE, "LTC") == 0)
            [outgoing] = await house.sending.live([Kind.WITHDRAWAL])
            assert outgoing.pays == (transfer,)

    play(scene)


def test_our_own_mistake_ends_it(play: Play) -> None:
    async def scene(house: House) -> None:
        house.new_chain = Broken
        await house.start()
        chain: Any = house.purses["LTC"].chain
        chain.fails = AssertionError("a mistake")
        with pytest.raises(ExceptionGroup):
            await house.wallets.run()

    play(scene)
