"""Sending: a transaction of ours from the moment it is built until it is buried deep enough.

It is saved before the signer sees it, and signed before anybody else does. So whatever dies in
between, there is never another transaction instead of it: the same one is signed and broadcast
again, which pays no more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Final, TypeAlias

import msgspec
import structlog
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from coinport.database import Database
from coinport.model.transfers import TransferStatus
from coinport.model.units import TimeMs, TransferId
from coinport.wallets.chain import BroadcastRefused, Chain, ChainUnavailable, Signed, State, Status
from coinport.wallets.signing import (
    Answer,
    Request,
    SignSweep,
    SignWithdrawals,
    TransactionSigned,
)
from coinport.wallets.tables import Kind, Stage, blocks, inputs, payouts, pays, transactions

Sign: TypeAlias = Callable[[Request], Awaitable[Answer]]
"""Raises SignerUnavailable."""

KEEPING_COINS: Final = (
    Stage.PREPARED,
    Stage.SIGNED,
    Stage.SENT,
    Stage.SETTLED,
    Stage.CONFLICTED,
)
LIVE: Final = (*KEEPING_COINS, Stage.ABANDONED)

_log = structlog.get_logger(__name__)
_Wanted: TypeAlias = SignWithdrawals | SignSweep


class Outgoing(Struct, frozen=True):
    """A transaction as it is saved."""

    id: int
    kind: Kind
    stage: Stage
    pays: tuple[TransferId, ...]
    """Withdrawals, none of a sweep."""
    request: _Wanted | None
    """What is asked of the signer; None once it is signed."""
    signed: Signed | None
    txid: str
    confirmations: int
    created_ms: TimeMs


class Sending:
    """Of one currency."""

    def __init__(
        self, database: Database, chain: Chain, sign: Sign, clock: Callable[[], TimeMs]
    ) -> None:
        self._database = database
        self._chain = chain
        self._sign = sign
        self._clock = clock
        self._currency = chain.currency
        self.building: Final = asyncio.Lock()
        """From asking what is reserved to `prepare`: two builders must not take the same coin."""

    async def reserved(self, for_payouts: Collection[TransferId] = ()) -> set[str]:
        """What other transactions use up: those that can still happen, and those that cannot, while
        a payout of theirs waits for the next one. (The signer may want that to use the same.)"""
        open_payouts = payouts.c.status.in_((TransferStatus.PROCESSING, TransferStatus.CONFIRMING))
        awaited = (
            select(pays.c.transaction)
            .join(payouts, payouts.c.transfer == pays.c.transfer)
            .where(open_payouts)
        )
        own = select(pays.c.transaction).where(pays.c.transfer.in_(for_payouts))
        dead = and_(
            transactions.c.stage == Stage.DEAD,
            transactions.c.id.in_(awaited),
            transactions.c.id.not_in(own),
        )
        query = (
            select(inputs.c.input)
            .join(transactions, transactions.c.id == inputs.c.transaction)
            .where(
                transactions.c.currency == self._currency,
                or_(transactions.c.stage.in_(KEEPING_COINS), dead),
            )
        )
        return set(await self._database.read(lambda on: on.scalars(query).all()))

    async def prepare(
        self, kind: Kind, request: _Wanted, transfers: Sequence[TransferId] = ()
    ) -> Outgoing:
        """Save what is to be signed. Raises ChainUnavailable where it was built by a node that does
        not know yet what others have shown: the coins may be spent."""
        now = self._clock()
        number = await self._database.write(
            lambda on: self._saved(on, kind, request, transfers, now)
        )
        return Outgoing(number, kind, Stage.PREPARED, tuple(transfers), request, None, "", 0, now)

    async def live(self, kinds: Collection[Kind]) -> list[Outgoing]:
        """All that something may still become of, in order."""
        mine = and_(
            transactions.c.currency == self._currency,
            transactions.c.kind.in_(kinds),
            transactions.c.stage.in_(LIVE),
        )
        return await self._database.read(lambda on: _read(on, mine))

    async def sign(self, outgoing: Outgoing) -> Outgoing | None:
        """Have it signed. None: the signer has refused, and it is forgotten.

        Raises SignerUnavailable: then it is to be asked the same again.
        """
        assert outgoing.request is not None
        answer = await self._sign(outgoing.request)
        unsigned = outgoing.request.unsigned
        if not isinstance(answer, TransactionSigned) or (
            (answer.signed.payouts, answer.signed.inputs) != (unsigned.payouts, unsigned.inputs)
        ):
            _log.error("not signed", currency=self._currency, pays=outgoing.pays, answer=answer)
            await self._database.write(lambda on: _forget(on, outgoing.id))
            return None
        signed = answer.signed
        text = msgspec.json.encode(signed).decode()
        return await self._change(
            msgspec.structs.replace(
                outgoing, stage=Stage.SIGNED, request=None, signed=signed, txid=signed.txid
            ),
            stage=Stage.SIGNED,
            request="",
            signed=text,
            txid=signed.txid,
        )

    async def move(self, outgoing: Outgoing, stage: Stage) -> Outgoing:
        if outgoing.stage is stage:
            return outgoing
        return await self._change(msgspec.structs.replace(outgoing, stage=stage), stage=stage)

    async def look(self, outgoing: Outgoing, *, broadcast: bool) -> Status:
        """Where it is on the chain; `broadcast` it (again) where it is nowhere."""
        signed = outgoing.signed
        assert signed is not None
        status = await self._chain.status(signed)
        if status.state is State.UNSEEN and broadcast:
            try:
                await self._chain.broadcast(signed)
            except BroadcastRefused as error:
                _log.warning("broadcast refused", currency=self._currency, error=str(error))
        depth = status.confirmations if status.state is State.CONFIRMED else 0
        txid = status.txid if status.state is State.CONFIRMED else outgoing.txid
        if (depth, txid) != (outgoing.confirmations, outgoing.txid):
            await self._change(outgoing, confirmations=depth, txid=txid)
        return status

    async def _change(self, outgoing: Outgoing, **values: Any) -> Outgoing:
        mine = transactions.c.id == outgoing.id
        await self._database.write(
            lambda on: on.execute(update(transactions).where(mine).values(values))
        )
        return outgoing

    def _saved(
        self,
        connection: Connection,
        kind: Kind,
        request: _Wanted,
        transfers: Sequence[TransferId],
        now: TimeMs,
    ) -> int:
        built, seen = request.unsigned.since.height, self._seen(connection)
        if built < seen:
            raise ChainUnavailable(f"the {self._currency} node was at {seen}, and is at {built}")
        result = connection.execute(
            insert(transactions).values(
                currency=self._currency,
                kind=kind,
                stage=Stage.PREPARED,
                txid="",
                confirmations=0,
                request=msgspec.json.encode(request).decode(),
                signed="",
                created_ms=now,
            )
        )
        assert result.inserted_primary_key is not None
        number = int(result.inserted_primary_key[0])
        for used in request.unsigned.inputs:
            connection.execute(insert(inputs).values(transaction=number, input=used))
        for transfer in transfers:
            connection.execute(insert(pays).values(transaction=number, transfer=transfer))
        return number

    def _seen(self, connection: Connection) -> int:
        """The height up to which deposits were saved."""
        highest = select(func.max(blocks.c.height)).where(blocks.c.currency == self._currency)
        return connection.execute(highest).scalar_one() or 0


def _forget(connection: Connection, number: int) -> None:
    for table in (inputs, pays):
        connection.execute(delete(table).where(table.c.transaction == number))
    connection.execute(delete(transactions).where(transactions.c.id == number))


def _read(connection: Connection, which: ColumnElement[bool]) -> list[Outgoing]:
    rows = connection.execute(select(transactions).where(which).order_by(transactions.c.id)).all()
    linked = connection.execute(
        select(pays)
        .join(transactions, transactions.c.id == pays.c.transaction)
        .where(which)
        .order_by(pays.c.transfer)
    ).all()
    return [
        Outgoing(
            id=row.id,
            kind=Kind(row.kind),
            stage=Stage(row.stage),
            pays=tuple(link.transfer for link in linked if link.transaction == row.id),
            request=msgspec.json.decode(row.request, type=_Wanted) if row.request else None,
            signed=msgspec.json.decode(row.signed, type=Signed) if row.signed else None,
            txid=row.txid,
            confirmations=row.confirmations,
            created_ms=row.created_ms,
        )
        for row in rows
    ]
