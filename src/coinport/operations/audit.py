"""The audit log: everything that was asked for and could change something, and what came of it.

A request is two rows: one that asks, written before anything happens, and one that concludes it
with the outcome. Each row has the hash of the one before it, so one that is changed, taken out or
slipped in is noticed by who goes through all of them. Rows that are cut off at the end are noticed
by who knows a later hash: the structured log has each, and `verified` takes one.
"""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec
import structlog
from msgspec import Struct
from sqlalchemy import Connection, insert, select

from coinport.database import Database
from coinport.operations.actors import Actor
from coinport.operations.tables import audit

START: Final = "0" * 64
"""The hash before the first row."""
ROWS_AT_ONCE: Final = 1_000
DONE: Final = "done"

_log = structlog.get_logger(__name__)


class AuditRow(Struct, frozen=True):
    number: int
    time_ms: int
    actor: str
    account: int
    """Of who used the console; 0 for the control socket."""
    via: str
    address: str
    action: str
    parameters: str
    """JSON; empty in a row that concludes another."""
    reason: str
    concludes: int
    """The row that asked; 0 in that one itself."""
    outcome: str
    """Empty in the row that asks; `done`, or why not."""
    previous: str
    hash: str


class Action(Struct, frozen=True):
    """What was asked for, with what came of it."""

    asked: AuditRow
    outcome: str
    """Empty: it was begun, and the exchange stopped before the end."""


class Head(NamedTuple):
    number: int
    hash: str


class AuditBroken(Exception):
    """The log is not as it was written; the message says where."""


class AuditLog:
    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._head: Head | None = None
        """What this process wrote last."""

    async def begin(self, actor: Actor, action: str, parameters: object, reason: str) -> int:
        """The number under which it is to be concluded. Raises Busy, AuditBroken: then nothing
        must be done."""
        text = msgspec.json.encode(parameters, order="sorted").decode()
        return await self._append(actor, action, parameters=text, reason=reason)

    async def conclude(self, number: int, actor: Actor, action: str, outcome: str) -> None:
        """Raises Busy, AuditBroken."""
        await self._append(actor, action, concludes=number, outcome=outcome)

    async def actions(
        self, *, below: int | None = None, actor: str = "", action: str = "", limit: int
    ) -> tuple[list[Action], bool]:
        """Newest first, and whether there are more; of an actor or of a kind, where one is
        named."""
        query = select(audit).where(audit.c.concludes == 0)
        if below is not None:
            query = query.where(audit.c.number < below)
        if actor:
            query = query.where(audit.c.actor == actor)
        if action:
            query = query.where(audit.c.action == action)
        asked = query.order_by(audit.c.number.desc()).limit(limit + 1)

        def read(connection: Connection) -> list[Action]:
            rows = [_row(row) for row in connection.execute(asked)]
            concluded = select(audit.c.concludes, audit.c.outcome).where(
                audit.c.concludes.in_([row.number for row in rows])
            )
            outcomes = {row.concludes: row.outcome for row in connection.execute(concluded)}
            return [Action(row, outcomes.get(row.number, "")) for row in rows]

        found = await self._database.read(read)
        return found[:limit], len(found) > limit

    async def rows(self, after: int = 0, limit: int = ROWS_AT_ONCE) -> list[AuditRow]:
        """As they were written, oldest first."""
        return await self._database.read(partial(_rows, after, limit))

    async def verified(self, known: Head | None = None) -> Head:
        """Goes through all rows. The last one; (0, START) where there is none.

        `known`: one that was seen before and must still be there. Raises AuditBroken, Busy.
        """
        written = self._head
        head, found, kept = Head(0, START), known is None, written is None
        while rows := await self.rows(head.number):
            for row in rows:
                head = _next(head, row)
                found = found or head == known
                kept = kept or head == written
        if not found:
            assert known is not None
            raise AuditBroken(f"row {known.number} of the hash {known.hash} is not there any more")
        if not kept:
            assert written is not None
            raise AuditBroken(
                f"row {written.number}, which this process wrote with the hash {written.hash}, is"
                " not there any more"
            )
        return head

    async def _append(self, actor: Actor, action: str, **values: Any) -> int:
        async with self._one_at_a_time:
            written = asyncio.ensure_future(
                self._database.write(partial(self._write, actor, action, values))
            )
            try:
                self._head = await asyncio.shield(written)
            except asyncio.CancelledError:
                self._head = await written  # it is written, whoever has gone away
                raise
        _log.info("audit", number=self._head.number, hash=self._head.hash, action=action)
        return self._head.number

    def _write(
        self, actor: Actor, action: str, values: dict[str, Any], connection: Connection
    ) -> Head:
        newest = select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
        last = connection.execute(newest).first()
        head = Head(*last) if last else Head(0, START)
        if self._head and head != self._head:
            raise AuditBroken(
                f"its last row is {head.number}, and not {self._head.number} as it was written"
            )
        row = {
            "number": head.number + 1,
            "time_ms": self._clock(),
            "actor": actor.name,
            "account": actor.account,
            "via": actor.via,
            "address": actor.address,
            "action": action,
            "parameters": "",
            "reason": "",
            "concludes": 0,
            "outcome": "",
            "previous": head.hash,
            **values,
        }
        row["hash"] = hash_of(row)
        connection.execute(insert(audit), row)
        return Head(head.number + 1, row["hash"])


HASHED: Final = tuple(name for name in AuditRow.__struct_fields__ if name != "hash")


def hash_of(row: dict[str, Any]) -> str:
    """SHA-256 of the other fields, in their order, as a JSON array without spaces (UTF-8)."""
    fields = [row[name] for name in HASHED]
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _next(head: Head, row: AuditRow) -> Head:
    """The head after `row`. Raises AuditBroken."""
    if row.number != head.number + 1:
        raise AuditBroken(f"rows {head.number + 1} to {row.number - 1} are not there")
    if row.previous != head.hash or row.hash != hash_of(msgspec.structs.asdict(row)):
        raise AuditBroken(f"row {row.number} was changed, or the one before it")
    return Head(row.number, row.hash)


def _rows(after: int, limit: int, connection: Connection) -> list[AuditRow]:
    query = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(limit)
    return [_row(row) for row in connection.execute(query)]


def _row(row: Any) -> AuditRow:
    return AuditRow(*row)
