"""What every chain owes the exchange about money that comes in."""

import pytest

from coinport.model.units import Amount
from coinport.wallets.chain import (
    BLOCKS_REMEMBERED_MAX,
    GONE,
    Block,
    ChainUnavailable,
    Payment,
    Scan,
    UnknownBlock,
    remember,
    scan,
)
from tests.contracts.conftest import Play
from tests.contracts.stage import CoinStage, Failure, ForkingStage, Stage

NEVER = Block(5, "00" * 32)


def only(found: Scan, address: str, memo: str = "") -> Payment:
    [payment] = [
        payment for payment in found.payments if (payment.address, payment.memo) == (address, memo)
    ]
    return payment


def test_a_payment_keeps_its_key_while_it_is_confirmed(stage: Stage, play: Play) -> None:
    async def scene() -> None:
        address, memo = stage.user(1)
        start = await stage.chain.tip()
        await stage.pay(address, stage.coin, memo)
        await stage.mine()
        first = only(await stage.chain.incoming(start), address, memo)
        assert first.amount == stage.coin
        assert first.confirmations >= 1
        assert first.block is not None and first.block.height > start.height
        assert first.key.startswith(f"{stage.chain.currency}:{first.txid}")
        await stage.mine(3)
        later = only(await stage.chain.incoming(start), address, memo)
        assert (later.key, later.amount, later.block) == (first.key, first.amount, first.block)
        [again] = await stage.chain.recheck([first])
        assert again == later

    play(scene())


def test_a_scan_from_the_last_tip_lists_only_what_is_new(stage: Stage, play: Play) -> None:
    async def scene() -> None:
        one, two = stage.user(1), stage.user(2)
        await stage.pay(one[0], stage.coin, one[1])
        await stage.mine()
        first = await stage.chain.incoming(None)
        assert only(first, *one).amount == stage.coin
        assert not first.forked
        await stage.pay(two[0], Amount(2 * stage.coin), two[1])
        await stage.mine()
        second = await stage.chain.incoming(first.tip)
        assert [(found.address, found.memo) for found in second.payments] == [two]
        assert second.tip.height > first.tip.height
        assert not second.forked

    play(scene())


def test_two_payments_to_one_user_have_two_keys(stage: Stage, play: Play) -> None:
    async def scene() -> None:
        address, memo = stage.user(1)
        start = await stage.chain.tip()
        for _ in range(2):
            await stage.pay(address, stage.coin, memo)
        await stage.mine()
        found = [
            payment
            for payment in (await stage.chain.incoming(start)).payments
            if (payment.address, payment.memo) == (address, memo)
        ]
        assert len({payment.key for payment in found}) == 2

    play(scene())


def test_an_unknown_block_is_said_to_be_unknown(stage: Stage, play: Play) -> None:
    async def scene() -> None:
        with pytest.raises(UnknownBlock):
            await stage.chain.incoming(NEVER)
        with pytest.raises(UnknownBlock):
            await stage.chain.block((await stage.chain.tip()).height + 1000)

    play(scene())


def test_a_scan_walks_back_over_the_blocks_that_are_remembered(stage: Stage, play: Play) -> None:
    async def scene() -> None:
        address, memo = stage.user(1)
        known = await stage.chain.tip()
        await stage.pay(address, stage.coin, memo)
        await stage.mine()
        found = await scan(stage.chain, [known, NEVER, NEVER])
        assert only(found, address, memo).amount == stage.coin
        assert found.forked
        lost = await scan(stage.chain, [NEVER])
        assert only(lost, address, memo).amount == stage.coin
        assert lost.forked
        first = await scan(stage.chain, [])
        assert only(first, address, memo).amount == stage.coin
        assert not first.forked

    play(scene())


def test_a_lost_answer_loses_no_payment(stage: Stage, play: Play) -> None:
    async def scene() -> None:
        address, memo = stage.user(1)
        start = await stage.chain.tip()
        await stage.pay(address, stage.coin, memo)
        await stage.mine()
        for failure in Failure:
            stage.fail("incoming", failure)
            with pytest.raises(ChainUnavailable):
                await stage.chain.incoming(start)
        assert only(await stage.chain.incoming(start), address, memo).amount == stage.coin

    play(scene())


def test_what_the_node_does_not_know_is_gone(stage: Stage, play: Play) -> None:
    async def scene() -> None:
        address, memo = stage.user(1)
        start = await stage.chain.tip()
        await stage.pay(address, stage.coin, memo)
        await stage.mine()
        real = only(await stage.chain.incoming(start), address, memo)
        fake = Payment("LTC:" + "11" * 32 + ":0", "11" * 32, address, memo, stage.coin, 3, NEVER)
        there, gone = await stage.chain.recheck([real, fake])
        assert there == real
        assert (gone.key, gone.confirmations, gone.block) == (fake.key, GONE, None)

    play(scene())


def test_a_payment_is_seen_before_it_is_in_a_block(forking: ForkingStage, play: Play) -> None:
    async def scene() -> None:
        address, memo = forking.user(1)
        start = await forking.chain.tip()
        await forking.pay(address, forking.coin, memo)
        waiting = only(await forking.chain.incoming(start), address, memo)
        assert (waiting.confirmations, waiting.block) == (0, None)
        await forking.mine(3)
        [confirmed] = await forking.chain.recheck([waiting])
        assert (confirmed.key, confirmed.confirmations) == (waiting.key, 3)
        assert confirmed.block == await forking.chain.block(start.height + 1)

    play(scene())


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_a_payment_that_survives_a_reorg_keeps_its_key(
    forking: ForkingStage, play: Play, depth: int
) -> None:
    async def scene() -> None:
        address, memo = forking.user(1)
        start = await forking.chain.tip()
        await forking.pay(address, forking.coin, memo)
        await forking.mine(depth)
        before = await forking.chain.incoming(start)
        payment = only(before, address, memo)
        assert payment.confirmations == depth
        await forking.reorg(depth)
        after = await scan(forking.chain, [start, before.tip])
        assert after.forked
        found = only(after, address, memo)
        assert (found.key, found.amount) == (payment.key, payment.amount)
        assert found.block != payment.block
        assert await forking.chain.recheck([payment]) == [found]
        assert not (await forking.chain.incoming(after.tip)).forked

    play(scene())


def test_a_node_that_remembers_the_branch_that_lost_need_not_begin_anew(
    coins: CoinStage, play: Play
) -> None:
    async def scene() -> None:
        start = await coins.chain.tip()
        await coins.mine(3)
        before = await coins.chain.incoming(start)
        await coins.reorg(3)
        assert (await coins.chain.incoming(before.tip)).forked

    play(scene())


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_a_payment_that_is_double_spent_in_a_reorg_is_gone(
    forking: ForkingStage, play: Play, depth: int
) -> None:
    async def scene() -> None:
        address, memo = forking.user(1)
        start, received = await forking.chain.tip(), await forking.received(address)
        await forking.pay(address, forking.coin, memo)
        await forking.mine(depth)
        before = await forking.chain.incoming(start)
        payment = only(before, address, memo)
        await forking.reorg(depth, [payment.txid])
        assert (await scan(forking.chain, [start, before.tip])).forked
        [lost] = await forking.chain.recheck([payment])
        assert (lost.confirmations, lost.block) == (GONE, None)
        assert await forking.received(address) == received

    play(scene())


def test_what_is_remembered_is_one_branch_and_bounded() -> None:
    blocks: list[Block] = []
    for height in range(2 * BLOCKS_REMEMBERED_MAX):
        blocks = remember(blocks, Block(height, f"a{height}"))
    assert len(blocks) == BLOCKS_REMEMBERED_MAX
    blocks = remember(blocks, Block(190, "b190"))
    assert [block.hash for block in blocks[-2:]] == ["a189", "b190"]
