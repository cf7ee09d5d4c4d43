"""Withdrawals are paid once, whatever node, network, signer and disk do meanwhile."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from coinport.model.commands import SendWithdrawal
from coinport.model.transfers import TransferStatus
from coinport.model.units import Amount
from coinport.wallets.alarms import Alarm
from coinport.wallets.chain import ChainUnavailable
from coinport.wallets.signer_socket import SignerUnavailable
from coinport.wallets.signing import Answer, Refused, Request
from coinport.wallets.simnetwork import Failure
from tests.wallets.house import ALICE, COIN, House
from tests.wallets.paying import NET, Play, level, settled_by, stages


@pytest.mark.parametrize("method", ["build", "broadcast", "status"])
@pytest.mark.parametrize("failure", Failure)
def test_a_lost_answer_of_the_node_pays_nothing_twice(
    rich: Play, method: str, failure: Failure
) -> None:
    async def scene(house: House) -> None:
        await house.request(ALICE, 2)
        for _ in range(4):
            house.ltc.fail(method, failure)
            with suppress(ChainUnavailable):
                await house.poll()
            house.ltc.mine()
        await house.mine(3)
        assert len(house.paid()) == len(settled_by(house)) == 1
        assert len(house.records(SendWithdrawal)) == 1

    rich(scene)


def test_what_the_network_forgot_is_broadcast_again(rich: Play) -> None:
    async def scene(house: House) -> None:
        await house.request(ALICE, 2)
        await house.poll()
        house.ltc.forget_mempool()
        await house.mine(1)
        house.ltc.forget_mempool()
        await house.mine(3)
        assert len(house.paid()) == len(settled_by(house)) == 1

    rich(scene)


@pytest.mark.parametrize("depth", [1, 3])
def test_one_that_leaves_the_chain_is_broadcast_again(rich: Play, depth: int) -> None:
    async def scene(house: House) -> None:
        await house.request(ALICE, 2)
        await house.poll()
        await house.mine(depth)
        house.ltc.reorg(depth, mine=False)
        house.ltc.forget_mempool()
        await house.poll()
        await house.mine(4)
        assert len(house.paid()) == len(settled_by(house)) == 1

    rich(scene)


def test_a_signer_that_is_away_is_asked_the_same_again(rich: Play) -> None:
    async def scene(house: House) -> None:
        asked: list[Request] = []

        def away(request: Request) -> Answer:
            asked.append(request)
            raise SignerUnavailable("no signer")

        def lost(request: Request) -> Answer:
            house.signer.answer(request)
            return away(request)

        transfer = await house.request(ALICE, 2)
        for house.signing in (away, lost):
            with pytest.raises(SignerUnavailable):
                await house.poll()
            house.ltc.pay(house.purses["LTC"].hot, Amount(100 * COIN))
            house.ltc.mine()
        house.signing = house.signer.answer
        await house.poll()
        await house.mine(2)
        assert asked[0] == asked[1]
        assert list(settled_by(house)) == [transfer]

    rich(scene)


def test_what_the_signer_refuses_holds_up_nobody(rich: Play) -> None:
    async def scene(house: House) -> None:
        refused = await house.request(ALICE, 2, "bad")

        def picky(request: Any) -> Answer:
            if any(payout.address == "bad" for payout in request.unsigned.payouts):
                return Refused("above the limit")
            return house.signer.answer(request)

        house.signing = picky
        await house.request(ALICE, 1)
        await house.poll()
        await house.mine(2)
        assert house.paid() == [NET]
        assert house.status(refused) is TransferStatus.PROCESSING
        assert level(house, Alarm.SIGNER_REFUSED) == 1
        house.signing = house.signer.answer
        await house.poll()
        await house.mine(2)
        assert len(house.paid("bad")) == 1
        assert level(house, Alarm.SIGNER_REFUSED) == 0

    rich(scene)


def test_what_the_signer_refuses_keeps_no_coin(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.fund(40, parts=1)
        await house.give(ALICE, 50)
        house.signing = lambda request: Refused("not today")
        await house.request(ALICE, 1)
        await house.poll()
        assert await stages(house) == []
        house.signing = house.signer.answer
        await house.poll()
        await house.mine(2)
        assert house.paid() == [NET]

    play(scene)


def test_an_older_copy_of_the_database_pays_nothing_twice(rich: Play) -> None:
    async def scene(house: House) -> None:
        await house.poll()
        backup = house.backup()
        await house.request(ALICE, 2)
        await house.poll()
        await house.restore(backup)
        await house.poll()
        assert level(house, Alarm.WITHDRAWALS_UNKNOWN) == 1
        await house.mine(5)
        assert len(house.paid()) == 1

    rich(scene)


def test_an_older_copy_of_the_database_signs_nothing_beside_what_was_signed(rich: Play) -> None:
    async def scene(house: House) -> None:
        await house.poll()
        backup = house.backup()
        transfer = await house.request(ALICE, 2)
        await house.wallets.approvals.poll()
        with suppress(SignerUnavailable):
            house.signing = _signed_and_lost(house)
            await house.poll()
        house.signing = house.signer.answer
        await house.restore(backup)
        hot = house.purses["LTC"].hot
        spent = house.memory.of(transfer)[0].inputs
        assert all(house.ltc.unspent.pop(coin).address == hot for coin in spent)
        await house.poll()
        await house.mine(3)
        assert house.paid() == []
        assert level(house, Alarm.SIGNER_REFUSED) == 1

    rich(scene)


def _signed_and_lost(house: House) -> Callable[[Request], Answer]:
    def lost(request: Request) -> Answer:
        house.signer.answer(request)
        raise SignerUnavailable("the answer is lost")

    return lost
