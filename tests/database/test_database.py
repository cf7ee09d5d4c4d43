import asyncio
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from structlog.testing import capture_logs

from coinport.database import BoundedPool, Busy, Database, DatabaseUnavailable, DatabaseUnusable
from tests.databases import read_only

NUMBERS = Table("numbers", MetaData(), Column("number", Integer, primary_key=True))


@pytest.fixture
def database(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path}/some.db")
    database.write_now(NUMBERS.metadata.create_all)
    yield database
    database.dispose()


def pragmas(database: Database, name: str) -> set[object]:
    """The value on each of as many connections as the pool gives at once."""
    connections = [database.engine.connect() for _ in range(8)]
    values = {connection.scalar(text(f"PRAGMA {name}")) for connection in connections}
    for connection in connections:
        connection.close()
    return values


def test_every_connection_is_durable_strict_and_patient(database):
    assert pragmas(database, "synchronous") == {2}  # FULL
    assert pragmas(database, "journal_mode") == {"wal"}
    assert pragmas(database, "foreign_keys") == {1}
    assert pragmas(database, "busy_timeout") == {5000}


def test_only_who_asks_for_it_gets_a_commit_that_a_power_cut_can_lose(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/rebuildable.db", synchronous="NORMAL")
    assert pragmas(database, "synchronous") == {1}
    database.dispose()


def test_what_can_be_rebuilt_is_synced_in_small_portions(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/rebuildable.db", synchronous="NORMAL")
    assert pragmas(database, "wal_autocheckpoint") == {300}
    database.dispose()


def test_a_write_is_there_for_the_next_read(database):
    async def scenario():
        await database.write(lambda c: c.execute(insert(NUMBERS), [{"number": 1}, {"number": 2}]))
        return await database.read(lambda c: c.scalars(select(NUMBERS.c.number)).all())

    assert asyncio.run(scenario()) == [1, 2]


def test_a_write_that_raises_leaves_nothing(database):
    def twice(connection):
        connection.execute(insert(NUMBERS), {"number": 1})
        connection.execute(insert(NUMBERS), {"number": 1})

    async def scenario():
        with pytest.raises(IntegrityError):
            await database.write(twice)
        return await database.read(lambda c: c.scalars(select(NUMBERS)).all())

    assert asyncio.run(scenario()) == []


def test_writers_that_read_first_wait_for_each_other_and_lose_nothing(database, tmp_path):
    """Two processes, so to say: a deferred transaction would fail here with "locked"."""
    other = Database(f"sqlite:///{tmp_path}/some.db")

    def next_number(connection):
        last = connection.scalar(select(text("max(number)")).select_from(NUMBERS)) or 0
        connection.execute(insert(NUMBERS), {"number": last + 1})

    async def scenario():
        writes = [each.write(next_number) for each in (database, other) for _ in range(20)]
        await asyncio.gather(*writes)
        return await other.read(lambda c: c.scalars(select(NUMBERS)).all())

    assert asyncio.run(scenario()) == list(range(1, 41))
    other.dispose()


def test_a_disk_that_cannot_be_written_is_not_our_mistake_and_is_logged(database, tmp_path):
    def insert_one(connection):
        connection.execute(insert(NUMBERS), {"number": 1})

    with read_only(database), capture_logs() as logs:
        with pytest.raises(DatabaseUnavailable, match=r"some\.db: attempt to write a readonly"):
            asyncio.run(database.write(insert_one))
        assert asyncio.run(database.read(lambda c: c.scalars(select(NUMBERS)).all())) == []
    assert [log["database"] for log in logs] == [f"sqlite:///{tmp_path}/some.db"]
    asyncio.run(database.write(insert_one))


def test_a_wrong_statement_is_our_mistake(database):
    with pytest.raises(OperationalError, match="no such table"):
        asyncio.run(database.read(lambda c: c.execute(text("SELECT * FROM nowhere"))))


def test_a_schema_change_that_fails_is_undone(database):
    def half(connection):
        connection.execute(text("CREATE TABLE half (x)"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.write_now(half)
    assert not database.write_now(lambda c: c.dialect.has_table(c, "half"))


def test_the_file_and_its_companions_are_for_the_owner_only(database, tmp_path):
    database.write_now(lambda c: c.execute(insert(NUMBERS), {"number": 1}))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"some.db": 0o600, "some.db-wal": 0o600, "some.db-shm": 0o600}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///x.db?mode=ro"])
def test_sqlite_needs_a_plain_file(url):
    with pytest.raises(DatabaseUnusable, match="name a file"):
        Database(url)


def test_other_databases_are_refused_without_printing_the_password():
    with pytest.raises(DatabaseUnusable, match="postgresql://USER@HOST/NAME") as refused:
        Database("mysql://me:hunter2@host/name")
    assert "hunter2" not in str(refused.value)
    with pytest.raises(DatabaseUnusable, match="cannot be read") as refused:
        Database("me:hunter2@host")
    assert "hunter2" not in str(refused.value)


def test_postgresql_without_its_driver_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(DatabaseUnusable, match=r"pip install 'psycopg\[binary\]'") as refused:
        Database("postgresql://me:hunter2@host/name")
    assert "hunter2" not in str(refused.value)


def test_a_full_queue_is_refused_and_has_room_again_later():
    gate = threading.Event()
    pool = BoundedPool("test", threads=1, queue_max=2)

    async def scenario():
        accepted = [asyncio.ensure_future(pool.run(gate.wait)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await pool.run(gate.wait)
        gate.set()
        assert await asyncio.gather(*accepted) == [True] * 3
        assert await pool.run(lambda: "room") == "room"

    asyncio.run(scenario())
    pool.close()


def test_a_caller_that_gave_up_gives_its_place_back():
    gate = threading.Event()
    pool = BoundedPool("test", threads=1, queue_max=1)

    async def scenario():
        running = asyncio.ensure_future(pool.run(gate.wait))
        await asyncio.sleep(0)
        for _ in range(5):
            waiting = asyncio.ensure_future(pool.run(gate.wait))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.sleep(0)
        gate.set()
        await running

    asyncio.run(scenario())
    pool.close()


@pytest.mark.parametrize(
    ("synchronous", "remedy"), [("FULL", "put a copy of it back"), ("NORMAL", "made anew")]
)
def test_a_file_that_is_none_of_sqlite_is_named_with_the_remedy(
    tmp_path: Path, synchronous: Any, remedy: str
) -> None:
    file = tmp_path / "garbage.db"
    file.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(DatabaseUnusable, match=f"{file}: file is not a database: .*{remedy}"):
        Database(f"sqlite:///{file}", synchronous=synchronous).write_now(lambda _: None)


def test_a_file_that_was_damaged_inside_is_named_with_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "damaged.db"
    database = Database(f"sqlite:///{file}")
    database.write_now(lambda on: on.exec_driver_sql("CREATE TABLE a (b)"))
    rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 1000) " + (
        "INSERT INTO a SELECT hex(randomblob(100)) FROM n"
    )
    database.write_now(lambda on: on.exec_driver_sql(rows))
    database.dispose()
    pages = bytearray(file.read_bytes())
    pages[4096:] = b"\xff" * (len(pages) - 4096)
    file.write_bytes(pages)
    with pytest.raises(DatabaseUnusable, match=f"{file}: .* malformed: put a copy"):
        Database(f"sqlite:///{file}").write_now(
            lambda on: on.exec_driver_sql("SELECT sum(length(b)) FROM a").all()
        )
