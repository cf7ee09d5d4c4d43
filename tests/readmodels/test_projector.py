"""The projector: nothing is lost and nothing counts twice, whatever fails."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import get_args

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from coinport.database import Database
from coinport.engine.rulebook import Rulebook
from coinport.journal.following import LogFollower
from coinport.journal.log import FileLog
from coinport.model.events import Event, OrderRepeated
from coinport.model.records import Record
from coinport.model.transfers import DepositStage
from coinport.model.units import TRANSFER_FIRST
from coinport.readmodels import projector as constants
from coinport.readmodels import tables
from coinport.readmodels.projection import merged
from coinport.readmodels.projector import Projector
from coinport.readmodels.tables import Tables
from coinport.readmodels.transfers import transfers
from tests.readmodels.histories import lively
from tests.readmodels.stage import Tape, decoded, live_views, rows
from tests.readmodels.stories import TRADING
from tests.scenario import play


def made(database: Database, records: Sequence[bytes]) -> dict[str, list[tuple[object, ...]]]:
    """The rows of all these records at once."""
    Projector(database, Tape(records)).start()
    return rows(database)


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
    assert unhandled == {"OrderRepeated", "Refused"}


@pytest.mark.parametrize("most", [1, 97, 2_000], ids=str)
def test_the_rows_are_the_same_in_any_batches(database, new_database, monkeypatch, most):
    records = lively().records
    monkeypatch.setattr(tables, "BATCH_MAX", most)
    made_in_batches = made(database, records[: 30 * most])
    monkeypatch.undo()
    assert made_in_batches == made(new_database(), records[: 30 * most])


def test_the_rows_are_the_same_however_the_journal_grows(database, new_database):
    world = lively()
    tape = Tape()
    projector = Projector(database, tape)
    ends = accumulate([1, 2, 40, 7, 333] * 100)
    for end in [*(end for end in ends if end < len(world.records)), len(world.records)]:
        tape.records = world.records[:end]
        assert projector.project() == end
    whole = made(new_database(), world.records)
    assert rows(database) == whole
    assert {name: bool(of) for name, of in whole.items()} == dict.fromkeys(whole, True)


def test_a_rebuild_makes_the_same_rows_again(database):
    projector = Projector(database, Tape(lively().records))
    projector.start()
    before = rows(database)
    database.write_now(lambda c: c.execute(text("UPDATE balances SET available = available + 1")))
    database.write_now(lambda c: c.execute(text("DELETE FROM orders WHERE id % 2 = 0")))
    assert rows(database) != before
    projector.rebuild()
    assert rows(database) == before


def test_the_rows_tell_what_the_engine_knows(database):
    world = lively()
    Projector(database, Tape(world.records)).start()
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
    columns = transfers.columns.keys()
    states = {row[0]: dict(zip(columns, row, strict=True)) for row in made["transfers"]}
    assert list(states) == list(range(TRANSFER_FIRST, snapshot.next_transfer))
    for withdrawal in snapshot.withdrawals:
        assert states[withdrawal.transfer]["status"] == withdrawal.status
    for deposit in snapshot.deposits:
        row = states[deposit.transfer]
        assert (row["account"], row["held"]) == (deposit.account, deposit.held)
        assert bool(row["booked"]) is (deposit.stage is not DepositStage.ANNOUNCED)


def test_live_views_are_the_same_after_a_restart_as_they_were(database):
    world = lively()
    records = decoded(world.records)
    begun, done = records[:1_500], records[1_500:]
    Projector(database, Tape(world.records[: len(begun)])).start()
    live = live_views(database, world.time)
    for batch in split(done, [1, 50]):
        live.apply(batch)
    Projector(database, Tape(world.records)).start()
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
    Projector(database, Tape(world.records[:1_234])).start()
    assert made(database, world.records) == made(new_database(), world.records)


def test_tables_of_another_journal_are_made_anew(database, new_database):
    other = play("later 1 hour\n" + TRADING, Rulebook).records
    mine = play(TRADING, Rulebook).records
    shorter = mine[:-1]
    for records in (other, mine, shorter):
        Projector(database, Tape(records)).start()
    assert rows(database) == made(new_database(), shorter)


def test_a_real_journal_can_be_followed_while_it_grows(database, new_database, tmp_path):
    world = lively()
    log = FileLog(tmp_path / "journal", segment_bytes=64 * 1024)
    log.append(world.records[:1_000])
    follower = LogFollower(tmp_path / "journal")
    projector = Projector(database, follower)
    assert projector.start() == 1_000
    for first in range(1_000, len(world.records), 100):
        log.append(world.records[first : first + 100])
        assert projector.project() == log.last
    follower.close()
    log.close()
    assert rows(database) == made(new_database(), world.records)


class Unreliable(Database):
    """Fails as often as it is told, before or after it has committed."""

    def __init__(self, url: str, failures: list[str]) -> None:
        super().__init__(url, synchronous="NORMAL")
        self.failures = failures

    def write_now(self, work):
        failure = self.failures.pop() if self.failures else ""
        if failure == "before":
            raise OperationalError("COMMIT", (), Exception("database is locked"))
        result = super().write_now(work)
        if failure == "after":
            raise OperationalError("COMMIT", (), Exception("the connection was lost"))
        return result


def test_a_failed_commit_is_tried_again_and_a_done_one_is_not_done_twice(
    database, new_database, monkeypatch
):
    monkeypatch.setattr(constants, "RETRY_FIRST_S", 0.001)
    monkeypatch.setattr(tables, "BATCH_MAX", 60)
    world = lively()
    failures = ["after", "before", "before", "after", "", "before", "after"] * 2
    unreliable = Unreliable(str(database.engine.url), failures)
    Projector(unreliable, Tape(world.records)).start()
    unreliable.dispose()
    assert not failures
    assert rows(database) == made(new_database(), world.records)


def test_a_full_disk_loses_nothing(database, new_database, monkeypatch):
    world = lively()
    pages_max = 1  # SQLite takes the size that the file already has

    @event.listens_for(database.engine, "checkout")
    def limit(connection, record, proxy):
        connection.execute(f"PRAGMA max_page_count = {pages_max}").close()

    def wait_until_it_is_freed(seconds: float) -> None:
        nonlocal pages_max
        pages_max = 2**30

    monkeypatch.setattr(constants.time, "sleep", wait_until_it_is_freed)
    with capture_logs() as logs:
        Projector(database, Tape(world.records)).start()
    assert "database or disk is full" in logs[0]["error"]
    assert rows(database) == made(new_database(), world.records)
