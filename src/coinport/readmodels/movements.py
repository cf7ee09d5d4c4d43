"""Movements: what an account's total of a currency changed by other than trades. With the trades
they are its statement; see `statement`."""

from typing import Final

from sqlalchemy import Connection, Index, Table, func, select

from coinport.model.events import (
    Credited,
    Debited,
    DepositAssigned,
    DepositCredited,
    DepositWrittenOff,
    Traded,
    WithdrawalSettled,
)
from coinport.model.records import Record
from coinport.readmodels.projection import Handlers, key, metadata, whole
from coinport.readmodels.trades import trades
from coinport.readmodels.upsert import Upsert

CREDIT: Final = 1
DEBIT: Final = 2
DEPOSIT: Final = 3
WRITTEN_OFF: Final = 4
"""A deposit that left its chain for good."""
WITHDRAWAL: Final = 5

movements = Table(
    "movements",
    metadata,
    key("sequence"),
    whole("time_ms"),
    whole("account"),
    whole("currency"),
    whole("kind"),
    whole("change"),
    whole("fee"),
    whole("transfer"),
    whole("after_trade"),
)
"""`change` is what the total grew by, below 0 where it shrank; the `fee` of a withdrawal is part of
it. `transfer` is 0 for a credit or a debit. `after_trade` is the newest trade there was: it places
a movement among trades, which do not know the sequence of their record."""
Index(
    "movements_of_account",
    movements.c.account,
    movements.c.currency,
    movements.c.after_trade,
    movements.c.sequence,
)

_INSERT: Final = Upsert(movements)


class MovementsProjection:
    """To be written before the trades of the same batch."""

    def __init__(self) -> None:
        self._rows: list[list[int]] = []
        self._trade = 0
        """The newest of this batch; 0 before the first."""

    def handlers(self) -> Handlers:
        return {
            Traded: self._traded,
            Credited: lambda record, event: self._moved(record, event, CREDIT, event.amount),
            Debited: lambda record, event: self._moved(record, event, DEBIT, -event.amount),
            DepositCredited: self._deposited,
            DepositAssigned: self._deposited,
            DepositWrittenOff: self._written_off,
            WithdrawalSettled: self._settled,
        }

    def write(self, connection: Connection) -> None:
        if not self._rows:
            return
        before = connection.execute(select(func.coalesce(func.max(trades.c.id), 0))).scalar_one()
        for row in self._rows:
            row[-1] = row[-1] or before
        _INSERT.write(connection, self._rows)

    def _traded(self, _record: Record, event: Traded) -> None:
        self._trade = event.trade

    def _deposited(self, record: Record, event: DepositCredited | DepositAssigned) -> None:
        self._moved(record, event, DEPOSIT, event.amount, transfer=event.transfer)

    def _written_off(self, record: Record, event: DepositWrittenOff) -> None:
        self._moved(record, event, WRITTEN_OFF, -event.amount, transfer=event.transfer)

    def _settled(self, record: Record, event: WithdrawalSettled) -> None:
        paid = -event.amount
        self._moved(record, event, WITHDRAWAL, paid, fee=event.fee, transfer=event.transfer)

    def _moved(
        self,
        record: Record,
        event: Credited | Debited | DepositCredited | DepositAssigned | DepositWrittenOff
        | WithdrawalSettled,
        kind: int,
        change: int,
        *,
        fee: int = 0,
        transfer: int = 0,
    ) -> None:  # fmt: skip
        if change:
            owner = (record.sequence, record.time, event.account, event.currency)
            self._rows.append([*owner, kind, change, fee, transfer, self._trade])
