"""The audit log can only grow, and whoever changes it behind its back is found out."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from coinport.database import Database
from coinport.operations.actors import Actor
from coinport.operations.audit import AuditBroken, AuditLog, Head
from coinport.operations.storage import open_operations

ROOT = Actor("root")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/identity.db")
    yield database
    database.dispose()


@pytest.fixture
def log(database: Database) -> AuditLog:
    log = open_operations(database, lambda: 1_790_000_000_000).audit
    asyncio.run(write(log, 3))
    return log


async def write(log: AuditLog, requests: int) -> None:
    for number in range(requests):
        begun = await log.begin(ROOT, "suspend", {"user": f"user {number}"}, "because, 原因")
        await log.conclude(begun, ROOT, "suspend", "done")


def behind_its_back(database: Database, *statements: str) -> None:
    """By who can do everything with the database."""
    for trigger in ("audit_no_update", "audit_no_delete", "audit_next_only"):
        database.write_now(lambda on, t=trigger: on.execute(text(f"DROP TRIGGER {t}")))
    for statement in statements:
        database.write_now(lambda on, s=statement: on.execute(text(s)))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET reason = 'another' WHERE number = 2",
        "DELETE FROM audit WHERE number = 6",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE number = 6",
        "INSERT INTO audit SELECT number + 2, time_ms, actor, account, via, address, action,"
        " parameters, reason, concludes, outcome, previous, hash FROM audit WHERE number = 6",
    ],
)
def test_the_database_refuses_to_change_what_is_written(log, database, statement):
    with pytest.raises(DBAPIError, match="append-only"):
        database.write_now(lambda on: on.execute(text(statement)))
    assert asyncio.run(log.verified()).number == 6


@pytest.mark.parametrize(
    "statement",
    [
        *(
            f"UPDATE audit SET {column} = '7' WHERE number = 3"
            for column in (
                *("time_ms", "actor", "account", "via", "address", "action", "parameters"),
                *("reason", "concludes", "outcome", "previous", "hash"),
            )
        ),
        "DELETE FROM audit WHERE number = 1",
        "DELETE FROM audit WHERE number = 3",
        "DELETE FROM audit WHERE number > 4",
        "UPDATE audit SET number = number + 10 WHERE number > 3",
    ],
)
def test_a_row_that_is_changed_or_taken_out_is_found_out(log, database, statement):
    behind_its_back(database, statement)
    with pytest.raises(AuditBroken):
        asyncio.run(log.verified())


def test_rows_cut_off_before_a_restart_are_found_out_by_a_hash_that_somebody_kept(log, database):
    kept = asyncio.run(log.verified())
    behind_its_back(database, "DELETE FROM audit WHERE number > 4")
    restarted = AuditLog(database, lambda: 1)
    assert asyncio.run(restarted.verified()).number == 4
    with pytest.raises(AuditBroken, match="row 6"):
        asyncio.run(restarted.verified(kept))


def test_a_log_that_lost_its_end_takes_nothing_more(log, database):
    behind_its_back(database, "DELETE FROM audit WHERE number = 6")
    with pytest.raises(AuditBroken, match="its last row is 5"):
        asyncio.run(log.begin(ROOT, "suspend", {}, "because"))


def test_it_goes_on_after_a_restart_and_a_hash_of_before_is_still_there(log, database):
    kept = asyncio.run(log.verified())
    restarted = AuditLog(database, lambda: 2)
    asyncio.run(write(restarted, 1))
    assert asyncio.run(restarted.verified(kept)).number == 8


def test_an_empty_log_is_whole(database):
    log = open_operations(database, lambda: 1).audit
    assert asyncio.run(log.verified()) == Head(0, "0" * 64)


def test_many_at_once_are_one_after_the_other(log):
    async def scenario() -> Head:
        await asyncio.gather(*(write(log, 2) for _ in range(10)))
        return await log.verified()

    assert asyncio.run(scenario()).number == 6 + 40


def test_what_was_begun_and_never_concluded_has_no_outcome(log):
    async def scenario():
        await log.begin(ROOT, "publish", {}, "because")
        return await log.actions(limit=2)

    (open_one, before), more = asyncio.run(scenario())
    assert (open_one.asked.action, open_one.outcome) == ("publish", "")
    assert (before.outcome, more) == ("done", True)
