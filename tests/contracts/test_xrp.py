"""What is peculiar to the XRP ledger."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from coinport.model.units import Amount
from coinport.wallets.chain import (
    BroadcastRefused,
    ChainUnavailable,
    InsufficientFunds,
    Payment,
    Payout,
    Signed,
    State,
    Unpayable,
)
from coinport.wallets.p2pkh import Unsignable
from coinport.wallets.schemes import ACCOUNT_PATH, XrpScheme
from coinport.wallets.signing import KeyPath
from coinport.wallets.xrp import LEDGERS_MAX
from coinport.wallets.xrp_payments import XrpPayment, encode
from tests.contracts.conftest import Play
from tests.contracts.xrp_stage import XrpStage

TAG = "1000000001"


@pytest.fixture
def stage(runner: asyncio.Runner) -> XrpStage:
    stage = XrpStage()
    runner.run(stage.open())
    return stage


async def deposits(stage: XrpStage) -> list[Payment]:
    return list((await stage.chain.incoming(None)).payments)


async def signed(stage: XrpStage, to: str, *exclude: str, memo: str = "") -> Signed:
    payout = Payout(to, stage.coin, memo)
    unsigned = await stage.chain.build(
        [payout], sources=[stage.hot], change=stage.hot, exclude=exclude
    )
    return stage.sign(unsigned)


ISSUED = {"currency": "USD", "issuer": "rIssuer", "value": "1000000"}


@pytest.mark.parametrize(
    "changes",
    [
        {"meta": {"delivered_amount": ISSUED}},
        {"meta": {"delivered_amount": "unavailable"}},
        {"meta": {"TransactionResult": "tecPATH_DRY"}},
        {"tx": {"TransactionType": "CheckCash"}},
        {"tx": {"Destination": "rSomebodyElse", "Account": "rUs"}},
    ],
    ids=str,
)
def test_what_did_not_bring_xrp_is_no_deposit(
    stage: XrpStage, play: Play, changes: dict[str, Any]
) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 10**12, TAG, **changes)
        await stage.mine()
        assert await deposits(stage) == []

    play(scene())


def test_a_partial_payment_counts_for_what_it_delivered(stage: XrpStage, play: Play) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 10**12, TAG, meta={"delivered_amount": "1"})
        await stage.mine()
        [payment] = await deposits(stage)
        assert (payment.amount, payment.memo) == (1, TAG)

    play(scene())


def test_a_payment_without_a_tag_is_shown_without_a_memo(stage: XrpStage, play: Play) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 5, "")
        stage.node.pay(stage.hot, 6, "0")
        await stage.mine()
        assert [payment.memo for payment in await deposits(stage)] == ["", "0"]

    play(scene())


def test_a_payment_that_is_not_validated_is_not_shown(stage: XrpStage, play: Play) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 5, TAG)
        assert await deposits(stage) == []
        await stage.mine()
        assert len(await deposits(stage)) == 1

    play(scene())


def test_all_pages_of_the_history_are_read(stage: XrpStage, play: Play) -> None:
    async def scene() -> None:
        for drops in range(1, 8):
            stage.node.pay(stage.hot, drops, TAG)
        await stage.mine()
        assert [payment.amount for payment in await deposits(stage)] == list(range(1, 8))

    play(scene())


def test_a_node_without_the_whole_history_is_no_help(stage: XrpStage, play: Play) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 5, TAG)
        await stage.mine()
        [payment] = await deposits(stage)
        await stage.mine(5)
        stage.node.oldest = stage.node.ledger - 1
        stage.node.validated.clear()
        with pytest.raises(ChainUnavailable, match="catch up"):
            await stage.chain.recheck([payment])

    play(scene())


def test_the_tag_of_a_withdrawal_arrives(stage: XrpStage, play: Play) -> None:
    async def scene() -> None:
        await stage.chain.broadcast(await signed(stage, stage.outside(), memo="77"))
        await stage.mine()
        assert stage.node.validated[-1]["tx"]["DestinationTag"] == 77

    play(scene())


def test_a_withdrawal_that_came_too_late_is_expired(stage: XrpStage, play: Play) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payment = await signed(stage, outside)
        await stage.mine(LEDGERS_MAX)
        assert (await stage.chain.status(payment)).state is State.UNSEEN
        with pytest.raises(BroadcastRefused, match="MAX_LEDGER"):
            await stage.chain.broadcast(payment)
        await stage.mine()
        assert (await stage.chain.status(payment)).state is State.EXPIRED
        stage.node.oldest = stage.node.ledger
        assert (await stage.chain.status(payment)).state is State.UNSEEN
        assert await stage.received(outside) == 0

    play(scene())


def test_a_withdrawal_that_the_ledger_took_and_did_not_pay_is_in_conflict(
    stage: XrpStage, play: Play
) -> None:
    async def scene() -> None:
        outside = stage.outside()
        payment = await signed(stage, outside)
        await stage.chain.broadcast(payment)
        assert (await stage.chain.status(payment)).state is State.WAITING
        stage.node.queue[payment.txid]["meta"]["TransactionResult"] = "tecNO_DST_INSUF_XRP"
        await stage.mine()
        assert (await stage.chain.status(payment)).state is State.CONFLICTED
        assert await stage.received(outside) == 0

    play(scene())


def test_two_withdrawals_at_once_have_two_sequences(stage: XrpStage, play: Play) -> None:
    async def scene() -> None:
        outside = stage.outside()
        first = await signed(stage, outside)
        second = await signed(stage, outside, *first.inputs)
        assert first.inputs != second.inputs
        for payment in (first, second):
            await stage.chain.broadcast(payment)
        await stage.mine()
        for payment in (first, second):
            assert (await stage.chain.status(payment)).state is State.CONFIRMED
        assert await stage.received(outside) == 2 * stage.coin

    play(scene())


def test_the_reserve_stays(stage: XrpStage, play: Play) -> None:
    async def scene() -> None:
        everything = Payout(stage.outside(), Amount(1000 * stage.coin - 100))
        with pytest.raises(InsufficientFunds):
            await stage.chain.build([everything], sources=[stage.hot], change=stage.hot)

    play(scene())


def test_what_this_ledger_cannot_do_is_said(stage: XrpStage, play: Play) -> None:
    async def scene() -> None:
        to = Payout(stage.outside(), stage.coin)
        for payouts, sources in [
            ([to, to], [stage.hot]),
            ([to], ["rElsewhere"]),
            ([Payout("nobody", stage.coin)], [stage.hot]),
            ([Payout(stage.hot, stage.coin)], [stage.hot]),
        ]:
            with pytest.raises(Unpayable):
                await stage.chain.build(payouts, sources=sources, change=stage.hot)
        with pytest.raises(Unpayable):
            await stage.chain.sweep([stage.hot], stage.hot)

    play(scene())


def test_the_bytes_of_a_payment_are_those_of_the_ledgers_format() -> None:
    payment = XrpPayment(
        account="r9LqNeG6qHxjeUocjvVki2XR35weJ9mZgQ",
        destination="rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
        tag=None,
        amount=Amount(1000),
        fee=Amount(10),
        sequence=1,
        last_ledger=7,
    )
    key = bytes.fromhex("ED5F5AC8B98974A3CA843326D9B88CEBD0560177B973EE0B149F782CFAA06DC66A")
    assert encode(payment, key, b"").hex().upper() == (
        "120000"
        "2200000000"
        "2400000001"
        "201B00000007"
        "6140000000000003E8"
        "68400000000000000A"
        "7321" + key.hex().upper() + "81145B812C9D57731E27A2DA8B1830195F88EF32A3B6"
        "8314B5F762798A53D543A014CAF8B297CFF8F2F937E8"
    )


def test_the_signer_reads_a_payment_from_its_own_bytes(stage: XrpStage, play: Play) -> None:
    async def scene() -> None:
        to = Payout(stage.outside(), stage.coin, "7")
        unsigned = await stage.chain.build([to], sources=[stage.hot], change=stage.hot)
        assert stage.scheme.read(unsigned).payouts == (to,)
        for wrong in (
            replace(unsigned, payouts=(replace(to, memo="8"),)),
            replace(unsigned, inputs=("r:1",)),
            replace(unsigned, expires=None),
            replace(unsigned, blob="{}"),
        ):
            with pytest.raises(Unsignable):
                stage.scheme.read(wrong)
        with pytest.raises(Unsignable, match="not ours"):
            XrpScheme(bytes(31) + b"\x08").sign(unsigned, [ACCOUNT_PATH])
        with pytest.raises(Unsignable):
            stage.scheme.address(KeyPath(0, 1))
        with pytest.raises(Unsignable):
            stage.scheme.sign_message(ACCOUNT_PATH, "coinport")

    play(scene())
