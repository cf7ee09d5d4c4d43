"""Accounts: when each was opened, and whether it is suspended. Who that is, `identity` knows."""

from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Table, select

from coinport.model.events import AccountOpened, AccountResumed, AccountSuspended
from coinport.model.records import Record
from coinport.model.units import AccountId, TimeMs
from coinport.readmodels.projection import Handlers, Reader, key, metadata, whole
from coinport.readmodels.upsert import Upsert


class Account(Struct, frozen=True, array_like=True):
    id: AccountId
    opened_ms: TimeMs
    suspended: bool
    changed_ms: TimeMs
    """When it was opened, suspended or resumed last."""


accounts = Table(
    "accounts", metadata, key("id"), whole("opened_ms"), whole("suspended"), whole("changed_ms")
)

_UPSERT: Final = Upsert(
    accounts, lambda new: {"suspended": new.suspended, "changed_ms": new.changed_ms}
)


class AccountsProjection:
    def __init__(self) -> None:
        self._rows: dict[AccountId, list[int]] = {}

    def handlers(self) -> Handlers:
        return {
            AccountOpened: self._opened,
            AccountSuspended: self._suspended,
            AccountResumed: self._resumed,
        }

    def write(self, connection: Connection) -> None:
        _UPSERT.write(connection, list(self._rows.values()))

    def _opened(self, record: Record, event: AccountOpened) -> None:
        self._rows[event.account] = [event.account, record.time, 0, record.time]

    def _suspended(self, record: Record, event: AccountSuspended) -> None:
        self._changed(record, event.account, suspended=1)

    def _resumed(self, record: Record, event: AccountResumed) -> None:
        self._changed(record, event.account, suspended=0)

    def _changed(self, record: Record, account: AccountId, *, suspended: int) -> None:
        row = self._rows.setdefault(account, [account, 0, 0, 0])
        row[2:] = [suspended, record.time]


class Accounts:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def find(self, account: AccountId) -> Account | None:
        query = select(accounts).where(accounts.c.id == account)
        row = await self._reader.read(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else msgspec.convert(tuple(row), Account, strict=False)


class SuspendedAccounts:
    """In memory, because every order asks for them."""

    def __init__(self, connection: Connection) -> None:
        query = select(accounts.c.id).where(accounts.c.suspended == 1)
        self._accounts: set[AccountId] = set(connection.scalars(query))

    def has(self, account: AccountId) -> bool:
        return account in self._accounts

    def handlers(self) -> Handlers:
        return {
            AccountSuspended: lambda _, event: self._accounts.add(event.account),
            AccountResumed: lambda _, event: self._accounts.discard(event.account),
        }
