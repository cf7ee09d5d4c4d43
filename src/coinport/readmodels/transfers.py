"""Transfers: deposits and withdrawals, how far each is, and where it came from or goes to."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Connection, Index, Select, Table, Text, and_, not_, or_, select, text

from coinport.model.transfers import TransferKind, TransferStatus
from coinport.model.units import (
    SUSPENSE_ACCOUNT,
    AccountId,
    Amount,
    CurrencyId,
    Sequence,
    TimeMs,
    TransferId,
)
from coinport.readmodels.paging import Page, below, known, page
from coinport.readmodels.projection import Reader, key, metadata, whole


class Transfer(Struct, frozen=True, array_like=True):
    """The fields are the columns of the table, in their order."""

    id: TransferId
    kind: TransferKind
    account: AccountId
    """`SUSPENSE_ACCOUNT`: nobody knows yet whose it is."""
    currency: CurrencyId
    amount: Amount
    fee: Amount
    """Part of `amount`; 0 for a deposit."""
    status: TransferStatus
    address: str
    memo: str
    key: str
    """Of a deposit, as it was announced; empty for a withdrawal."""
    txid: str
    """Of the transaction that brought it or pays it; empty where there is none (yet)."""
    held: Amount
    """Of a deposit that left its chain: what is held back of it or, once it has failed, what was
    written off."""
    note: str
    """Why it failed, or is held; else empty."""
    created_ms: TimeMs
    updated_ms: TimeMs
    sequence: Sequence
    """Of the record that changed it last."""
    booked: Sequence
    """Of the record by which the exchange owes more or less: it was credited, or settled. 0: not
    yet, or never."""


def _words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


transfers = Table(
    "transfers",
    metadata,
    key("id"),
    whole("kind"),
    whole("account"),
    whole("currency"),
    whole("amount"),
    whole("fee"),
    whole("status"),
    _words("address"),
    _words("memo"),
    _words("key"),
    _words("txid"),
    whole("held"),
    _words("note"),
    whole("created_ms"),
    whole("updated_ms"),
    whole("sequence"),
    whole("booked"),
)
Index("transfers_of_account", transfers.c.account, transfers.c.kind, transfers.c.id)
Index("transfers_with_status", transfers.c.kind, transfers.c.status, transfers.c.id)
# As text, because an index on some rows serves only a query that says the same words.
BOOKED: Final = text("booked > 0")
WRITTEN_OFF: Final = text("booked > 0 AND status = 5")
Index(
    "booked_transfers",
    transfers.c.currency,
    transfers.c.booked,
    sqlite_where=BOOKED,
    postgresql_where=BOOKED,
)
Index(
    "written_off_transfers",
    transfers.c.currency,
    transfers.c.sequence,
    sqlite_where=WRITTEN_OFF,
    postgresql_where=WRITTEN_OFF,
)


class Transfers:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def of(
        self,
        account: AccountId,
        kind: TransferKind,
        *,
        currency: CurrencyId | None = None,
        cursor: int | None = None,
        limit: int,
    ) -> Page[Transfer]:
        """Newest first."""
        query = _newest_first(cursor, limit).where(
            transfers.c.account == account, transfers.c.kind == kind
        )
        if currency is not None:
            query = query.where(transfers.c.currency == currency)
        return page(await self._rows(query), limit)

    async def by_id(
        self, account: AccountId, kind: TransferKind, ids: Iterable[int]
    ) -> list[Transfer]:
        """Newest first. Unknown ones, those of others and of the other kind are left out."""
        query = select(transfers).where(
            transfers.c.id.in_(known(ids)),
            transfers.c.account == account,
            transfers.c.kind == kind,
        )
        return await self._rows(query.order_by(transfers.c.id.desc()))

    async def find(self, id: int) -> Transfer | None:
        """Whosesoever it is, and of whichever kind."""
        rows = await self._rows(select(transfers).where(transfers.c.id.in_(known([id]))))
        return rows[0] if rows else None

    async def with_status(
        self,
        kind: TransferKind,
        *statuses: TransferStatus,
        account: AccountId | None = None,
        currency: CurrencyId | None = None,
        booked: bool | None = None,
        suspense: bool | None = None,
        cursor: int | None = None,
        limit: int,
    ) -> Page[Transfer]:
        """Newest first; of all accounts and currencies, where none is named. `booked`: whether the
        exchange owes more or less by it. `suspense`: of nobody knows whom only, or all but those
        that were credited to nobody knows whom.
        """
        query = _newest_first(cursor, limit).where(
            transfers.c.kind == kind, transfers.c.status.in_(statuses)
        )
        if account is not None:
            query = query.where(transfers.c.account == account)
        if currency is not None:
            query = query.where(transfers.c.currency == currency)
        if booked is not None:
            query = query.where(transfers.c.booked > 0 if booked else transfers.c.booked == 0)
        if suspense is not None:
            # The status once only: SQLite would read all that has it, and not those of the account.
            nobodys = transfers.c.account == SUSPENSE_ACCOUNT
            credited = transfers.c.status == TransferStatus.SUCCEEDED
            query = query.where(nobodys if suspense else not_(and_(credited, nobodys)))
        return page(await self._rows(query), limit)

    async def booked(
        self, currency: CurrencyId, after: Sequence, until: Sequence
    ) -> list[Transfer]:
        """Credited or settled by a record after `after`, at the latest `until`; in that order, and
        as they are now: a deposit may have left its chain since."""
        return await self._rows(_between(currency, transfers.c.booked, after, until).where(BOOKED))

    async def written_off(
        self, currency: CurrencyId, after: Sequence, until: Sequence
    ) -> list[Transfer]:
        """Likewise, deposits that were credited, left their chain and were given up: `held` is what
        the exchange owes less since."""
        query = _between(currency, transfers.c.sequence, after, until)
        return await self._rows(query.where(WRITTEN_OFF))

    async def _rows(self, query: Select[Any]) -> list[Transfer]:
        rows = await self._reader.read(lambda connection: connection.execute(query).all())
        return [msgspec.convert(tuple(row), Transfer) for row in rows]


def open_withdrawals(
    connection: Connection, ids: Iterable[TransferId], at: Sequence
) -> set[TransferId]:
    """Which of these were still to be paid after the record `at`, which the tables must have."""
    query = select(transfers.c.id).where(
        transfers.c.id.in_(known(ids)),
        transfers.c.kind == TransferKind.WITHDRAWAL,
        or_(transfers.c.status < TransferStatus.CANCELED, transfers.c.sequence > at),
    )
    return set(connection.scalars(query))


def _newest_first(cursor: int | None, limit: int) -> Select[Any]:
    return (
        select(transfers)
        .where(transfers.c.id < below(cursor))
        .order_by(transfers.c.id.desc())
        .limit(limit + 1)
    )


def _between(
    currency: CurrencyId, column: Column[Any], after: Sequence, until: Sequence
) -> Select[Any]:
    return (
        select(transfers)
        .where(transfers.c.currency == currency, column > after, column <= until)
        .order_by(column)
    )
