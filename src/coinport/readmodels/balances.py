"""Balances: what each account has of each currency, by the transfers of every event."""

from collections import defaultdict
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, Index, Table, func, select

from coinport.engine.accounting import transfers
from coinport.model.events import (
    Credited,
    Debited,
    DepositAssigned,
    DepositCredited,
    DepositHeld,
    DepositReleased,
    DepositWrittenOff,
    Event,
    OrderCanceled,
    OrderPlaced,
    Traded,
    WithdrawalCanceled,
    WithdrawalFailed,
    WithdrawalRequested,
    WithdrawalSettled,
)
from coinport.model.listings import Listings
from coinport.model.records import Record
from coinport.model.units import CUSTODY_ACCOUNT, FEE_ACCOUNT, AccountId, Amount, CurrencyId
from coinport.readmodels.projection import Handlers, Reader, key, metadata, whole
from coinport.readmodels.upsert import Upsert


class Balance(Struct, frozen=True):
    available: Amount
    frozen: Amount
    """Held for open orders."""
    pending: Amount
    """Held for withdrawals."""
    held: Amount
    """Held back: of deposits that left their chain."""

    @property
    def total(self) -> Amount:
        return Amount(self.available + self.frozen + self.pending + self.held)


# The buckets of `engine.accounting`, in their order.
balances = Table(
    "balances",
    metadata,
    key("account"),
    key("currency"),
    whole("available"),
    whole("frozen"),
    whole("pending"),
    whole("held"),
    sqlite_with_rowid=False,
)
Index("balances_of_currency", balances.c.currency, balances.c.account)

_UPSERT: Final = Upsert(
    balances,
    lambda new: {
        "available": balances.c.available + new.available,
        "frozen": balances.c.frozen + new.frozen,
        "pending": balances.c.pending + new.pending,
        "held": balances.c.held + new.held,
    },
)

_MOVING: Final = (
    *(Traded, OrderPlaced, OrderCanceled, Credited, Debited),
    *(DepositCredited, DepositHeld, DepositReleased, DepositWrittenOff, DepositAssigned),
    *(WithdrawalRequested, WithdrawalCanceled, WithdrawalFailed, WithdrawalSettled),
)
"""The events that have transfers."""


class BalancesProjection:
    def __init__(self, listings: Listings) -> None:
        self._listings = listings
        self._moved: defaultdict[CurrencyId, defaultdict[int, int]]
        self._moved = defaultdict(lambda: defaultdict(int))
        """Into each pocket of each currency."""

    def handlers(self) -> Handlers:
        return dict.fromkeys(_MOVING, self._post)

    def write(self, connection: Connection) -> None:
        rows: dict[tuple[int, CurrencyId], list[int]] = {}
        for currency, moved in self._moved.items():
            for pocket, amount in moved.items():
                account, bucket = divmod(pocket, 4)
                row = rows.setdefault((account, currency), [account, currency, 0, 0, 0, 0])
                row[2 + bucket] += amount
        _UPSERT.write(connection, list(rows.values()))

    def _post(self, record: Record, event: Event) -> None:
        for currency, debit, credit, amount in transfers(event, self._listings):
            moved = self._moved[currency]
            moved[debit] -= amount
            moved[credit] += amount


def balances_of(connection: Connection, account: AccountId) -> dict[CurrencyId, Balance]:
    """Of every currency the account ever had."""
    query = select(balances).where(balances.c.account == account).order_by(balances.c.currency)
    return {row.currency: Balance(*row[2:]) for row in connection.execute(query)}


class Balances:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def of(self, account: AccountId) -> dict[CurrencyId, Balance]:
        """Of every currency the account ever had."""
        return await self._reader.read(lambda connection: balances_of(connection, account))

    async def liabilities(self, currency: CurrencyId) -> list[tuple[AccountId, Amount]]:
        """What is owed to whom: every account that has any of it, and how much in all. Accounts of
        users and, for users yet unknown, the suspense account, in the order of their numbers."""
        return await self._reader.read(lambda connection: liabilities(connection, currency))


def owed(connection: Connection) -> dict[CurrencyId, Amount]:
    """What `liabilities` add up to, of every currency that anybody has any of."""
    columns = balances.c
    total = columns.available + columns.frozen + columns.pending + columns.held
    query = (
        select(columns.currency, func.sum(total))
        .where(columns.account.not_in((FEE_ACCOUNT, CUSTODY_ACCOUNT)), total > 0)
        .group_by(columns.currency)
    )
    return {currency: Amount(int(amount)) for currency, amount in connection.execute(query)}


def liabilities(connection: Connection, currency: CurrencyId) -> list[tuple[AccountId, Amount]]:
    """As `Balances.liabilities`, for who needs the checkpoint of the same moment as well."""
    columns = balances.c
    total = columns.available + columns.frozen + columns.pending + columns.held
    query = (
        select(columns.account, total)
        .where(columns.currency == currency, total > 0)
        .where(columns.account.not_in((FEE_ACCOUNT, CUSTODY_ACCOUNT)))
        .order_by(columns.account)
    )
    return [(account, amount) for account, amount in connection.execute(query)]
