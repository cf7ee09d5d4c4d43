"""What is there stands against what is owed at one position of the journal, and a withdrawal that a
block has paid is in both or in neither."""

import asyncio
from pathlib import Path

import pytest

from coinport.app.holdings import Holdings
from coinport.database import Busy, Database
from coinport.model.units import Amount, Sequence, TransferId
from coinport.reserves.holdings import CurrencyReserves
from coinport.wallets.chain import Block
from coinport.wallets.keeping import Holding, Place
from coinport.wallets.keeping import Holdings as OnChain
from tests.databases import empty_readmodels
from tests.readmodels.stage import Stage, act

BTC = 10**8
SENT = """
    alice deposits 10 BTC
    alice withdraws 4 BTC for a fee of 1 to 1Friend as A
    admin approves A
    admin sends A in tx1
    """
SETTLED = SENT + "admin settles A in tx1"


class Paying:
    """A chain whose newest block has paid the withdrawal, or has not."""

    def __init__(self, withdrawal: TransferId) -> None:
        self.withdrawal = withdrawal
        self.paid = True

    async def balances(self) -> OnChain:
        there = Amount((6 if self.paid else 10) * BTC)
        return OnChain(Block(7, "newest"), (Holding("1Hot", there, Place.HOT, path=None),))

    async def sent(self) -> dict[TransferId, Amount]:
        return {self.withdrawal: Amount(4 * BTC)} if self.paid else {}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{empty_readmodels(tmp_path)}", synchronous="NORMAL")


def looking_at(stage: Stage, chain: Paying | None = None) -> Holdings:
    return Holdings(
        stage.database,
        stage.world.listings,
        {"BTC": chain or Paying(stage.world.transfers["A"])},  # type: ignore[dict-item]
        sign=None,  # type: ignore[arg-type]
        cold_signatures={},
        simulated=frozenset({"BTC"}),
        clock=lambda: stage.world.time,
    )


def owing(holdings: Holdings, bitcoins: int) -> dict[str, Amount]:
    """And nothing else."""
    return dict.fromkeys(holdings.all, Amount(0)) | {"BTC": Amount(bitcoins * BTC)}


def covered(found: CurrencyReserves) -> tuple[int, int, int]:
    """In whole bitcoins."""
    return found.assets // BTC, found.sent // BTC, found.payable // BTC


def test_what_is_sent_counts_while_it_is_owed(database: Database) -> None:
    stage = act(database, SENT)
    holdings = looking_at(stage)
    asyncio.run(holdings.look())
    assert covered(holdings.all["BTC"]) == (6, 4, 10)
    assert holdings.all["BTC"].sequence == len(stage.world.records)


def test_what_was_settled_before_the_balances_were_read_does_not(database: Database) -> None:
    holdings = looking_at(act(database, SETTLED))
    asyncio.run(holdings.look())
    assert covered(holdings.all["BTC"]) == (6, 0, 6)


def test_nor_does_what_was_given_back_because_it_never_arrives(database: Database) -> None:
    failed = SENT + 'admin fails A, which never arrives because "its coins were spent otherwise"'
    holdings = looking_at(act(database, failed))
    asyncio.run(holdings.look())
    assert covered(holdings.all["BTC"]) == (6, 0, 10)


def test_neither_does_what_was_settled_before_the_proofs_were_made(database: Database) -> None:
    stage = act(database, SENT)
    holdings = looking_at(stage)

    async def published_after_it_was_settled() -> tuple[int, int, int]:
        await holdings.look()
        settled = act(database, SETTLED)
        last = Sequence(len(settled.world.records))
        await holdings.show(last, owing(holdings, 6))
        return covered(holdings.all["BTC"])

    assert asyncio.run(published_after_it_was_settled()) == (6, 0, 6)


def test_proofs_of_the_moment_that_was_looked_at_have_it_still(database: Database) -> None:
    """Although it was settled by the time they are shown."""
    stage = act(database, SENT)
    holdings = looking_at(stage)

    async def settled_after_they_were_made() -> tuple[int, int, int]:
        await holdings.look()
        then = Sequence(len(stage.world.records))
        act(database, SETTLED)
        await holdings.show(then, owing(holdings, 10))
        return covered(holdings.all["BTC"])

    assert asyncio.run(settled_after_they_were_made()) == (6, 4, 10)


def test_proofs_of_a_moment_before_take_nothing_back(database: Database) -> None:
    """They took long to make: what is owed now stays beside what is there now."""
    stage = act(database, SETTLED)
    holdings = looking_at(stage)

    async def looked_at_since() -> CurrencyReserves:
        await holdings.look()
        before = Sequence(len(stage.world.records) - 1)
        await holdings.show(before, owing(holdings, 10))
        return holdings.all["BTC"]

    found = asyncio.run(looked_at_since())
    assert covered(found) == (6, 0, 6)
    assert found.sequence == len(stage.world.records)


def test_a_look_that_fails_halfway_changes_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = act(database, SENT)
    chain = Paying(stage.world.transfers["A"])
    holdings = looking_at(stage, chain)
    last = Sequence(len(stage.world.records))

    async def busy(_query: object) -> None:
        raise Busy

    async def looked_again() -> tuple[int, int, int]:
        chain.paid = False
        await holdings.look()
        chain.paid = True
        with monkeypatch.context() as patch, pytest.raises(Busy):
            patch.setattr(database, "read", busy)
            await holdings.look()
        await holdings.show(last, owing(holdings, 10))
        return covered(holdings.all["BTC"])

    assert asyncio.run(looked_again()) == (10, 0, 10)
