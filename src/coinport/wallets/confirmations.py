"""Confirmations: how often the chain has confirmed what stands behind a deposit or a withdrawal."""

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from coinport.database import Database
from coinport.model.units import TransferId
from coinport.wallets.tables import announced, payments, pays, transactions


class Confirmations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, transfers: Collection[TransferId]) -> dict[TransferId, int]:
        """Of those that a chain has shown; 0 while no block has them."""
        if not transfers:
            return {}
        return await self._database.read(lambda connection: _counted(connection, transfers))


def _counted(connection: Connection, transfers: Collection[TransferId]) -> dict[TransferId, int]:
    deposits = (
        select(announced.c.transfer, payments.c.confirmations)
        .join(payments, payments.c.key == announced.c.key)
        .where(announced.c.transfer.in_(transfers))
    )
    withdrawals = (
        select(pays.c.transfer, func.max(transactions.c.confirmations))
        .join(transactions, transactions.c.id == pays.c.transaction)
        .where(pays.c.transfer.in_(transfers))
        .group_by(pays.c.transfer)
    )
    rows = [*connection.execute(deposits), *connection.execute(withdrawals)]
    return {TransferId(transfer): max(count, 0) for transfer, count in rows}
