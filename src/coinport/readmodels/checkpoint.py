"""The checkpoint: up to which record the rows are made. It moves in the transaction that writes
them, so that no record is lost or counted twice."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, select, update

from coinport.model.records import Record
from coinport.model.units import Sequence, TimeMs
from coinport.readmodels.projection import key, metadata, whole


class Checkpoint(NamedTuple):
    sequence: Sequence
    time: TimeMs
    """Of that record; 0 before the first."""


_NOTHING: Final = Checkpoint(Sequence(0), TimeMs(0))

# One row, made by the migration that makes the table.
checkpoint = Table("checkpoint", metadata, key("sequence"), whole("time_ms"))


def checkpoint_of(connection: Connection) -> Checkpoint:
    """In a transaction that writes, nobody else moves it before the end."""
    row = connection.execute(select(checkpoint).with_for_update()).one()
    return Checkpoint(*row)


def advance(connection: Connection, record: Record) -> None:
    connection.execute(update(checkpoint).values(sequence=record.sequence, time_ms=record.time))


def clear(connection: Connection) -> None:
    """Delete every row of the read models."""
    for table in metadata.tables.values():
        connection.execute(delete(table))
    connection.execute(insert(checkpoint).values(sequence=_NOTHING.sequence, time_ms=_NOTHING.time))
