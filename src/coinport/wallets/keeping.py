"""Keeping: where the money of one currency lies, and how it gets from users' addresses to the hot
one, and from there to the cold one. The way back from the cold one is a person's."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, func, select

from coinport.database import Database
from coinport.model.transfers import TransferStatus
from coinport.model.units import PPM, Amount, TimeMs, TransferId
from coinport.wallets.alarms import Alarm, Alarms
from coinport.wallets.chain import GONE, Block, InsufficientFunds, Payout, State, Unsigned
from coinport.wallets.derivation import EXTERNAL
from coinport.wallets.purses import HOT_PATH, Derived, Purse
from coinport.wallets.sending import Outgoing, Sending
from coinport.wallets.signing import KeyPath, SignSweep
from coinport.wallets.tables import (
    Kind,
    Stage,
    addresses,
    payments,
    payouts,
    pays,
    transactions,
)

SWEPT_MAX: Final = 100
"""Addresses that one transaction empties."""
COLD_EVERY_MS: Final = 60 * 60 * 1000
GIVEN_UP_MS: Final = 24 * 60 * 60 * 1000
"""A transaction that stays with us, and that no block has taken for so long, is made anew."""

_OURS: Final = (Kind.SWEEP, Kind.COLD)


class Place(StrEnum):
    HOT = "hot"
    COLD = "cold"
    USER = "user"


class Holding(Struct, frozen=True):
    address: str
    amount: Amount
    place: Place
    path: KeyPath | None
    """What the signer knows it by; None: it does not have its key."""


class Holdings(Struct, frozen=True):
    block: Block
    """All amounts are those after this one."""
    rows: tuple[Holding, ...]

    def total(self, place: Place) -> int:
        return sum(row.amount for row in self.rows if row.place is place)


class Keeping:
    def __init__(
        self,
        database: Database,
        purse: Purse,
        sending: Sending,
        alarms: Alarms,
        clock: Callable[[], TimeMs],
    ) -> None:
        self._database = database
        self._purse = purse
        self._sending = sending
        self._alarms = alarms
        self._clock = clock

    async def balances(self) -> Holdings:
        """Of the hot, the cold and all users' addresses that were ever paid to.

        Raises ChainUnavailable.
        """
        known = await self._database.read(self._addresses)
        found = await self._purse.chain.balances(list(known))
        rows = tuple(
            Holding(address, found.amounts[address], place, path)
            for address, (place, path) in known.items()
        )
        return Holdings(found.block, rows)

    async def sent(self) -> dict[TransferId, Amount]:
        """Withdrawals, fees included, that a block has paid and that are not settled yet."""
        return await self._database.read(self._sent)

    async def poll(self) -> None:
        """Follow what is under way; where nothing is, look whether something is due.

        Raises ChainUnavailable and SignerUnavailable. To call it again is right.
        """
        under_way = await self._sending.live(_OURS)
        for outgoing in under_way:
            await self._advance(outgoing)
        holdings = await self.balances()
        hot, cold = holdings.total(Place.HOT), holdings.total(Place.COLD)
        total = hot + cold + holdings.total(Place.USER)
        low = hot * PPM < self._purse.policy.hot_low_ppm * total
        self._alarms.set(Alarm.HOT_LOW, self._purse.currency, int(low))
        if not under_way:
            await self._sweep(holdings)
            await self._cool(hot, total)

    async def _sweep(self, holdings: Holdings) -> None:
        least = self._purse.policy.sweep_min
        unsure = await self._database.read(self._unsure)
        swept = {
            row.address: row.path
            for row in holdings.rows
            if row.path and row.place is Place.USER and row.amount >= least > 0
            if row.address not in unsure
        }
        sources = list(swept)[:SWEPT_MAX]
        if not sources:
            return
        async with self._sending.building:
            reserved = await self._sending.reserved()
            try:
                unsigned = await self._purse.chain.sweep(sources, self._purse.hot, exclude=reserved)
            except InsufficientFunds:
                return
            outgoing = await self._prepare(
                Kind.SWEEP, unsigned, [swept[address] for address in sources]
            )
        await self._advance(outgoing)

    async def _cool(self, hot: int, total: int) -> None:
        policy = self._purse.policy
        middle = total * (policy.hot_high_ppm + policy.hot_low_ppm) // (2 * PPM)
        amount = Amount(hot - middle)
        high = hot * PPM > policy.hot_high_ppm * total
        if not (high and self._purse.cold and amount >= policy.cold_min > 0):
            return
        if await self._database.read(self._last_cold) > self._clock() - COLD_EVERY_MS:
            return
        async with self._sending.building:
            reserved = await self._sending.reserved()
            try:
                unsigned = await self._purse.chain.build(
                    [Payout(self._purse.cold, amount)],
                    sources=self._purse.sources,
                    change=self._purse.hot,
                    exclude=reserved,
                    confirmations=policy.deposit_confirmations,
                )
            except InsufficientFunds:
                return
            outgoing = await self._prepare(Kind.COLD, unsigned, [])
        await self._advance(outgoing)

    async def _prepare(self, kind: Kind, unsigned: Unsigned, paths: Sequence[KeyPath]) -> Outgoing:
        return await self._sending.prepare(kind, SignSweep(unsigned, (*paths, HOT_PATH)))

    async def _advance(self, outgoing: Outgoing) -> None:
        if outgoing.stage is Stage.PREPARED:
            signed = await self._sending.sign(outgoing)
            refused = int(signed is None)
            self._alarms.set(Alarm.SWEEP_REFUSED, self._purse.currency, refused)
            if signed is None:
                return
            outgoing = signed
        outgoing = await self._sending.move(outgoing, Stage.SENT)
        status = await self._sending.look(outgoing, broadcast=True)
        deep = status.confirmations >= self._purse.policy.withdrawal_confirmations
        late = outgoing.created_ms < self._clock() - GIVEN_UP_MS
        match status.state:
            case State.CONFIRMED if deep:
                await self._sending.move(outgoing, Stage.DONE)
            case State.EXPIRED:
                await self._sending.move(outgoing, Stage.DEAD)
            case State.CONFLICTED if deep:
                await self._sending.move(outgoing, Stage.DEAD)
            case State.UNSEEN if late:
                await self._sending.move(outgoing, Stage.DEAD)
            case _:
                pass

    def _addresses(self, connection: Connection) -> dict[str, tuple[Place, KeyPath | None]]:
        purse = self._purse
        known: dict[str, tuple[Place, KeyPath | None]] = dict.fromkeys(
            purse.sources, (Place.HOT, HOT_PATH)
        )
        if purse.cold:
            known[purse.cold] = (Place.COLD, None)
        if isinstance(purse.receiving, Derived):
            paid = select(payments.c.address).where(payments.c.currency == purse.currency)
            mine = select(addresses).where(
                addresses.c.currency == purse.currency, addresses.c.address.in_(paid)
            )
            for row in connection.execute(mine.order_by(addresses.c.number)):
                known[row.address] = (Place.USER, KeyPath(EXTERNAL, row.number))
        return known

    def _sent(self, connection: Connection) -> dict[TransferId, Amount]:
        query = (
            select(payouts.c.transfer, payouts.c.amount)
            .join(pays, pays.c.transfer == payouts.c.transfer)
            .join(transactions, transactions.c.id == pays.c.transaction)
            .where(
                payouts.c.currency == self._purse.currency,
                payouts.c.status == TransferStatus.CONFIRMING,
                transactions.c.stage == Stage.SENT,
                transactions.c.confirmations > 0,
            )
        )
        return {row.transfer: Amount(row.amount) for row in connection.execute(query)}

    def _unsure(self, connection: Connection) -> set[str]:
        """Addresses with money that could still leave the chain: a sweep would go with it."""
        query = select(payments.c.address).where(
            payments.c.currency == self._purse.currency,
            payments.c.open,
            payments.c.confirmations != GONE,
            payments.c.confirmations < self._purse.policy.deposit_confirmations,
        )
        return set(connection.scalars(query))

    def _last_cold(self, connection: Connection) -> int:
        query = select(func.coalesce(func.max(transactions.c.created_ms), 0)).where(
            transactions.c.currency == self._purse.currency, transactions.c.kind == Kind.COLD
        )
        return int(connection.execute(query).scalar_one())
