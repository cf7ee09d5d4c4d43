"""Operators: people who may use the console. The role is granted and revoked from the machine of
the exchange only, never from the console."""

from collections.abc import Callable

from msgspec import Struct
from sqlalchemy import Connection, delete, insert, select

from coinport.database import Database
from coinport.identity.tables import one_time_codes, operators, people
from coinport.model.units import AccountId


class Operator(Struct, frozen=True):
    account: AccountId
    email: str
    one_time_codes: bool
    """Without them the role permits nothing."""
    since_ms: int
    granted_by: str


class Operators:
    """Nothing is remembered in memory: a role that is revoked ends with the next request."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    async def has(self, account: AccountId) -> bool:
        query = select(operators.c.account).where(operators.c.account == account)
        return await self._database.read(
            lambda connection: connection.execute(query).first() is not None
        )

    async def grant(self, account: AccountId, granted_by: str) -> bool:
        """False where the account has the role already."""
        mine = select(operators.c.account).where(operators.c.account == account)
        row = {"account": account, "since_ms": self._clock(), "granted_by": granted_by}

        def write(connection: Connection) -> bool:
            if connection.execute(mine).first() is not None:
                return False
            connection.execute(insert(operators), row)
            return True

        return await self._database.write(write)

    async def revoke(self, account: AccountId) -> bool:
        """False where the account does not have the role."""
        removal = delete(operators).where(operators.c.account == account)
        return bool(await self._database.write(lambda on: on.execute(removal).rowcount))

    async def all(self) -> list[Operator]:
        query = (
            select(
                operators.c.account,
                people.c.email,
                one_time_codes.c.bound.is_(True),
                operators.c.since_ms,
                operators.c.granted_by,
            )
            .join(people, people.c.account == operators.c.account)
            .outerjoin(one_time_codes, one_time_codes.c.account == operators.c.account)
            .order_by(operators.c.account)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [Operator(*row) for row in rows]
