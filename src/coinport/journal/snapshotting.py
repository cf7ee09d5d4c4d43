"""Snapshots in the background, by a process of their own with the lowest priority: the exchange
never pauses for one, and each one proves that the journal replays.

    python -m coinport.journal.snapshotting DATA_DIRECTORY [MODULE:CLASS of the engine]
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from collections.abc import Sequence as SequenceOf
from importlib import import_module
from pathlib import Path
from typing import Final, NoReturn

import structlog

from coinport.engine.seam import Engine
from coinport.journal import background
from coinport.journal.errors import JournalDamaged
from coinport.journal.layout import journal_in
from coinport.journal.reading import LogReader
from coinport.journal.records import end_of
from coinport.journal.recovery import rebuild
from coinport.journal.snapshots import save_snapshot
from coinport.model.records import Record
from coinport.model.units import Sequence

RECORDS_PER_SNAPSHOT: Final = 100_000
RULEBOOK: Final = "coinport.engine.rulebook:Rulebook"

_log = structlog.get_logger(__name__)


class BackgroundSnapshots:
    """Follows the feed and starts the process every so many records, one at a time.

    `last` is the sequence of the newest snapshot (see `newest_snapshot`): the next is due `every`
    records later. The process may be killed at any moment: it only reads the journal, and what it
    writes appears whole.
    """

    def __init__(
        self, data: Path, last: Sequence, every: int = RECORDS_PER_SNAPSHOT, engine: str = RULEBOOK
    ) -> None:
        self._command = background.command(__name__, str(data), engine)
        self._every = every
        self._started_at = last
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> int | None:
        """Id of the process; None where there is none, or it has ended."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def follow(self, records: SequenceOf[Record]) -> None:
        last, _ = end_of(records)
        if last - self._started_at >= self._every and self.running is None:
            self._started_at = last
            self._look_back()
            self._start()

    def close(self) -> None:
        """Kill the process where it runs."""
        if self._process:
            with self._process:
                self._process.kill()
            self._process = None

    def _start(self) -> None:
        try:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
            )
        except OSError as error:
            _log.warning("snapshot not started", error=str(error))

    def _look_back(self) -> None:
        """What became of the process before."""
        if self._process:
            with self._process:  # closes its pipe
                if self._process.returncode:
                    _log.warning("snapshot failed", exit_code=self._process.returncode)
            self._process = None


def main() -> None:
    """Ends when its standard input does, so that it does not outlive the exchange."""
    background.give_way()
    threading.Thread(target=_end_with_input, daemon=True).start()
    data, engine = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else RULEBOOK
    module, _, name = engine.partition(":")
    new_engine: Callable[[], Engine] = getattr(import_module(module), name)
    try:
        save_snapshot(data, rebuild(data, LogReader(journal_in(data)), new_engine))
    except (JournalDamaged, OSError, ValueError) as error:
        sys.exit(f"coinport: no snapshot: {error}")


def _end_with_input() -> NoReturn:
    os.read(0, 1)
    os._exit(0)


if __name__ == "__main__":
    main()
