"""The projector: brings the tables up to the end of the journal, batch by batch.

Everything here waits for the disk in the thread of the caller: an exchange lets it run in a process
of its own (see `reading`), where it costs the event loop nothing.
"""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from coinport.database import Busy, Database
from coinport.model.units import Sequence
from coinport.readmodels.checkpoint import checkpoint_of, clear
from coinport.readmodels.tables import Journal, Tables

MIGRATIONS: Final = "coinport.readmodels:migrations"

RETRY_FIRST_S: Final = 0.1
RETRY_MAX_S: Final = 5.0
"""The pause after an error doubles up to this."""

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Projector:
    def __init__(self, database: Database, journal: Journal) -> None:
        """The tables of `database` must be as `MIGRATIONS` makes them."""
        self._database = database
        self._journal = journal
        self._tables = Tables(journal)

    def start(self) -> Sequence:
        """Bring the tables up to the end of the journal; from nothing where they belong to another
        one."""
        self.begin()
        return self._to_the_end()

    def begin(self) -> Sequence:
        """The last record in the tables, which are emptied where they belong to another journal."""
        if not self._written(self._tables.belong):
            _log.warning("read models of another journal, made anew")
            self._written(clear)
        return self._written(checkpoint_of).sequence

    def rebuild(self) -> Sequence:
        """Delete every row and make all of them anew from the journal."""
        self._written(clear)
        return self._to_the_end()

    def project(self) -> Sequence:
        """Write the next batch, where the journal has one. The last record in the tables."""
        return self._written(self._tables.project)

    def _to_the_end(self) -> Sequence:
        end = self._journal.last
        while (projected := self.project()) < end:
            pass
        return projected

    def _written(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, however often it takes."""
        pause_s = RETRY_FIRST_S
        while True:
            try:
                return self._database.write_now(work)
            except DBAPIError as error:
                # Its own text has the whole statement, hundreds of rows long.
                _log.error("read models not written", error=str(error.orig), again_in_s=pause_s)
            except (OSError, Busy) as error:
                _log.error("read models not written", error=str(error), again_in_s=pause_s)
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, RETRY_MAX_S)
