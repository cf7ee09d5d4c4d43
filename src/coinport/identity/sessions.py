"""Sessions: who is logged in by cookie."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, delete, insert, or_, select, update

from coinport.database import Busy, Database
from coinport.identity.memory import Memory
from coinport.identity.tables import sessions
from coinport.model.units import AccountId

SESSIONS_MAX: Final = 20
"""Sessions of one account; a new one ends the oldest."""
LIFETIME_MS: Final = 7 * 24 * 60 * 60 * 1000
"""A session ends then, however busy it is."""
LIVE_MAX: Final = 100_000
"""Sessions in memory; others are read again when they are used."""
USER_AGENT_LENGTH_MAX: Final = 300
"""Characters that are kept of what a browser calls itself."""


class Session(Struct, frozen=True):
    id: str
    """The secret of the cookie: 256 random bits."""
    xsrf: str
    """What a page proves to be ours with; made from the id, which it does not give away."""
    account: AccountId
    with_code: bool
    """It began with a one-time code beside the password."""

    def __repr__(self) -> str:
        return f"Session(account={self.account})"


class SessionRow(Struct, frozen=True):
    """As its owner may look at it."""

    name: str
    """Stands for it; nobody can use it with that."""
    created_ms: int
    seen_ms: int
    address: str
    """That it began from."""
    user_agent: str


class Live(Struct):
    account: AccountId
    with_code: bool
    created_ms: int
    seen_ms: int
    saved_ms: int
    """`seen_ms` as SQL knows it."""


class Sessions:
    """Only digests of ids are kept, in memory as in SQL, where they survive a restart."""

    def __init__(self, database: Database, clock: Callable[[], int], *, idle_ms: int) -> None:
        """A session ends when it was not used for `idle_ms`."""
        self._database = database
        self._clock = clock
        self._idle_ms = idle_ms
        self._live: Memory[bytes, Live] = Memory(LIVE_MAX)

    async def find(self, session_id: str) -> Session | None:
        """The session if it goes on, which this use prolongs. Usually from memory."""
        digest = _digest(session_id)
        live = await self._going_on(digest)
        if live is None:
            return None
        live.seen_ms = self._clock()
        if live.seen_ms - live.saved_ms >= self._idle_ms // 60:
            with suppress(Busy):  # then at a later use
                await self._save(digest, live)
        return _session(session_id, live.account, live.with_code)

    async def goes_on(self, session_id: str) -> bool:
        """To look is no use: it prolongs nothing."""
        return await self._going_on(_digest(session_id)) is not None

    async def create(
        self,
        account: AccountId,
        *,
        address: str = "",
        user_agent: str = "",
        with_code: bool = False,
    ) -> Session:
        """A new session with a new id, at every log-in."""
        session_id = secrets.token_urlsafe(32)
        now = self._clock()
        row = {
            "digest": _digest(session_id),
            "account": account,
            "created_ms": now,
            "seen_ms": now,
            "address": address,
            "user_agent": user_agent[:USER_AGENT_LENGTH_MAX],
            "with_code": with_code,
        }

        def write(connection: Connection) -> list[bytes]:
            self._delete_over(connection, now)
            newest_first = (
                select(sessions.c.digest)
                .where(sessions.c.account == account)
                .order_by(sessions.c.created_ms.desc())
            )
            too_many = list(connection.scalars(newest_first))[SESSIONS_MAX - 1 :]
            connection.execute(delete(sessions).where(sessions.c.digest.in_(too_many)))
            connection.execute(insert(sessions), row)
            return too_many

        await self._live.drop_after(self._database.write(write), lambda ended: ended)
        return _session(session_id, account, with_code)

    async def of(self, account: AccountId) -> list[SessionRow]:
        """Those that go on, the one used last first."""
        query = select(sessions).where(sessions.c.account == account)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        rows = []
        for row in found:
            live = self._live.known.get(row.digest)
            seen_ms = live.seen_ms if live else row.seen_ms
            now = self._clock()
            if now - seen_ms < self._idle_ms and now - row.created_ms < LIFETIME_MS:
                terms = (row.created_ms, seen_ms, row.address, row.user_agent)
                rows.append(SessionRow(_name(row.digest), *terms))
        return sorted(rows, key=lambda each: -each.seen_ms)

    async def end_named(self, account: AccountId, name: str) -> bool:
        """False where the account has no such session."""
        digests = await self._digests(account)
        ended = [digest for digest in digests if _name(digest) == name]
        await self._end(ended)
        return bool(ended)

    async def end_others(self, account: AccountId, session_id: str) -> int:
        """All but this one; how many there were."""
        kept = _digest(session_id)
        ended = [digest for digest in await self._digests(account) if digest != kept]
        await self._end(ended)
        return len(ended)

    async def _digests(self, account: AccountId) -> list[bytes]:
        query = select(sessions.c.digest).where(sessions.c.account == account)
        return await self._database.read(lambda connection: list(connection.scalars(query)))

    async def _end(self, digests: list[bytes]) -> None:
        ending = delete(sessions).where(sessions.c.digest.in_(digests))
        change = self._database.write(lambda connection: connection.execute(ending))
        await self._live.drop_after(change, lambda _: digests)

    async def end(self, session_id: str) -> None:
        """At once, and also if there is no such session any more."""
        await self._end([_digest(session_id)])

    async def end_all(self, account: AccountId) -> None:
        known = self._live.known
        ending = delete(sessions).where(sessions.c.account == account)
        change = self._database.write(lambda connection: connection.execute(ending))
        await self._live.drop_after(
            change, lambda _: [each for each, live in known.items() if live.account == account]
        )

    async def _going_on(self, digest: bytes) -> Live | None:
        live = self._live.known.get(digest) or await self._read(digest)
        return None if live is None or self._over(live) else live

    def _over(self, live: Live) -> bool:
        now = self._clock()
        return now - live.seen_ms >= self._idle_ms or now - live.created_ms >= LIFETIME_MS

    async def _read(self, digest: bytes) -> Live | None:
        changes = self._live.changes
        query = select(sessions).where(sessions.c.digest == digest)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None:
            return None
        live = Live(AccountId(row.account), row.with_code, row.created_ms, row.seen_ms, row.seen_ms)
        self._live.put(digest, live, changes)
        return live

    async def _save(self, digest: bytes, live: Live) -> None:
        live.saved_ms = live.seen_ms
        saving = update(sessions).where(sessions.c.digest == digest).values(seen_ms=live.seen_ms)
        await self._database.write(lambda connection: connection.execute(saving))

    def _delete_over(self, connection: Connection, now: int) -> None:
        """Twice the idle time, because one in memory may have been used since it was saved."""
        over = or_(
            sessions.c.seen_ms < now - 2 * self._idle_ms, sessions.c.created_ms < now - LIFETIME_MS
        )
        connection.execute(delete(sessions).where(over))


def name_of(session_id: str) -> str:
    """What stands for the session where it is listed."""
    return _name(_digest(session_id))


def _name(digest: bytes) -> str:
    return digest.hex()[:16]


def _session(session_id: str, account: AccountId, with_code: bool) -> Session:
    xsrf = sha256(f"xsrf {session_id}".encode()).hexdigest()
    return Session(session_id, xsrf, account, with_code)


def _digest(session_id: str) -> bytes:
    return sha256(session_id.encode("utf-8", "surrogatepass")).digest()
