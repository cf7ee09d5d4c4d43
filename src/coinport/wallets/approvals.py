"""Approvals: small withdrawals are approved at once, all others wait for a person.

Within 24 hours an account gets `day_max` of a currency without anybody looking. When more than
`hour_max` would leave within an hour, to whomever, withdrawals of the currency are paused until a
person resumes them: whoever empties many accounts at once gets no further than that.
"""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, Connection, Row, func, insert, select

from coinport.database import Database
from coinport.model.commands import ApproveWithdrawal
from coinport.model.transfers import TransferStatus
from coinport.model.units import TimeMs, TransferId
from coinport.wallets.alarms import Alarm, Alarms
from coinport.wallets.purses import Purse
from coinport.wallets.tables import pauses, payouts, suspended
from coinport.wallets.transfers import Transfers

ACTOR: Final = "limits"
"""Who it is, in the journal, that approves without anybody looking."""
HOUR_MS: Final = 60 * 60 * 1000
DAY_MS: Final = 24 * HOUR_MS

_OPEN = (
    TransferStatus.PROCESSING,
    TransferStatus.CONFIRMING,
    TransferStatus.SUCCEEDED,
)
_log = structlog.get_logger(__name__)


class Obstacle(StrEnum):
    """Why a withdrawal waits for a person, or for something else to change."""

    LARGE = "large"
    """Above what one account may take out in a day, or so large that it takes two persons."""
    DAY_LIMIT = "day_limit"
    """With what the account got within 24 hours: it goes when that is long enough ago."""
    PAUSED = "paused"
    """Withdrawals of the currency."""
    SUSPENDED = "suspended"
    """The account."""
    BY_HAND = "by_hand"
    """It goes to no chain: a person pays it."""


class Approvals:
    def __init__(
        self,
        database: Database,
        transfers: Transfers,
        purses: Mapping[str, Purse],
        alarms: Alarms,
        clock: Callable[[], TimeMs],
    ) -> None:
        """`purses`: by currency."""
        self._database = database
        self._transfers = transfers
        self._purses = purses
        self._alarms = alarms
        self._clock = clock

    async def poll(self) -> None:
        """Approve what may be. Raises what submitting a command raises."""
        await self._transfers.catch_up()
        for row in await self._database.read(_pending):
            if await self._may_go(row):
                note = "within the limits of 24 hours and of one hour"
                await self._transfers.tell(ApproveWithdrawal(row.transfer, ACTOR, note))
        paused = await self._database.read(_paused)
        for currency in self._purses:
            self._alarms.set(Alarm.WITHDRAWALS_PAUSED, currency, int(currency in paused))

    async def paused(self, currency: str) -> bool:
        return currency in await self._database.read(_paused)

    async def pause(self, currency: str, actor: str, note: str) -> None:
        """Nothing of `currency` is approved by limits or begun to be paid any more."""
        await self._note(currency, actor, note, paused=True)

    async def resume(self, currency: str, actor: str, note: str) -> None:
        """From now on the hour counts anew."""
        await self._note(currency, actor, note, paused=False)

    async def obstacles(self, transfers: Collection[TransferId]) -> dict[TransferId, Obstacle]:
        """Of those of `transfers` that are not approved and will not be at once."""
        if not transfers:
            return {}
        await self._transfers.catch_up()
        pending = await self._database.read(partial(_pending, transfers=transfers))
        found = {row.transfer: await self._obstacle(row) for row in pending}
        return {transfer: why for transfer, why in found.items() if why}

    async def _may_go(self, row: Row[Any]) -> bool:
        if await self._obstacle(row):
            return False
        hour = await self._database.read(partial(_hour, row.currency, self._clock() - HOUR_MS))
        if hour + row.amount > self._purses[row.currency].policy.hour_max:
            note = f"withdrawal {row.transfer} would exceed the limit of one hour"
            await self.pause(row.currency, ACTOR, note)
            return False
        return True

    async def _obstacle(self, row: Row[Any]) -> Obstacle | None:
        if row.currency not in self._purses:
            return Obstacle.BY_HAND
        policy = self._purses[row.currency].policy
        if row.amount > policy.day_max or policy.takes_two(row.amount):
            return Obstacle.LARGE
        if row.suspended:
            return Obstacle.SUSPENDED
        if await self.paused(row.currency):
            return Obstacle.PAUSED
        day = await self._database.read(partial(_day, row, self._clock() - DAY_MS))
        return Obstacle.DAY_LIMIT if day + row.amount > policy.day_max else None

    async def _note(self, currency: str, actor: str, note: str, *, paused: bool) -> None:
        _log.warning("withdrawals", currency=currency, paused=paused, actor=actor, note=note)
        row = {"currency": currency, "actor": actor, "note": note, "paused": paused}
        noted = insert(pauses).values(time_ms=self._clock(), **row)
        await self._database.write(lambda on: on.execute(noted))


def _pending(
    connection: Connection, transfers: Collection[TransferId] | None = None
) -> list[Row[Any]]:
    """All, or those of `transfers`."""
    query = (
        select(payouts, suspended.c.account.is_not(None).label("suspended"))
        .join(suspended, suspended.c.account == payouts.c.account, isouter=True)
        .where(payouts.c.status == TransferStatus.PENDING)
        .order_by(payouts.c.transfer)
    )
    if transfers is not None:
        query = query.where(payouts.c.transfer.in_(transfers))
    return list(connection.execute(query).all())


def _day(row: Row[Any], since_ms: int, connection: Connection) -> int:
    """What the account of `row` got approved, by whomever, and did not get back."""
    return _sum(
        connection,
        payouts.c.currency == row.currency,
        payouts.c.account == row.account,
        payouts.c.approved_ms >= since_ms,
        payouts.c.status.in_(_OPEN),
    )


def _hour(currency: str, since_ms: int, connection: Connection) -> int:
    """What went to all accounts without anybody looking, since somebody looked last."""
    looked = select(func.coalesce(func.max(pauses.c.time_ms), 0)).where(
        pauses.c.currency == currency
    )
    return _sum(
        connection,
        payouts.c.currency == currency,
        payouts.c.approved_ms >= max(since_ms, connection.execute(looked).scalar_one()),
        payouts.c.approved_by == ACTOR,
    )


def _sum(connection: Connection, *which: ColumnElement[bool]) -> int:
    total = select(func.coalesce(func.sum(payouts.c.amount), 0)).where(*which)
    return int(connection.execute(total).scalar_one())


def _paused(connection: Connection) -> set[str]:
    """The currencies whose newest note says so."""
    newest = select(func.max(pauses.c.id)).group_by(pauses.c.currency)
    query = select(pauses.c.currency).where(pauses.c.id.in_(newest), pauses.c.paused)
    return set(connection.scalars(query))
