"""The projector: nothing is lost and nothing counts twice, whatever fails."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import get_args

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from coinport.database import Database
from coinport.engine.rulebook import Rulebook
from coinport.journal.log import FileLog
from coinport.model.events import Event, OrderRepeated
from coinport.model.records import Record
from coinport.readmodels import projector as constants
from coinport.readmodels.projection import merged
from coinport.readmodels.projector import Projector
from coinport.readmodels.tables import Tables
from tests.readmodels.histories import lively
from tests.readmodels.stage import Tape, decoded, live_views, rows
from tests.scenario import play

TRADING = """
alice deposits 10 BTC
bob deposits 1000 USD
alice sells 5 at 10 as A
bob buys 2 at 10
> bob buys 2 at 10 from alice
alice cancels A
"""


@asynccontextmanager
async def running(projector: Projector) -> AsyncIterator[None]:
    await projector.start()
    task = asyncio.create_task(projector.run())
    yield
    assert not task.done()
    task.cancel()


async def follow(projector: Projector, records: Sequence[Record], sizes: Sequence[int]) -> None:
    """Tell `records` as the feed does, in batches of `sizes`, after each of which somebody reads
    every other time; return when all of them are in the tables."""
    async with running(projector):
        for number, batch in enumerate(split(records, sizes)):
            projector.receive(batch)
            if number % 2:
                await projector.caught_up(batch[-1].sequence)
        await projector.caught_up(records[-1].sequence)


def split(records: Sequence[Record], sizes: Sequence[int]) -> Iterator[Sequence[Record]]:
    """Batches of `sizes`, over and over."""
    first = 0
    while first < len(records):
        for size in sizes:
            if batch := records[first : first + size]:
                yield batch
            first += size


def test_the_lively_history_has_every_kind_of_event():
    kinds = Counter(type(e) for record in decoded(lively().records) for e in record.events)
    assert set(kinds) == set(get_args(Event))
    assert kinds[OrderRepeated] > 10
    assert sum(kinds.values()) > 5_000


def test_every_kind_of_event_has_its_projections_but_those_that_change_nothing():
    tables = Tables(Tape())
    handlers = merged(
        projection.handlers()
        for projection in tables._projections()
        if type(projection).__name__ != "BalancesProjection"
    )
    unhandled = {kind.__name__ for kind, called in handlers.items() if not called}
    assert unhandled == {"OrderRepeated", "Refused", "Credited", "Debited"}


@pytest.mark.parametrize("sizes", [[1, 2, 40, 7, 333], [97], [1_999, 1, 2_000]], ids=str)
def test_the_rows_are_the_same_live_in_any_batches_and_from_the_journal(new_database, sizes):
    world = lively()
    live, from_journal = new_database(), new_database()
    asyncio.run(follow(Projector(live, Tape()), decoded(world.records), sizes))
    asyncio.run(Projector(from_journal, Tape(world.records)).start())
    made = rows(live)
    assert made == rows(from_journal)
    assert {name: bool(of) for name, of in made.items()} == dict.fromkeys(made, True)


def test_a_rebuild_makes_the_same_rows_again(database):
    projector = Projector(database, Tape(lively().records))
    asyncio.run(projector.start())
    before = rows(database)
    database.write_now(lambda c: c.execute(text("UPDATE balances SET available = available + 1")))
    database.write_now(lambda c: c.execute(text("DELETE FROM orders WHERE id % 2 = 0")))
    assert rows(database) != before
    asyncio.run(projector.rebuild())
    assert rows(database) == before


def test_the_rows_tell_what_the_engine_knows(database):
    world = lively()
    asyncio.run(Projector(database, Tape(world.records)).start())
    made, snapshot = rows(database), world.look()
    balances = {
        (currency, account * 4 + bucket): amount
        for account, currency, *amounts in made["balances"]
        for bucket, amount in enumerate(amounts)
        if amount
    }
    assert balances == {(currency, of): amount for currency, of, amount in snapshot.balances}
    leaves = {row[0]: row[17] - row[4] for row in made["orders"] if row[17] > row[4] and not row[7]}
    known = {order.order: order.leaves for order in snapshot.resting}
    waiting = {order.order for order in snapshot.waiting}
    assert {order: left for order, left in leaves.items() if order not in waiting} == known
    assert waiting < set(leaves)
    assert len(made["orders"]) == len(world.orders)


def test_live_views_are_the_same_after_a_restart_as_they_were(database):
    world = lively()
    records = decoded(world.records)
    begun, done = records[:1_500], records[1_500:]
    projector = Projector(database, Tape(world.records[:1_500]))
    asyncio.run(projector.start())
    live = live_views(database, world.time)
    for batch in split(done, [1, 50]):
        live.apply(batch)
    asyncio.run(follow(projector, [*begun, *done], [100]))
    loaded = live_views(database, world.time)
    listings = live.listings.listings
    assert listings.markets == loaded.listings.listings.markets
    assert listings.currencies == loaded.listings.listings.currencies
    for market in listings.markets:
        snapshot = live.depth.snapshot(market, 1_000)
        assert snapshot == loaded.depth.snapshot(market, 1_000)
        assert snapshot.asks
        assert snapshot.bids
        ticker = live.tickers.ticker(market, world.time)
        assert ticker == loaded.tickers.ticker(market, world.time)
        assert ticker.volume
    accounts = world.accounts.values()
    assert any(live.suspended(account) for account in accounts)
    assert all(live.suspended(a) == loaded.suspended(a) for a in accounts)


def test_a_restart_goes_on_where_the_tables_are(database, new_database):
    world = lively()
    asyncio.run(Projector(database, Tape(world.records[:1_234])).start())
    asyncio.run(Projector(database, Tape(world.records)).start())
    at_once = new_database()
    asyncio.run(Projector(at_once, Tape(world.records)).start())
    assert rows(database) == rows(at_once)


def test_tables_of_another_journal_are_made_anew(database, new_database):
    other = play("later 1 hour\n" + TRADING, Rulebook).records
    mine = play(TRADING, Rulebook).records
    shorter = mine[:-1]
    alone = new_database()
    asyncio.run(Projector(alone, Tape(shorter)).start())
    for records in (other, mine, shorter):
        asyncio.run(Projector(database, Tape(records)).start())
    assert rows(database) == rows(alone)


def test_a_real_journal_can_be_followed_while_it_grows(database, new_database, tmp_path):
    world = lively()
    log = FileLog(tmp_path / "journal", segment_bytes=64 * 1024)
    log.append(world.records[:1_000])
    projector = Projector(database, log)

    async def grow() -> None:
        async with running(projector):
            for first in range(1_000, len(world.records), 100):
                batch = world.records[first : first + 100]
                log.append(batch)
                projector.receive(decoded(batch))
            await projector.caught_up(log.last)

    asyncio.run(grow())
    log.close()
    at_once = new_database()
    asyncio.run(Projector(at_once, Tape(world.records)).start())
    assert rows(database) == rows(at_once)


def test_whoever_reads_sees_all_that_was_told_before(database):
    world = play(TRADING, Rulebook)
    projector = Projector(database, Tape())

    async def read_each_time() -> list[int]:
        seen, at = [], text("SELECT sequence FROM checkpoint")
        async with running(projector):
            for record in decoded(world.records):
                projector.receive([record])
                await projector.caught_up(record.sequence)
                seen.append(await database.read(lambda c: c.scalar(at)))
        return seen

    assert asyncio.run(read_each_time()) == [*range(1, len(world.records) + 1)]


def test_a_reader_that_gives_up_disturbs_nobody(database):
    world = play(TRADING, Rulebook)
    projector = Projector(database, Tape())

    async def give_up() -> int:
        async with running(projector):
            projector.receive(decoded(world.records))
            impatient = asyncio.create_task(projector.caught_up(projector._published))
            await asyncio.sleep(0)
            impatient.cancel()
            await projector.caught_up(projector._published)
        return projector.behind

    assert asyncio.run(give_up()) == 0


def test_what_waits_too_long_in_memory_is_read_from_the_journal(
    database, new_database, monkeypatch
):
    monkeypatch.setattr(constants, "BACKLOG_MAX", 100)
    world = lively()
    tape = Tape()
    projector = Projector(database, tape)

    async def lag() -> None:
        async with running(projector):
            for first in range(0, len(world.records), 60):
                batch = world.records[first : first + 60]
                tape.records += batch
                projector.receive(decoded(batch))
                assert len(projector._backlog) <= 100
            await projector.caught_up(tape.last)

    asyncio.run(lag())
    at_once = new_database()
    asyncio.run(Projector(at_once, Tape(world.records)).start())
    assert rows(database) == rows(at_once)


class Unreliable(Database):
    """Fails as often as it is told, before or after it has committed."""

    def __init__(self, url: str, failures: list[str]) -> None:
        super().__init__(url, synchronous="NORMAL")
        self.failures = failures

    async def write(self, work):
        failure = self.failures.pop() if self.failures else ""
        if failure == "before":
            raise OperationalError("COMMIT", (), Exception("database is locked"))
        result = await super().write(work)
        if failure == "after":
            raise OperationalError("COMMIT", (), Exception("the connection was lost"))
        return result


def test_a_failed_commit_is_tried_again_and_a_done_one_is_not_done_twice(
    database, new_database, monkeypatch
):
    monkeypatch.setattr(constants, "RETRY_FIRST_S", 0.001)
    world = lively()
    failures = ["after", "before", "before", "after", "", "before", "after"] * 2
    unreliable = Unreliable(str(database.engine.url), failures)
    asyncio.run(follow(Projector(unreliable, Tape()), decoded(world.records), [60]))
    unreliable.dispose()
    assert not failures
    at_once = new_database()
    asyncio.run(Projector(at_once, Tape(world.records)).start())
    assert rows(database) == rows(at_once)


def test_a_full_disk_loses_nothing(database, new_database, monkeypatch):
    monkeypatch.setattr(constants, "RETRY_FIRST_S", 0.01)
    world = lively()
    pages_max = 2**30

    @event.listens_for(database.engine, "checkout")
    def limit(connection, record, proxy):
        connection.execute(f"PRAGMA max_page_count = {pages_max}").close()

    async def fill_and_free() -> None:
        nonlocal pages_max
        projector = Projector(database, Tape())
        async with running(projector):
            pages_max = 1  # SQLite takes the size that the file already has
            projector.receive(decoded(world.records))
            with capture_logs() as logs:
                reader = asyncio.create_task(projector.caught_up(projector._published))
                while not logs:  # the log says when it was tried
                    await asyncio.sleep(0.001)
            assert not reader.done()
            assert all("database or disk is full" in log["error"] for log in logs)
            pages_max = 2**30
            await reader

    asyncio.run(fill_and_free())
    at_once = new_database()
    asyncio.run(Projector(at_once, Tape(world.records)).start())
    assert rows(database) == rows(at_once)
