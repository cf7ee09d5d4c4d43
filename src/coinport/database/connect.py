"""A database by URL: SQLite by default, PostgreSQL where its driver is installed."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, TypeVar

import structlog
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from coinport.database.pool import BoundedPool, Busy

T = TypeVar("T")
Synchronous = Literal["FULL", "NORMAL"]

READERS: Final = 4
QUEUE_MAX: Final = 1_000
"""Waiting reads, and waiting writes; one more raises `Busy`."""
BUSY_TIMEOUT_MS: Final = 5_000
"""How long a writer waits for another process to finish its transaction."""
CHECKPOINT_PAGES: Final = 300
"""SQLite's log of a `NORMAL` database goes into its file when it has so many pages. Both are synced
then, and who else writes to the disk waits for all of it: a journal that the tables follow, and
with it orders. SQLite's own 1,000 are a sixth less to write and a longer wait (see
docs/benchmarks.md)."""

_PRIMARY: Final = 0xFF
"""What an extended result code of SQLite is about."""

_log = structlog.get_logger(__name__)


class DatabaseUnusable(Exception):
    """The URL, its driver or the state of the database; the message says which, and the remedy."""


class DatabaseUnavailable(Busy):
    """It cannot be read or written just now: its disk is full, another process holds its lock, its
    server is away. Whatever was begun is undone, unless the connection was lost in a commit."""


class Database:
    """`read` and `write` run a function in a transaction, in a thread of a bounded pool.

    A write commits when the function returns and is rolled back when it raises. On SQLite writes go
    one after the other, each holding the write lock from its beginning. `synchronous` says what a
    commit on SQLite survives: NORMAL loses the last ones in a power cut, so it is only for what can
    be rebuilt. Errors do not repeat the parameters of a statement: they may be personal.
    """

    def __init__(self, url: str, *, synchronous: Synchronous = "FULL") -> None:
        """Raises DatabaseUnusable. Connects only when it is first used."""
        parsed = _parsed(url)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        self.engine = _sqlite(parsed, synchronous) if self.sqlite else _postgresql(parsed)
        self.synchronous = synchronous
        self._writing = self.engine.execution_options(coinport_write=True)
        self._readers = BoundedPool("database-read", READERS, QUEUE_MAX)
        self._writers = BoundedPool("database-write", 1 if self.sqlite else READERS, QUEUE_MAX)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Raises Busy, which DatabaseUnavailable is too, or DatabaseUnusable."""
        return await self._readers.run(lambda: self._transaction(self.engine, work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Raises Busy, before anything happened, DatabaseUnavailable or DatabaseUnusable."""
        return await self._writers.run(lambda: self.write_now(work))

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """`write` in the thread of the caller, for a start-up that has no event loop yet."""
        return self._transaction(self._writing, work)

    def dispose(self) -> None:
        """Finish what was begun, then close every connection."""
        self._readers.close()
        self._writers.close()
        self.engine.dispose()

    def _transaction(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        try:
            with engine.begin() as connection:
                return work(connection)
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
                raise  # a mistake of ours in a statement
            url = engine.url.render_as_string()
            _log.error("database unavailable", database=url, error=str(error.orig))
            raise DatabaseUnavailable(f"{url}: {error.orig}") from error
        except DatabaseError as error:
            code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_OK)
            if code & _PRIMARY not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise
            raise DatabaseUnusable(
                f"{engine.url.database}: {error.orig}: {self._remedy}"
            ) from error

    @property
    def _remedy(self) -> str:
        """Of a file that is damaged, or none of SQLite's."""
        if self.synchronous == "FULL":
            return "put a copy of it back, without the -wal and -shm files beside it"
        return (
            "remove it and the -wal and -shm files beside it: it is made anew from the journal at "
            "the next start"
        )


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The text may hold a password, so it is not repeated.
        raise DatabaseUnusable("the database URL cannot be read: use sqlite:///FILE") from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise DatabaseUnusable(
            f"{parsed.render_as_string()}: use sqlite:///FILE or postgresql://USER@HOST/NAME"
        )
    return parsed


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(url, hide_parameters=True)
    except ModuleNotFoundError as missing:
        raise DatabaseUnusable(
            f"{url.render_as_string()}: the driver {missing.name} is not installed: "
            "pip install 'psycopg[binary]'"
        ) from missing


def _sqlite(url: URL, synchronous: Synchronous) -> Engine:
    if url.database in (None, "", ":memory:") or url.query:
        raise DatabaseUnusable(f"{url}: name a file: sqlite:///FILE, without parameters")
    # Personal data: for the owner only; SQLite gives its -wal and -shm files the same mode.
    Path(url.database).touch(mode=0o600)
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _record: object) -> None:
        # sqlite3 must not begin transactions by itself: `begin` below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        if cursor.fetchone() != ("wal",):
            raise DatabaseUnusable(f"{url.database}: SQLite cannot use WAL here: use a local disk")
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
        if synchronous == "NORMAL":
            cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        cursor.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone stops at the drive's cache
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A write that begins as a read could fail when it wants the lock; IMMEDIATE waits for it.
        write = connection.get_execution_options().get("coinport_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
