"""What the ledger says is followed without a gap: by the feed, and by the journal where that has
one."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from coinport.model.records import Record
from coinport.model.transfers import TransferStatus
from coinport.wallets.storage import open_wallets
from coinport.wallets.tables import METADATA, followed, payouts
from coinport.wallets.transfers import BACKLOG_MAX, Transfers, WrongJournal
from tests.wallets.house import ALICE, LTC, House

Play: TypeAlias = Callable[[Callable[[House], Coroutine[Any, Any, None]]], None]


async def waiting(house: House) -> int:
    """Withdrawals that the tables have as pending."""
    await house.wallets.transfers.catch_up()
    query = select(payouts).where(payouts.c.status == TransferStatus.PENDING)
    return len(await house.database.read(lambda on: on.execute(query).all()))


def test_no_commit_of_the_wallets_can_be_lost_in_a_power_cut(tmp_path: Path) -> None:
    """synchronous=NORMAL is forbidden here: this is the only copy of what was signed."""
    database = open_wallets(f"sqlite:///{tmp_path}/wallets.db")
    connections = [database.engine.connect() for _ in range(8)]
    values = {connection.scalar(text("PRAGMA synchronous")) for connection in connections}
    for connection in connections:
        connection.close()
    database.dispose()
    assert values == {2}  # FULL


def test_the_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    def differences(connection: Any) -> list[Any]:
        options = {
            "compare_type": True,
            "include_name": lambda name, *_: name != "wallets_revision",
        }
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)

    database = open_wallets(f"sqlite:///{tmp_path}/wallets.db")
    found = database.write_now(differences)
    database.dispose()
    assert found == []


def test_a_start_goes_on_where_the_last_one_ended(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.give(ALICE, 100)
        for expected in (1, 2, 3):
            await house.request(ALICE, 1)
            await house.start()
            assert await waiting(house) == expected
            await house.start()
            assert await waiting(house) == expected

    play(scene)


@pytest.mark.parametrize("missed", ["the first", "some", "the last"])
def test_what_the_feed_did_not_tell_is_read_from_the_journal(play: Play, missed: str) -> None:
    async def scene(house: House) -> None:
        told: list[list[Record]] = []
        receive = house.wallets.transfers.receive
        house.wallets.transfers.receive = told.append  # type: ignore[method-assign,assignment]
        await house.give(ALICE, 100)
        for _ in range(3):
            await house.request(ALICE, 1)
        some = {"the first": told[2:], "some": [told[0], *told[3:]], "the last": told[:2]}[missed]
        for records in some:
            receive(records)
        house.wallets.transfers.receive = receive  # type: ignore[method-assign]
        await house.request(ALICE, 1)
        assert await waiting(house) == 4

    play(scene)


def test_a_transaction_that_failed_is_made_up_for(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.give(ALICE, 100)
        await waiting(house)
        await house.request(ALICE, 1)
        real = house.database.write

        async def failing(work: Any) -> Any:
            raise OperationalError("the disk is full", {}, Exception())

        house.database.write = failing  # type: ignore[method-assign]
        with pytest.raises(OperationalError):
            await waiting(house)
        house.database.write = real  # type: ignore[method-assign]
        await house.request(ALICE, 1)
        assert await waiting(house) == 2

    play(scene)


def test_a_backlog_that_gets_too_long_is_read_from_the_journal(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.give(ALICE, 100)
        await house.request(ALICE, 1)
        transfers = house.wallets.transfers
        transfers._backlog *= BACKLOG_MAX + 1
        await house.request(ALICE, 1)
        assert len(transfers._backlog) == 1
        assert await waiting(house) == 2

    play(scene)


def test_what_is_told_while_the_tables_are_written_comes_next(play: Play) -> None:
    async def scene(house: House) -> None:
        await house.give(ALICE, 100)
        real = house.database.write

        async def slow(work: Any) -> Any:
            house.database.write = real  # type: ignore[method-assign]
            await house.request(ALICE, 1)
            return await real(work)

        await house.request(ALICE, 1)
        house.database.write = slow  # type: ignore[method-assign,assignment]
        await house.wallets.transfers.catch_up()
        assert await waiting(house) == 2

    play(scene)


class Other:
    """Another journal than that of the house."""

    def __init__(self, house: House, last: int) -> None:
        self._log = house.log
        self.first, self.last = 1, last

    def read(self, after: int) -> Any:
        return self._log.read(after + 1)


def test_the_tables_of_another_journal_are_refused(play: Play) -> None:
    async def scene(house: House) -> None:
        house.clock.now += 1
        await house.give(ALICE, 100)
        await waiting(house)
        house.clock.now += 1
        await house.give(ALICE, 100)
        for last, why in ((2, "put the newer journal back"), (house.log.last, "another journal")):
            journal: Any = Other(house, last)
            with pytest.raises(WrongJournal, match=why):
                await Transfers(house.database, journal, house.tell).start()

    play(scene)


def test_the_checkpoint_moves_with_records_that_are_none_of_its_business(play: Play) -> None:
    async def scene(house: House) -> None:
        for _ in range(3):
            await house.give(ALICE, 1, LTC)
        await house.wallets.transfers.catch_up()
        at = await house.database.read(lambda on: on.execute(select(followed)).one())
        assert at.sequence == house.log.last

    play(scene)
