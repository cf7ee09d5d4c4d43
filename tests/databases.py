"""Databases that fail in the ways that surroundings make them fail."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from coinport.database import Database


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
