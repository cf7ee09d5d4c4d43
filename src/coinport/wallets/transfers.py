"""Transfers: what the ledger says of deposits and withdrawals, followed from its records.

Only records change it. Whatever is decided here is told to the ledger, and counts when its record
has come back; so a process that dies in between finds on its return how far it was.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from collections.abc import Sequence as SequenceOf
from itertools import takewhile
from typing import Final, NamedTuple, Protocol, TypeAlias

from sqlalchemy import Connection, select, update

from coinport.database import Database
from coinport.journal.records import end_of, special
from coinport.model.commands import (
    AddCurrency,
    AnnounceDeposit,
    ApproveWithdrawal,
    AssignDeposit,
    CancelWithdrawal,
    Command,
    CreditDeposit,
    DropDeposit,
    FailWithdrawal,
    HoldDeposit,
    ReleaseDeposit,
    RequestWithdrawal,
    ResumeAccount,
    SendWithdrawal,
    SettleWithdrawal,
    SuspendAccount,
    WriteOffDeposit,
)
from coinport.model.records import Record, decode_record
from coinport.model.units import Sequence, TimeMs
from coinport.wallets.following import Following
from coinport.wallets.tables import followed

BACKLOG_MAX: Final = 10_000
"""Records of transfers that wait in memory; more are dropped, and read from the journal."""

RELEVANT: Final[frozenset[type[Command]]] = frozenset(
    {
        AddCurrency,
        SuspendAccount,
        ResumeAccount,
        AnnounceDeposit,
        CreditDeposit,
        DropDeposit,
        HoldDeposit,
        ReleaseDeposit,
        WriteOffDeposit,
        AssignDeposit,
        RequestWithdrawal,
        CancelWithdrawal,
        ApproveWithdrawal,
        FailWithdrawal,
        SendWithdrawal,
        SettleWithdrawal,
    }
)

Submit: TypeAlias = Callable[[Command], Awaitable[Record]]


class Checkpoint(NamedTuple):
    sequence: Sequence
    time: TimeMs
    """Of that record."""


_NOTHING: Final = Checkpoint(Sequence(0), TimeMs(0))
_UNKNOWN: Final = Checkpoint(Sequence(-1), TimeMs(0))


class Journal(Protocol):
    @property
    def first(self) -> Sequence:
        """Of the oldest record that can be read."""

    @property
    def last(self) -> Sequence: ...

    def read(self, after: Sequence) -> Iterator[bytes]:
        """The records after `after`, as far as there are any now."""


class WrongJournal(Exception):
    """The wallets' database has followed another journal, or a longer one."""


class Transfers:
    """`start`, then subscribe `receive` to the feed. Who looks at the tables catches up first."""

    def __init__(self, database: Database, journal: Journal, submit: Submit) -> None:
        self._database = database
        self._journal = journal
        self._submit = submit
        self._backlog: list[Record] = []
        """All that is relevant after `_after`, up to `_published`."""
        self._after = _UNKNOWN
        self._published = self._followed = _NOTHING
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """Raises WrongJournal, or JournalDamaged where records that are needed are gone."""
        self._followed = await self._database.read(self._checked)
        self._published = Checkpoint(self._journal.last, TimeMs(0))
        await self.catch_up()

    def receive(self, records: SequenceOf[Record]) -> None:
        """What the feed tells."""
        last, time = end_of(records)
        if last != self._published.sequence + len(records) or len(self._backlog) > BACKLOG_MAX:
            self._backlog, self._after = [], _UNKNOWN
        self._backlog += [each for each in special(records) if type(each.command) in RELEVANT]
        self._published = Checkpoint(last, time)

    async def catch_up(self) -> None:
        """Until the tables have all that was published when this was called."""
        async with self._one_at_a_time:
            backlog, after, last = self._backlog, self._after, self._published
            self._backlog, self._after = [], last
            if self._followed.sequence >= last.sequence:
                return
            self._followed = await self._database.write(
                lambda connection: self._follow(connection, backlog, after, last)
            )

    async def tell(self, command: Command) -> Record:
        """Submit it; when this returns, the tables have what came of it.

        Raises what submitting raises.
        """
        record = await self._submit(command)
        await self.catch_up()
        return record

    def _checked(self, connection: Connection) -> Checkpoint:
        """The checkpoint, which must be one of this journal."""
        at = _checkpoint(connection)
        if at.sequence > self._journal.last:
            raise WrongJournal(
                f"the wallets have followed the journal up to record {at.sequence}, and it ends "
                f"with {self._journal.last}: put the newer journal back"
            )
        if at.sequence >= self._journal.first:
            record = decode_record(next(self._journal.read(Sequence(at.sequence - 1))))
            if record.time != at.time:
                raise WrongJournal("the wallets belong to another journal: put theirs back")
        return at

    def _follow(
        self,
        connection: Connection,
        backlog: SequenceOf[Record],
        after: Checkpoint,
        last: Checkpoint,
    ) -> Checkpoint:
        """Moves the tables, and the checkpoint with them, up to `last`. The journal helps out where
        the backlog does not begin at the checkpoint: at a start, and after a failure."""
        at = _checkpoint(connection)
        if at.sequence >= last.sequence:
            return at
        records: Iterable[Record] = backlog
        if after.sequence != at.sequence:
            read = map(decode_record, self._journal.read(at.sequence))
            records = takewhile(lambda record: record.sequence <= last.sequence, read)
        following = Following(connection)
        for record in records:
            following.follow(record)
            at = Checkpoint(record.sequence, record.time)
        if at.sequence < last.sequence:
            at = last
        connection.execute(update(followed).values(sequence=at.sequence, time_ms=at.time))
        return at


def _checkpoint(connection: Connection) -> Checkpoint:
    return Checkpoint(*connection.execute(select(followed).with_for_update()).one())
