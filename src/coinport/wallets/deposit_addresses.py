"""Deposit addresses: one for each account and currency, the same whenever it is asked for, also by
an exchange that has lost its database. What is kept is who has asked, and what nodes know of."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from coinport.database import Database
from coinport.model.units import AccountId, TimeMs
from coinport.wallets.purses import Derived, Purse, number_of
from coinport.wallets.tables import addresses, coins

WATCHED_AT_ONCE: Final = 1_000
"""Addresses in one call of a node."""


class NoAddresses(Exception):
    """This exchange has no chain of this currency."""


class DepositAddress(Struct, frozen=True):
    currency: str
    address: str
    memo: str
    """Must be said with a payment where it is not empty: users share the address."""
    created_ms: TimeMs
    simulated: bool
    """Play money: to be said wherever the address is shown."""


class DepositAddresses:
    def __init__(
        self, database: Database, purses: Mapping[str, Purse], clock: Callable[[], TimeMs]
    ) -> None:
        """`purses`: by currency."""
        self._database = database
        self._purses = purses
        self._clock = clock
        self._own = {
            address
            for purse in purses.values()
            for address in (*purse.sources, purse.cold)
            if address
        }

    async def create(self, account: AccountId, currency: str) -> DepositAddress:
        """That of the account; a new one if it has none, which is watched before anybody sees it.

        Raises NoAddresses, ChainUnavailable.
        """
        if currency not in self._purses:
            raise NoAddresses(f"there is no chain of {currency} here")
        chain = self._purses[currency].chain
        query = select(addresses).where(_of(account, currency))
        row = await self._database.read(lambda on: on.execute(query).first())
        if row is None:
            row = await self._database.write(lambda on: self._saved(on, account, currency))
        if not row.watched:
            await chain.watch([row.address])
            await self._watched(_of(account, currency))
        return self._shown(row)

    async def of(self, account: AccountId) -> list[DepositAddress]:
        """All that the account has."""
        mine = and_(addresses.c.account == account, addresses.c.watched)
        query = select(addresses).where(mine).order_by(addresses.c.created_ms)
        rows = await self._database.read(lambda on: on.execute(query).all())
        return [self._shown(row) for row in rows if row.currency in self._purses]

    async def given_out(self, since: TimeMs) -> list[DepositAddress]:
        """All that were made then or later, for whomever."""
        query = select(addresses).where(addresses.c.watched, addresses.c.created_ms >= since)
        rows = await self._database.read(lambda on: on.execute(query).all())
        return [self._shown(row) for row in rows if row.currency in self._purses]

    async def is_own(self, address: str) -> bool:
        """Whether it is one of this exchange, of any currency: nothing is withdrawn to those."""
        if address in self._own:
            return True
        query = select(addresses.c.account).where(addresses.c.address == address).limit(1)
        return await self._database.read(lambda on: on.execute(query).first()) is not None

    async def watch(self, currency: str, *, rescan: bool = False) -> None:
        """Tell the node of all addresses: at every start, since it may be a new one. `rescan`: it
        may have missed payments (slow). Raises ChainUnavailable."""
        purse = self._purses[currency]
        query = select(addresses.c.address).where(addresses.c.currency == currency)
        known = await self._database.read(lambda on: on.scalars(query).all())
        own = [*purse.sources, *filter(None, [purse.cold])]
        wanted = list(dict.fromkeys([*own, *known]))
        for start in range(0, len(wanted), WATCHED_AT_ONCE):
            some = wanted[start : start + WATCHED_AT_ONCE]
            await purse.chain.watch(some, rescan=rescan and some[-1] == wanted[-1])
            # Not all of the currency: meanwhile somebody may have got one that no node knows of.
            told = addresses.c.address.in_(some)
            await self._watched(and_(addresses.c.currency == currency, told))

    async def rescan(self, currency: str, accounts: Sequence[AccountId]) -> None:
        """Have the node look in its whole chain for payments to the addresses of `accounts`,
        whether any is known here (any longer) or not. Raises ChainUnavailable."""
        if isinstance(self._purses[currency].receiving, Derived):
            for start in range(0, len(accounts), WATCHED_AT_ONCE):
                some = accounts[start : start + WATCHED_AT_ONCE]
                await self._database.write(partial(self._save_all, currency, some))
        await self.watch(currency, rescan=True)

    def _save_all(
        self, currency: str, accounts: Sequence[AccountId], connection: Connection
    ) -> None:
        for account in accounts:
            self._saved(connection, account, currency)

    async def _watched(self, which: ColumnElement[bool]) -> None:
        marked = update(addresses).where(which, ~addresses.c.watched).values(watched=True)
        await self._database.write(lambda on: on.execute(marked))

    def _saved(self, connection: Connection, account: AccountId, currency: str) -> Row[Any]:
        mine = _of(account, currency)
        # One at a time for each currency, also where the database has several writers.
        connection.execute(select(coins).where(coins.c.symbol == currency).with_for_update())
        if found := connection.execute(select(addresses).where(mine)).first():
            return found
        address, memo = self._purses[currency].deposit_address(account)
        connection.execute(
            insert(addresses).values(
                currency=currency,
                account=account,
                number=number_of(account),
                address=address,
                memo=memo,
                watched=False,
                created_ms=self._clock(),
            )
        )
        return connection.execute(select(addresses).where(mine)).one()

    def _shown(self, row: Row[Any]) -> DepositAddress:
        simulated = self._purses[row.currency].chain.simulated
        return DepositAddress(row.currency, row.address, row.memo, row.created_ms, simulated)


def _of(account: AccountId, currency: str) -> ColumnElement[bool]:
    return and_(addresses.c.currency == currency, addresses.c.account == account)
