"""Reading the tables: whoever asks waits until they have everything that anybody was told of."""

import asyncio
from collections.abc import Awaitable, Callable
from collections.abc import Sequence as SequenceOf
from contextlib import suppress
from typing import Final, TypeAlias, TypeVar

from sqlalchemy import Connection

from coinport.database import Database
from coinport.journal.records import end_of
from coinport.model.records import Record
from coinport.model.units import Sequence
from coinport.readmodels.tables import BATCH_MAX

LINGER_S: Final = 0.1
"""How long a batch may grow while nobody waits for it: few large ones cost far less CPU."""

T = TypeVar("T")

Project: TypeAlias = Callable[[], Awaitable[Sequence]]
"""`Projector.project`, wherever it runs."""


class ReadModels:
    """A `Reader`. Subscribe `receive` to the feed, and let `run` run as long as there is one."""

    def __init__(
        self,
        database: Database,
        project: Project,
        projected: Sequence,
        published: Sequence | None = None,
    ) -> None:
        """`projected`: the last record that the tables have; the feed goes on from `published`, or
        from there."""
        self._database = database
        self._project = project
        self.projected = projected
        self._published = projected if published is None else published
        self._waiting: dict[asyncio.Future[None], Sequence] = {}
        self._work = asyncio.Event()
        self._hurry = asyncio.Event()
        if self.behind:
            self._work.set()

    @property
    def behind(self) -> int:
        """Records that are published and not in the tables yet."""
        return max(0, self._published - self.projected)

    def receive(self, records: SequenceOf[Record]) -> None:
        """What the feed tells."""
        self._published, _ = end_of(records)
        self._work.set()
        if self.behind >= BATCH_MAX:
            self._hurry.set()

    async def run(self) -> None:
        """For ever. Raises what `project` raises."""
        while True:
            await self._work.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_S):
                    await self._hurry.wait()
            self._settle(await self._project())

    async def caught_up(self, sequence: Sequence) -> None:
        """Wait until the tables have the record `sequence`, which the feed must have told."""
        if sequence <= self.projected:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting[future] = sequence
        self._hurry.set()
        try:
            await future
        finally:
            self._waiting.pop(future, None)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """What `query` returns on tables that have every record anybody was told of.

        Raises `Busy` where too many wait for the database.
        """
        await self.caught_up(self._published)
        return await self._database.read(query)

    def _settle(self, projected: Sequence) -> None:
        self.projected = projected
        for future in [of for of, last in self._waiting.items() if last <= projected]:
            del self._waiting[future]
            if not future.done():
                future.set_result(None)
        if not self.behind:
            self._work.clear()
        if not self._waiting and self.behind < BATCH_MAX:
            self._hurry.clear()
