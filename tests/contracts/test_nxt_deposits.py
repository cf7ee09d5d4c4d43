"""What is peculiar to deposits of NXT."""

import asyncio
from typing import Any

import pytest

from coinport.wallets.chain import (
    ChainUnavailable,
    Payment,
    UnknownBlock,
    scan,
)
from coinport.wallets.nxt import ROLLBACK_BLOCKS_MAX
from coinport.wallets.nxt_accounts import account
from tests.contracts.conftest import Play
from tests.contracts.nxt_stage import NxtStage

UID = "1000000001"


@pytest.fixture
def stage(runner: asyncio.Runner) -> NxtStage:
    stage = NxtStage()
    runner.run(stage.open())
    return stage


async def deposits(stage: NxtStage) -> list[Payment]:
    return list((await stage.chain.incoming(None)).payments)


@pytest.mark.parametrize(
    "changes",
    [
        {"phased": True},
        {"subtype": 1},
        {"type": 2},
        {"recipient": "77"},
        {"amountNQT": "0"},
    ],
    ids=str,
)
def test_what_did_not_bring_nxt_is_no_deposit(
    stage: NxtStage, play: Play, changes: dict[str, Any]
) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 10**8, UID, **changes)
        assert await deposits(stage) == []
        await stage.mine()
        assert await deposits(stage) == []

    play(scene())


def test_what_we_pay_ourselves_is_no_deposit(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 10**8, UID, sender=str(account(stage.hot)))
        await stage.mine()
        assert await deposits(stage) == []

    play(scene())


@pytest.mark.parametrize(
    ("attachment", "memo"),
    [
        ({"message": f" {UID}\n", "messageIsText": True}, UID),
        ({"message": UID}, UID),
        ({"message": "00ff", "messageIsText": False}, ""),
        ({"message": "x" * 101, "messageIsText": True}, ""),
        ({"message": "two\nlines", "messageIsText": True}, ""),
        ({"message": "\ud800", "messageIsText": True}, ""),
        ({"message": 7}, ""),
        ({"encryptedMessage": {"data": "00", "nonce": "00", "isText": True}}, ""),
        ({}, ""),
    ],
    ids=str,
)
def test_the_memo_is_a_plain_message(
    stage: NxtStage, play: Play, attachment: dict[str, Any], memo: str
) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 10**8, attachment=attachment)
        [payment] = await deposits(stage)
        assert payment.memo == memo

    play(scene())


def test_all_pages_of_the_history_are_read(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        stage.node.page = 2  # less than what is asked for: nodes can be told so
        for nqt in range(1, 8):
            stage.node.pay(stage.hot, nqt, UID)
        await stage.mine()
        assert sorted(payment.amount for payment in await deposits(stage)) == list(range(1, 8))

    play(scene())


@pytest.mark.parametrize("amount", ["", "-1", "1.0", "1e3", "٣", "1" * 19, 5])
def test_an_amount_that_is_none_is_no_answer(stage: NxtStage, play: Play, amount: object) -> None:
    async def scene() -> None:
        stage.node.pay(stage.hot, 1, UID, amountNQT=amount)
        with pytest.raises(ChainUnavailable):
            await deposits(stage)

    play(scene())


def test_a_node_that_reads_its_own_chain_anew_is_no_help(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        stage.node.scanning = True
        with pytest.raises(ChainUnavailable, match="wait"):
            await stage.chain.tip()

    play(scene())


def test_a_chain_that_changes_while_it_is_read_is_read_again(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        await stage.mine(3)
        ask = stage.node._getUnconfirmedTransactions
        stage.node._getUnconfirmedTransactions = lambda account: stage.node.reorg(2) or ask(account)  # type: ignore[method-assign, func-returns-value]
        with pytest.raises(ChainUnavailable, match="changed"):
            await deposits(stage)

    play(scene())


def test_the_deepest_reorg_there_can_be_is_noticed(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        start = await stage.chain.tip()
        kept = stage.node.pay(stage.hot, 5, UID)
        lost = stage.node.pay(stage.hot, 6, UID)
        await stage.mine(ROLLBACK_BLOCKS_MAX)
        before = await stage.chain.incoming(start)
        assert {payment.confirmations for payment in before.payments} == {ROLLBACK_BLOCKS_MAX}
        await stage.reorg(ROLLBACK_BLOCKS_MAX, [lost])
        with pytest.raises(UnknownBlock):
            await stage.chain.incoming(before.tip)
        after = await scan(stage.chain, [start, before.tip])
        assert after.forked
        assert [payment.txid for payment in after.payments] == [kept]
        assert [
            payment.confirmations for payment in await stage.chain.recheck(before.payments)
        ] == [
            -1 if payment.txid == lost else ROLLBACK_BLOCKS_MAX + 1 for payment in before.payments
        ]

    play(scene())


def test_a_scan_asks_for_no_more_than_is_new(stage: NxtStage, play: Play) -> None:
    async def scene() -> None:
        await stage.mine(3)
        asked = []
        answer = stage.node._getBlockchainTransactions
        stage.node._getBlockchainTransactions = (  # type: ignore[method-assign]
            lambda **fields: asked.append(int(fields["timestamp"])) or answer(**fields)  # type: ignore[func-returns-value]
        )
        tip = await stage.chain.tip()
        await stage.chain.incoming(tip)
        assert asked == [stage.node.now]

    play(scene())
