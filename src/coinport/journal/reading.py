"""Reading a journal without opening it for writing: of a stopped exchange, or of a running one."""

from collections.abc import Iterator
from pathlib import Path

from coinport.journal.errors import JournalDamaged
from coinport.journal.mark import MARK, read_mark
from coinport.journal.segments import list_segments, read_records
from coinport.model.units import Sequence


class LogReader:
    """What had been acknowledged when it was made; nothing is locked or changed.

    Raises FileNotFoundError where there is no journal, and JournalDamaged.
    """

    def __init__(self, directory: Path) -> None:
        mark = read_mark(directory)
        self.directory = directory
        self.segments = list_segments(directory)
        if mark is None and self.segments:
            raise JournalDamaged(directory / MARK, 0, "the file is missing")
        if mark is None or not self.segments:
            raise FileNotFoundError(f"there is no journal in {directory}")
        self.first = self.segments[0].first
        """Of the oldest record that is still here, or will be."""
        self.last = mark.sequence
        """Of the last acknowledged record; 0 where there is none."""

    def read(self, after: Sequence) -> Iterator[bytes]:
        """The records after `after` up to `last`. Raises JournalDamaged where one of them cannot be
        read."""
        return read_records(self.directory, after, self.last)
