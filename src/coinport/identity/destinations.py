"""Destinations: where money goes that is on no chain, a bank account for instance. That is
personal: the journal has a name that stands for it."""

import secrets
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from coinport.database import Database
from coinport.identity.tables import destinations
from coinport.model.units import AccountId

PREFIX: Final = "destination:"
"""Of every name: no address on a chain looks like this."""


class Destinations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def name(self, account: AccountId, currency: str, destination: str) -> tuple[str, bool]:
        """What stands for it, the same whenever the same account means the same; and whether it is
        new."""
        mine = select(destinations.c.name).where(
            destinations.c.account == account,
            destinations.c.currency == currency,
            destinations.c.destination == destination,
        )

        def write(connection: Connection) -> tuple[str, bool]:
            known = connection.execute(mine).scalar()
            if known is not None:
                return str(known), False
            name = PREFIX + secrets.token_hex(8)
            row = {"name": name, "account": account, "currency": currency}
            connection.execute(insert(destinations), row | {"destination": destination})
            return name, True

        return await self._database.write(write)

    async def forget(self, name: str) -> None:
        """What is behind `name`, which is in no journal."""
        gone = delete(destinations).where(destinations.c.name == name)
        await self._database.write(lambda connection: connection.execute(gone))

    async def behind(self, addresses: Iterable[str]) -> dict[str, str]:
        """The destination behind each of `addresses` that is a name; the others are left out."""
        names = [address for address in set(addresses) if address.startswith(PREFIX)]
        if not names:
            return {}
        query = select(destinations.c.name, destinations.c.destination).where(
            destinations.c.name.in_(names)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {row.name: row.destination for row in rows}
