"""Withdrawals over a bad network, to a node that is killed: each is paid once."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from coinport.model.units import Amount
from coinport.wallets.chain import ChainUnavailable, Payout, Signed, State
from tests.contracts.btsx_stage import BtsxStage
from tests.contracts.conftest import REAL, Play
from tests.contracts.nxt_stage import NxtStage
from tests.contracts.xrp_stage import XrpStage

WITHDRAWALS = 20
ROUNDS_MAX = 1_000

T = TypeVar("T")


async def stubborn(attempt: Callable[[], Awaitable[T]]) -> T:
    """As any caller of the port may: asks until there is an answer."""
    for _ in range(ROUNDS_MAX):
        try:
            return await attempt()
        except ChainUnavailable:
            continue
    raise AssertionError("never an answer")


@pytest.mark.parametrize("kind", [REAL, XrpStage, NxtStage, BtsxStage])
@pytest.mark.parametrize("seed", [3, 4])
def test_twenty_withdrawals_are_twenty_payments(
    runner: asyncio.Runner, play: Play, kind: Callable[[], Any], seed: int
) -> None:
    stage = kind()

    async def settled(payment: Signed) -> bool:
        """Broadcast again whatever is nowhere; whether it has been paid."""
        status = await stubborn(lambda: stage.chain.status(payment))
        if status.state is State.UNSEEN:
            await stubborn(lambda: stage.chain.broadcast(payment))
        assert status.state in (State.UNSEEN, State.WAITING, State.CONFIRMED)
        return status.state is State.CONFIRMED

    async def scene() -> None:
        for _ in range(WITHDRAWALS):
            await stage.pay(stage.hot, Amount(2 * stage.coin))
        await stage.mine()
        outside = [stage.outside() for _ in range(WITHDRAWALS)]
        stage.transport.chance = random.Random(seed)
        payments: list[Signed] = []
        for number, address in enumerate(outside):
            payout = Payout(address, Amount(stage.coin + 1000 * number))
            spent = {coin for payment in payments for coin in payment.inputs}
            unsigned = await stubborn(
                lambda payout=payout, spent=spent: stage.chain.build(  # type: ignore[misc]
                    [payout], sources=[stage.hot], change=stage.hot, exclude=spent
                )
            )
            payments.append(stage.sign(unsigned))
            await stubborn(lambda: stage.chain.broadcast(payments[-1]))
            if number == WITHDRAWALS // 2:
                await stage.restart()
        for _ in range(2):
            for payment in payments:
                await settled(payment)
            await stage.mine()
        assert all([await settled(payment) for payment in payments])
        stage.transport.chance = None
        for number, address in enumerate(outside):
            assert await stage.received(address) == stage.coin + 1000 * number

    try:
        runner.run(stage.open())
        play(scene())
    finally:
        runner.run(stage.close())
