"""Progress: how far the chain is with a deposit or a withdrawal, for whoever shows it."""

from collections.abc import Collection

from msgspec import Struct
from sqlalchemy import Connection, select

from coinport.model.units import TransferId
from coinport.wallets.tables import Stage, announced, payments, pays, transactions


class Progress(Struct, frozen=True):
    txid: str
    confirmations: int
    """0: in no block; -1: not known to the node (any more)."""
    memo: str = ""
    """That a deposit was sent with."""


def progress(
    connection: Connection, transfers: Collection[TransferId]
) -> dict[TransferId, Progress]:
    """Of those that a chain knows about; of a withdrawal from the moment that it is signed."""
    paid = (
        select(pays.c.transfer, transactions.c.txid, transactions.c.confirmations)
        .join(transactions, transactions.c.id == pays.c.transaction)
        .where(
            pays.c.transfer.in_(transfers),
            transactions.c.stage != Stage.DEAD,
            transactions.c.txid != "",
        )
    )
    came = (
        select(announced.c.transfer, payments.c.txid, payments.c.confirmations, payments.c.memo)
        .join(payments, payments.c.key == announced.c.key)
        .where(announced.c.transfer.in_(transfers))
    )
    return {
        row.transfer: Progress(*row[1:])
        for query in (paid, came)
        for row in connection.execute(query)
    }
