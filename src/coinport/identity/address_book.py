"""Address books: where an account withdraws to. Who takes over an account that uses its book only
has to wait, and its owner has time to notice."""

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, Row, delete, func, insert, select

from coinport.database import Database
from coinport.identity.errors import TooManyEntries
from coinport.identity.names import valid_name
from coinport.identity.tables import address_book, book_only, people
from coinport.model.units import AccountId

ENTRIES_MAX: Final = 100
"""Of one account."""


class Entry(Struct, frozen=True):
    id: int
    currency: str
    address: str
    memo: str
    label: str
    created_ms: int


class AddressBook:
    def __init__(self, database: Database, clock: Callable[[], int], *, cool_down_ms: int) -> None:
        """`cool_down_ms`: after it a new entry counts, and a book is no longer the only one."""
        self._database = database
        self._clock = clock
        self.cool_down_ms = cool_down_ms

    async def of(self, account: AccountId) -> list[Entry]:
        """The oldest first."""
        query = select(address_book).where(address_book.c.account == account)
        rows = await self._read(query.order_by(address_book.c.id))
        return [_entry(row) for row in rows]

    async def add(
        self, account: AccountId, currency: str, address: str, memo: str, label: str
    ) -> Entry:
        """An address that is there already stays as it is. Raises InvalidField, TooManyEntries."""
        values = {
            "account": account,
            "currency": currency,
            "address": address,
            "memo": memo,
            "label": valid_name(label),
            "created_ms": self._clock(),
        }
        same = select(address_book).where(
            address_book.c.account == account,
            address_book.c.currency == currency,
            address_book.c.address == address,
            address_book.c.memo == memo,
        )
        count = select(func.count()).where(address_book.c.account == account)

        def write(connection: Connection) -> Entry:
            # One at a time for each account, also where the database has several writers.
            one = select(people.c.account).where(people.c.account == account)
            connection.execute(one.with_for_update())
            if (known := connection.execute(same).first()) is not None:
                return _entry(known)
            if connection.execute(count).scalar_one() >= ENTRIES_MAX:
                raise TooManyEntries
            connection.execute(insert(address_book), values)
            return _entry(connection.execute(same).one())

        return await self._database.write(write)

    async def remove(self, account: AccountId, entry: int) -> bool:
        """False: there is none such."""
        which = delete(address_book).where(
            address_book.c.account == account, address_book.c.id == entry
        )
        return await self._database.write(lambda on: on.execute(which).rowcount == 1)

    async def only(self, account: AccountId) -> bool:
        """Whether the account withdraws to its book only."""
        rows = await self._read(select(book_only).where(book_only.c.account == account))
        return any(row.ends_ms is None or row.ends_ms > self._clock() for row in rows)

    async def use_only(self, account: AccountId, *, enabled: bool) -> None:
        """From now on; or, where it is switched off, no more after the cool-down."""
        ends_ms = None if enabled else self._clock() + self.cool_down_ms
        mine = book_only.c.account == account

        def write(connection: Connection) -> None:
            before = connection.execute(select(book_only).where(mine)).first()
            if before is None and not enabled:
                return
            if before is not None and not enabled and before.ends_ms is not None:
                return  # it ends already
            connection.execute(delete(book_only).where(mine))
            connection.execute(insert(book_only), {"account": account, "ends_ms": ends_ms})

        await self._database.write(write)

    async def permits(self, account: AccountId, currency: str, address: str, memo: str) -> bool:
        """Whether a withdrawal may go there."""
        if not await self.only(account):
            return True
        return any(
            (entry.currency, entry.address, entry.memo) == (currency, address, memo)
            and entry.created_ms + self.cool_down_ms <= self._clock()
            for entry in await self.of(account)
        )

    async def _read(self, query: Any) -> list[Row[Any]]:
        return list(await self._database.read(lambda on: on.execute(query).all()))


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.id, row.currency, row.address, row.memo, row.label, row.created_ms)
