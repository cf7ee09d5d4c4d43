"""Withdrawals of one currency, once they are approved: built, signed, sent, settled. Each is paid
once.

What was signed stays the payment, whatever dies in between. Nothing is paid anew by itself unless
the chain says that what was signed can never happen; where something else has spent the same coins,
a person decides. The signer, for its part, signs nothing else for a withdrawal that could happen
beside it.
"""

from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Final

import structlog
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from coinport.database import Database
from coinport.model.commands import FailWithdrawal, SendWithdrawal, SettleWithdrawal
from coinport.model.transfers import TransferStatus
from coinport.model.units import TEXT_LENGTH_MAX, Amount, TimeMs, TransferId
from coinport.wallets.alarms import Alarm, Alarms
from coinport.wallets.chain import InsufficientFunds, Payout, State, Status, Unpayable
from coinport.wallets.following import ACTOR
from coinport.wallets.purses import HOT_PATH, Purse
from coinport.wallets.sending import Outgoing, Sending
from coinport.wallets.signing import SignWithdrawals
from coinport.wallets.tables import Kind, Stage, payouts, pays, transactions
from coinport.wallets.transfers import Transfers

BATCH_MAX: Final = 50
"""Payouts of one transaction."""
LATE_MS: Final = 6 * 60 * 60 * 1000
"""When a withdrawal that is sent should have been in a block."""

_log = structlog.get_logger(__name__)


class Waiting(Struct, frozen=True):
    """A withdrawal that is to be paid, and no transaction of it can happen."""

    transfer: TransferId
    payout: Payout
    dead: int
    """The last transaction that did not happen; 0: there was none."""


class Withdrawals:
    def __init__(
        self,
        database: Database,
        transfers: Transfers,
        purse: Purse,
        sending: Sending,
        paused: Callable[[str], Awaitable[bool]],
        alarms: Alarms,
        clock: Callable[[], TimeMs],
    ) -> None:
        self._database = database
        self._transfers = transfers
        self._purse = purse
        self._sending = sending
        self._paused = paused
        self._alarms = alarms
        self._clock = clock
        self._refused = self._short = 0
        """Of this poll: what the signer did not sign; what there was too little money for."""

    async def poll(self) -> None:
        """Go on with what was begun, then begin to pay what waits.

        Raises ChainUnavailable, SignerUnavailable, and what submitting a command raises. To call it
        again is right.
        """
        await self._transfers.catch_up()
        self._refused = self._short = 0
        begun = await self._sending.live([Kind.WITHDRAWAL])
        for outgoing in begun:
            if outgoing.stage not in _UNSENT:
                await self._follow(outgoing)
        if not await self._paused(self._purse.currency):
            for outgoing in begun:
                if outgoing.stage in _UNSENT:
                    await self._advance(outgoing)
            await self._pay()
        await self._measure()

    async def _pay(self) -> None:
        waiting = await self._database.read(self._waiting)
        for _, group in groupby(waiting, key=lambda one: one.dead):
            together = list(group)
            for start in range(0, len(together), BATCH_MAX):
                batch = together[start : start + BATCH_MAX]
                if not await self._begin(batch) and len(batch) > 1:
                    for one in batch:
                        await self._begin([one])

    async def _begin(self, batch: Sequence[Waiting]) -> bool:
        """False: not all of them in one transaction."""
        purse, transfers = self._purse, tuple(one.transfer for one in batch)
        async with self._sending.building:
            try:
                unsigned = await purse.chain.build(
                    [one.payout for one in batch],
                    sources=purse.sources,
                    change=purse.hot,
                    exclude=await self._sending.reserved(transfers),
                    confirmations=purse.policy.deposit_confirmations,
                )
            except Unpayable as error:
                if len(batch) == 1:
                    await self._fail(transfers[0], str(error))
                return False
            except InsufficientFunds:
                self._short += len(batch) == 1
                return False
            request = SignWithdrawals(transfers, unsigned, (HOT_PATH,))
            outgoing = await self._sending.prepare(Kind.WITHDRAWAL, request, transfers)
        return await self._advance(outgoing)

    async def _advance(self, outgoing: Outgoing) -> bool:
        """False: it was not signed."""
        if outgoing.stage is Stage.PREPARED:
            if not await self._is_owed(outgoing):
                await self._withhold(outgoing)
                return False
            signed = await self._sending.sign(outgoing)
            if signed is None:
                self._refused += len(outgoing.pays) == 1
                return False
            outgoing = signed
        if outgoing.stage is Stage.SIGNED:
            if not await self._announce(outgoing):
                await self._withhold(outgoing)
                return True
            outgoing = await self._sending.move(outgoing, Stage.SENT)
        await self._follow(outgoing)
        return True

    async def _announce(self, outgoing: Outgoing) -> bool:
        """Tell the ledger, before anybody else. False: somebody was quicker with one of them."""
        if not await self._is_owed(outgoing):
            return False
        untold = select(payouts.c.transfer).where(
            payouts.c.transfer.in_(outgoing.pays), payouts.c.sent != outgoing.txid
        )
        for transfer in await self._database.read(lambda on: on.scalars(untold).all()):
            await self._transfers.tell(SendWithdrawal(transfer, outgoing.txid, ACTOR))
        return await self._is_owed(outgoing, TransferStatus.CONFIRMING)

    async def _follow(self, outgoing: Outgoing) -> None:
        """Where it is now, and what follows from it."""
        statuses = await self._statuses(outgoing)
        failed = [transfer for transfer, status in statuses.items() if status in _GIVEN_BACK]
        status = await self._sending.look(outgoing, broadcast=not failed)
        match status.state:
            case State.CONFIRMED:
                await self._confirmed(outgoing, status, statuses)
            case State.WAITING:
                await self._sending.move(outgoing, Stage.SENT)
            case _ if len(failed) == len(statuses):
                over = status.state is State.EXPIRED or self._is_deep(status)
                await self._sending.move(outgoing, Stage.DEAD if over else Stage.ABANDONED)
            case State.EXPIRED if _OWED.issuperset(statuses.values()):
                await self._sending.move(outgoing, Stage.DEAD)
            case State.UNSEEN if not failed:
                await self._sending.move(outgoing, Stage.SENT)
            case _:
                _log.error("a withdrawal cannot be paid as it is", pays=statuses, status=status)
                await self._sending.move(outgoing, Stage.CONFLICTED)

    async def _confirmed(
        self, outgoing: Outgoing, status: Status, statuses: dict[TransferId, TransferStatus]
    ) -> None:
        depth = status.confirmations
        if not self._is_deep(status):
            await self._sending.move(outgoing, Stage.SENT)
            return
        note = f"confirmations: {depth}"
        for transfer, now in statuses.items():
            if now in _OWED:
                await self._transfers.tell(SettleWithdrawal(transfer, status.txid, ACTOR, note))
        statuses = await self._statuses(outgoing)
        if not _OWED.intersection(statuses.values()):
            over = depth >= self._purse.policy.watched_confirmations
            await self._sending.move(outgoing, Stage.DONE if over else Stage.SETTLED)

    def _is_deep(self, status: Status) -> bool:
        """Enough blocks say so."""
        return status.confirmations >= self._purse.policy.withdrawal_confirmations

    async def _fail(self, transfer: TransferId, why: str) -> None:
        _log.warning("a withdrawal can never be paid", transfer=transfer, reason=why)
        text = why[:TEXT_LENGTH_MAX]
        await self._transfers.tell(FailWithdrawal(transfer, False, ACTOR, text))

    async def _withhold(self, outgoing: Outgoing) -> None:
        _log.error("a transaction is withheld: it pays what is not owed", pays=outgoing.pays)
        await self._sending.move(outgoing, Stage.DEAD)

    async def _is_owed(self, outgoing: Outgoing, *statuses: TransferStatus) -> bool:
        """Whether all that it pays is still to be paid, and by us."""
        query = select(func.count()).where(
            payouts.c.transfer.in_(outgoing.pays),
            payouts.c.status.in_(statuses or _OWED),
            ~payouts.c.by_hand,
        )
        count = await self._database.read(lambda on: on.execute(query).scalar_one())
        return count == len(outgoing.pays)

    async def _statuses(self, outgoing: Outgoing) -> dict[TransferId, TransferStatus]:
        query = select(payouts).where(payouts.c.transfer.in_(outgoing.pays))
        rows = await self._database.read(lambda on: on.execute(query).all())
        return {row.transfer: TransferStatus(row.status) for row in rows}

    def _waiting(self, connection: Connection) -> list[Waiting]:
        """Those first whose transaction did not happen, each with the others that it was to pay."""
        dead = (
            select(func.coalesce(func.max(transactions.c.id), 0))
            .join(pays, pays.c.transaction == transactions.c.id)
            .where(pays.c.transfer == payouts.c.transfer, transactions.c.stage == Stage.DEAD)
            .scalar_subquery()
        )
        rows = connection.execute(
            select(payouts, dead.label("dead"))
            .where(
                payouts.c.currency == self._purse.currency,
                ~payouts.c.by_hand,
                ~_with_transaction(transactions.c.stage != Stage.DEAD),
                or_(
                    payouts.c.status == TransferStatus.PROCESSING,
                    and_(payouts.c.status == TransferStatus.CONFIRMING, dead > 0),
                ),
            )
            .order_by(dead == 0, dead, payouts.c.transfer)
        )
        return [
            Waiting(
                row.transfer, Payout(row.address, Amount(row.amount - row.fee), row.memo), row.dead
            )
            for row in rows
        ]

    async def _measure(self) -> None:
        levels = {Alarm.SIGNER_REFUSED: self._refused, Alarm.HOT_SHORT: self._short}
        levels |= await self._database.read(self._cases)
        late = await self._database.read(lambda on: on.scalars(self._late()).all())
        self._alarms.set(Alarm.WITHDRAWALS_LATE, self._purse.currency, len(late), txids=late)
        for alarm, level in levels.items():
            self._alarms.set(alarm, self._purse.currency, level)

    def _late(self) -> Select[tuple[str]]:
        return select(transactions.c.txid).where(
            transactions.c.currency == self._purse.currency,
            transactions.c.kind == Kind.WITHDRAWAL,
            transactions.c.stage == Stage.SENT,
            transactions.c.confirmations == 0,
            transactions.c.created_ms < self._clock() - LATE_MS,
        )

    def _cases(self, connection: Connection) -> dict[Alarm, int]:
        stage, mine = transactions.c.stage, payouts.c.currency == self._purse.currency
        own = and_(
            transactions.c.currency == self._purse.currency,
            transactions.c.kind == Kind.WITHDRAWAL,
        )
        sent = and_(payouts.c.status == TransferStatus.CONFIRMING, ~payouts.c.by_hand)
        given_back = payouts.c.status.in_(_GIVEN_BACK)
        cases = {
            Alarm.WITHDRAWALS_CONFLICTED: and_(own, stage == Stage.CONFLICTED),
            Alarm.WITHDRAWALS_UNKNOWN: and_(mine, sent, ~_with_transaction()),
            Alarm.WITHDRAWALS_PAID_TWICE: and_(
                mine, given_back, _with_transaction(stage == Stage.SETTLED)
            ),
        }
        return {
            alarm: connection.execute(select(func.count()).where(which)).scalar_one()
            for alarm, which in cases.items()
        }


_UNSENT: Final = frozenset({Stage.PREPARED, Stage.SIGNED})
_OWED: Final = frozenset({TransferStatus.PROCESSING, TransferStatus.CONFIRMING})
_GIVEN_BACK: Final = frozenset({TransferStatus.CANCELED, TransferStatus.FAILED})


def _with_transaction(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """A payout that has a transaction (such a one)."""
    return (
        select(pays.c.transfer)
        .join(transactions, transactions.c.id == pays.c.transaction)
        .where(pays.c.transfer == payouts.c.transfer, *which)
        .exists()
    )
