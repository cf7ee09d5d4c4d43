"""Endorsements: the first word of two, where a withdrawal is too large for one person."""

from collections.abc import Callable, Collection

from msgspec import Struct
from sqlalchemy import Connection, insert, select

from coinport.database import Database
from coinport.model.units import TransferId
from coinport.operations.tables import endorsements


class Endorsement(Struct, frozen=True):
    transfer: TransferId
    actor: str
    note: str
    time_ms: int


class Endorsements:
    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    async def of(self, transfers: Collection[TransferId]) -> dict[TransferId, Endorsement]:
        query = select(endorsements).where(endorsements.c.transfer.in_(transfers))
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {row.transfer: Endorsement(*row) for row in rows}

    async def first(self, transfer: TransferId, actor: str, note: str) -> Endorsement | None:
        """The one that there was before; None: this is the first, and it is noted now."""
        known = select(endorsements).where(endorsements.c.transfer == transfer)
        row = {"transfer": transfer, "actor": actor, "note": note, "time_ms": self._clock()}

        def write(connection: Connection) -> Endorsement | None:
            found = connection.execute(known).first()
            if found is not None:
                return Endorsement(*found)
            connection.execute(insert(endorsements), row)
            return None

        return await self._database.write(write)
