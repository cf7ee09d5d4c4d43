"""The projector: follows the journal and keeps the tables up to date."""

import asyncio
from collections import deque
from collections.abc import Callable
from collections.abc import Sequence as SequenceOf
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Final, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from coinport.database import Busy, Database
from coinport.model.records import Record
from coinport.model.units import Sequence
from coinport.readmodels.checkpoint import clear
from coinport.readmodels.tables import BATCH_MAX, Journal, Tables

MIGRATIONS: Final = "coinport.readmodels:migrations"

BACKLOG_MAX: Final = 20_000
"""Records that wait in memory. When there are more, all of them are dropped and read from the
journal when their turn comes."""
LINGER_S: Final = 0.1
"""How long a batch may grow while nobody waits for it: few large ones cost far less CPU."""
RETRY_FIRST_S: Final = 0.1
RETRY_MAX_S: Final = 5.0
"""The pause after an error doubles up to this."""

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Projector:
    """`start`, then subscribe `receive` to the feed, and `run` for as long as there is one."""

    def __init__(self, database: Database, journal: Journal) -> None:
        """The tables of `database` must be as `MIGRATIONS` makes them."""
        self._database = database
        self._journal = journal
        self._tables = Tables(journal)
        self._published = self._projected = Sequence(0)
        self._backlog: deque[Record] = deque()
        self._waiting: dict[asyncio.Future[None], Sequence] = {}
        self._one_at_a_time = asyncio.Lock()
        self._work = asyncio.Event()
        self._hurry = asyncio.Event()

    @property
    def projected(self) -> Sequence:
        """Of the last record in the tables."""
        return self._projected

    @property
    def behind(self) -> int:
        """Records that are published and not in the tables yet."""
        return max(0, self._published - self._projected)

    async def start(self) -> None:
        """Bring the tables up to the end of the journal; from nothing where they belong to another
        one."""
        if not await self._written(self._tables.belong):
            _log.warning("read models of another journal, made anew")
            await self._written(clear)
        await self._project_journal()

    async def rebuild(self) -> None:
        """Delete every row and make all of them anew from the journal."""
        async with self._one_at_a_time:
            await self._written(clear)
            self._projected = Sequence(0)
        await self._project_journal()

    async def run(self) -> None:
        while True:
            await self._work.wait()
            await self._linger()
            await self._advance()

    def receive(self, records: SequenceOf[Record]) -> None:
        """What the feed tells."""
        self._published = records[-1].sequence
        self._backlog.extend(records)
        self._work.set()
        if len(self._backlog) > BACKLOG_MAX:
            _log.warning("read models lag, they go on from the journal", behind=self.behind)
            self._backlog.clear()
        if self.behind >= BATCH_MAX:
            self._hurry.set()

    async def caught_up(self, sequence: Sequence) -> None:
        """Wait until the tables have the record `sequence`, which the feed must have told."""
        if sequence <= self._projected:
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

    async def _project_journal(self) -> None:
        self._published = max(self._published, self._journal.last)
        while self.behind:
            await self._advance()

    async def _linger(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                await self._hurry.wait()

    async def _advance(self) -> None:
        """One batch. What does not follow the checkpoint, `Tables` replaces from the journal."""
        async with self._one_at_a_time:
            records = list(islice(self._backlog, BATCH_MAX))
            self._projected = await self._written(partial(self._tables.project, records=records))
        while self._backlog and self._backlog[0].sequence <= self._projected:
            self._backlog.popleft()
        for future in [of for of, last in self._waiting.items() if last <= self._projected]:
            del self._waiting[future]
            if not future.done():
                future.set_result(None)
        if not self.behind:
            self._work.clear()
        if not self._waiting and self.behind < BATCH_MAX:
            self._hurry.clear()

    async def _written(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, however often it takes."""
        pause_s = RETRY_FIRST_S
        while True:
            try:
                return await self._database.write(work)
            except DBAPIError as error:
                # Its own text has the whole statement, hundreds of rows long.
                _log.error("read models not written", error=str(error.orig), again_in_s=pause_s)
            except (OSError, Busy) as error:
                _log.error("read models not written", error=str(error), again_in_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, RETRY_MAX_S)
