"""Announcements: what the page shows to everybody for a while, in both languages."""

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, Select, func, insert, select, update

from coinport.database import Database
from coinport.operations.tables import announcements

FOREVER: Final = 2**62
"""The end of one that has none; ms."""
SHOWN_MAX: Final = 20
LISTED_MAX: Final = 200


class Announcement(Struct, frozen=True):
    id: int
    title_en: str
    text_en: str
    title_zh: str
    text_zh: str
    from_ms: int
    until_ms: int
    """FOREVER: until somebody ends it."""
    author: str
    created_ms: int


class Announcements:
    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    async def shown(self) -> list[Announcement]:
        """Those of now, the newest first."""
        now, columns = self._clock(), announcements.c
        return await self._rows(
            select(announcements)
            .where(columns.from_ms <= now, columns.until_ms > now)
            .limit(SHOWN_MAX)
        )

    async def all(self) -> list[Announcement]:
        """The newest first."""
        return await self._rows(select(announcements).limit(LISTED_MAX))

    async def add(
        self, texts: tuple[str, str, str, str], from_ms: int, until_ms: int, author: str
    ) -> Announcement:
        """`texts`: title and text in English, title and text in Chinese."""
        now = self._clock()

        def write(connection: Connection) -> Announcement:
            newest = select(func.coalesce(func.max(announcements.c.id), 0))
            number = connection.execute(newest).scalar_one() + 1
            new = Announcement(number, *texts, from_ms, until_ms, author, now)
            row = {name: getattr(new, name) for name in Announcement.__struct_fields__}
            connection.execute(insert(announcements), row)
            return new

        return await self._database.write(write)

    async def end(self, id: int) -> bool:
        """Now. False where there is no such one, or it is over."""
        now = self._clock()
        ending = (
            update(announcements)
            .where(announcements.c.id == id, announcements.c.until_ms > now)
            .values(until_ms=now)
        )
        return bool(await self._database.write(lambda on: on.execute(ending).rowcount))

    async def _rows(self, query: Select[Any]) -> list[Announcement]:
        newest_first = query.order_by(announcements.c.id.desc())
        rows = await self._database.read(lambda on: on.execute(newest_first).all())
        return [Announcement(*row) for row in rows]
