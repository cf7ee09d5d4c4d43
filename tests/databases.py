"""Databases that fail in the ways that surroundings make them fail."""

from collections.abc import Iterator
from contextlib import contextmanager
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
