"""Following a journal from another process: what was acknowledged, from where one stopped."""

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from coinport.journal.batches import FRAME, Batch, decode_batch, salt_of
from coinport.journal.errors import JournalDamaged
from coinport.journal.mark import MARK, read_mark
from coinport.journal.reading import LogReader
from coinport.journal.segments import HEAD_BYTES, Segment, list_segments, read_head, segment_path
from coinport.model.units import Sequence


class LogFollower:
    """A journal that grows while it is read. Nothing is locked or changed.

    Like `LogReader`, but `last` is what is acknowledged now, and a `read` that begins where the one
    before ended costs what it reads, however long the journal is. To be closed. Raises
    FileNotFoundError where there is no journal, and JournalDamaged.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        reader = LogReader(directory)
        self.first = reader.first
        """Of the oldest record that was there at first."""
        self._file = -1
        self._ready: deque[bytes] = deque()
        """Records of the batch at hand that nobody has asked for yet."""
        self._at = Sequence(0)
        """The last record given."""
        self._open(reader.segments[0])

    @property
    def last(self) -> Sequence:
        """Of the last acknowledged record; 0 where there is none."""
        mark = read_mark(self.directory)
        if mark is None:
            raise JournalDamaged(self.directory / MARK, 0, "the file is missing")
        return mark.sequence

    def read(self, after: Sequence) -> Iterator[bytes]:
        """The records after `after` that are acknowledged when the first is asked for."""
        last = self.last
        if after != self._at:
            self._seek(after)
        while self._at < last:
            if not self._ready:
                self._ready.extend(self._next_batch().records)
            self._at = Sequence(self._at + 1)
            yield self._ready.popleft()

    def close(self) -> None:
        os.close(self._file)
        self._file = -1

    def _seek(self, after: Sequence) -> None:
        segments = [each for each in list_segments(self.directory) if each.first <= after + 1]
        if not segments:
            detail = f"record {after + 1} is older than all segments here"
            raise JournalDamaged(self.directory, 0, detail)
        self._open(segments[-1])
        while self._at < after:
            batch = self._next_batch()
            skipped = min(after, batch.last) - self._at
            self._ready.extend(batch.records[skipped:])
            self._at = Sequence(self._at + skipped)

    def _open(self, segment: Segment) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file = os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC)
        self._segment = segment
        self._salt = salt_of(segment.journal)
        self._offset = HEAD_BYTES
        self._previous = segment.previous
        self._at = Sequence(segment.first - 1)
        self._ready.clear()

    def _next_batch(self) -> Batch:
        """That after `_at`, which is acknowledged, so it is there, here or in the next segment."""
        expected = Sequence(self._at + 1)
        frame = os.pread(self._file, FRAME.size, self._offset)
        length, crc = FRAME.unpack(frame) if len(frame) == FRAME.size else (0, 0)
        if not length:
            return self._first_of_next(expected)
        batch = decode_batch(
            os.pread(self._file, length, self._offset + FRAME.size), crc, self._salt
        )
        if batch is None or (batch.first, batch.previous) != (expected, self._previous):
            raise self._unreadable(expected)
        self._offset += batch.size
        self._previous = batch.crc
        return batch

    def _first_of_next(self, expected: Sequence) -> Batch:
        path = segment_path(self.directory, self._segment.number + 1)
        segment = read_head(path) if path.exists() else None
        if segment is None or segment.first != expected or segment.previous != self._previous:
            raise self._unreadable(expected)
        self._open(segment)
        return self._next_batch()

    def _unreadable(self, expected: Sequence) -> JournalDamaged:
        detail = f"record {expected} cannot be read"
        return JournalDamaged(self._segment.path, self._offset, detail)
