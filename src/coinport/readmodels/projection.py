"""A projection turns records into rows: it folds a batch in memory, then writes it at once."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol, TypeAlias, TypeVar, get_args

from sqlalchemy import BigInteger, Column, Connection, MetaData
from sqlalchemy.dialects import sqlite

from coinport.model.events import Event
from coinport.model.records import Record

T = TypeVar("T")
Handler: TypeAlias = Callable[[Record, Any], None]
Handlers: TypeAlias = Mapping[type[Event], Handler]

metadata: Final = MetaData()
"""Of all tables of the read models."""

INTEGER_MAX: Final = 2**63 - 1
"""The largest whole number that SQL holds. Volumes of one asset that went to and fro for ever could
exceed it: they stay at this limit."""

WHOLE: Final = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
"""64 bits. SQLite's own name matters: its INTEGER PRIMARY KEY is the row's place in the table."""


class Reader(Protocol):
    async def read(self, query: Callable[[Connection], T]) -> T:
        """What `query` returns on tables that have every record anybody was told of."""


class Projection(Protocol):
    """Made anew for each batch, so a batch that failed leaves nothing behind."""

    def handlers(self) -> Handlers:
        """What to call for each kind of event; it may be called many times before `write`."""

    def write(self, connection: Connection) -> None: ...


def merged(parts: Iterable[Handlers]) -> dict[type[Event], list[Handler]]:
    """For each kind of event all that is to be called, in the order of `parts`."""
    handlers: dict[type[Event], list[Handler]] = {kind: [] for kind in get_args(Event)}
    for part in parts:
        for kind, handler in part.items():
            handlers[kind].append(handler)
    return handlers


def fold(records: Iterable[Record], handlers: Mapping[type[Event], list[Handler]]) -> None:
    for record in records:
        for event in record.events:
            for handle in handlers[type(event)]:
                handle(record, event)


def whole(name: str) -> Column[int]:
    return Column(name, WHOLE, nullable=False)


def key(name: str) -> Column[int]:
    """A part of the primary key; its numbers come from the journal, never from the database."""
    return Column(name, WHOLE, primary_key=True, autoincrement=False)
