"""Databases as they are at first, and as surroundings make them fail."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from coinport.database import Database, migrate
from coinport.readmodels.projector import MIGRATIONS


def empty_readmodels(directory: Path) -> Path:
    """A file as the migrations make it, to be copied: they take longer."""
    file = directory / "empty.db"
    database = Database(f"sqlite:///{file}", synchronous="NORMAL")
    migrate(database, MIGRATIONS)
    database.dispose()
    return file


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """What `database` still does on a disk that is full, or was mounted anew after a fault."""
    setting = "ON"

    @event.listens_for(database.engine, "checkout")
    def prepare(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA query_only = {setting}").close()

    yield
    setting = "OFF"


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another process writes to the SQLite database `file` and does not come to an end."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.close()
