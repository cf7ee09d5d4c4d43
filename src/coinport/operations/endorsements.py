"""Endorsements: the first word of two, where one person's is too little."""

from collections.abc import Callable, Collection

from msgspec import Struct
from sqlalchemy import Connection, delete, insert, select

from coinport.database import Database
from coinport.model.units import AccountId, Sequence, TransferId
from coinport.operations.actors import Actor
from coinport.operations.tables import endorsements


class Endorsement(Struct, frozen=True):
    """The fields are the columns of the table, in their order."""

    transfer: TransferId
    decision: str
    """Just what is to be done ("assign 1000000004"): two persons must have said the same."""
    sequence: Sequence
    """Of the record that had changed the transfer last when it was said."""
    actor: str
    account: AccountId
    """Of an operator; `NOBODY`: it was said on the exchange's machine."""
    note: str
    time_ms: int


class Endorsements:
    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    async def of(self, transfers: Collection[TransferId]) -> list[Endorsement]:
        """The oldest first."""
        query = (
            select(endorsements)
            .where(endorsements.c.transfer.in_(transfers))
            .order_by(endorsements.c.time_ms, endorsements.c.decision)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [Endorsement(*row) for row in rows]

    async def note(
        self, transfer: TransferId, decision: str, sequence: Sequence, actor: Actor, note: str
    ) -> None:
        """In place of whoever has said the same before."""
        same = (endorsements.c.transfer == transfer) & (endorsements.c.decision == decision)
        row = Endorsement(
            transfer, decision, sequence, actor.name, actor.account, note, self._clock()
        )

        def write(connection: Connection) -> None:
            connection.execute(delete(endorsements).where(same))
            values = {name: getattr(row, name) for name in row.__struct_fields__}
            connection.execute(insert(endorsements), values)

        await self._database.write(write)
