"""Moves of money by hand that have a key: what tells a repetition from another move with that key.

The engine remembers keys alone, for it has nothing to do but refuse them."""

from hashlib import blake2b
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Column, Connection, String, Table, select

from coinport.model.commands import Credit, Debit
from coinport.model.events import Credited, Debited
from coinport.model.records import Record, encode_command
from coinport.readmodels.projection import Handlers, Reader, metadata
from coinport.readmodels.upsert import Upsert

moves = Table("moves", metadata, Column("digest", String(64), primary_key=True))

_INSERT: Final = Upsert(moves)


class MovesProjection:
    def __init__(self) -> None:
        self._rows: list[list[str]] = []

    def handlers(self) -> Handlers:
        return {Credited: self._moved, Debited: self._moved}

    def write(self, connection: Connection) -> None:
        _INSERT.write(connection, self._rows)

    def _moved(self, record: Record, event: Credited | Debited) -> None:
        command = record.command
        assert isinstance(command, Credit | Debit)
        if command.key:
            self._rows.append([_digest(command)])


class Moves:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def made(self, command: Credit | Debit) -> bool:
        """Whether this very move was made: all is the same but for the actor, who may be another.

        False also for one that was made before there was this table, until a rebuild."""
        query = select(moves).where(moves.c.digest == _digest(command))
        return await self._reader.read(
            lambda connection: connection.execute(query).first() is not None
        )


def _digest(command: Credit | Debit) -> str:
    return blake2b(encode_command(replace(command, actor="")), digest_size=32).hexdigest()
