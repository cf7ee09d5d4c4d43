"""The log: records appended to segment files, durable before `append` returns."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from collections.abc import Sequence as SequenceOf
from pathlib import Path
from typing import Final

import structlog

from coinport.journal.batches import encode_batch, salt_of
from coinport.journal.disk import (
    UNFINISHED,
    Disk,
    create_directory,
    sync_directory,
    system_disk,
)
from coinport.journal.errors import JournalDamaged, JournalFailed, JournalLocked
from coinport.journal.mark import MARK, Mark, MarkWriter, create_mark, read_mark
from coinport.journal.segments import (
    HEAD_BYTES,
    Segment,
    create_segment,
    list_segments,
    read_records,
    segment_path,
)
from coinport.journal.tail import cut_tail, find_tail
from coinport.model.units import Sequence

SEGMENT_BYTES: Final = 64 * 1024 * 1024
LOCK: Final = "lock"

_log = structlog.get_logger(__name__)


class FileLog:
    """The journal, open for writing; a directory without one gets an empty one.

    Opening cuts a torn tail. Raises JournalLocked where another process has it open,
    JournalDamaged, having changed nothing, where acknowledged records are lost or altered, and
    OSError where the disk fails.
    """

    first: Sequence
    """Of the oldest record that is still here, or will be."""
    last: Sequence
    """Of the last durable record; 0 at the start."""
    _mark: MarkWriter
    _segment: Segment
    _file: int
    _size: int
    _offset: int
    _crc: int
    _salt: int

    def __init__(
        self, directory: Path, segment_bytes: int = SEGMENT_BYTES, disk: Disk | None = None
    ) -> None:
        self.directory = directory
        self._segment_bytes = segment_bytes
        self._disk = disk or system_disk()
        create_directory(self._disk, directory)
        self._lock = lock_directory(directory)
        try:
            self._recover()
        except BaseException:
            os.close(self._lock)
            raise
        self._usable = True

    def append(self, records: SequenceOf[bytes]) -> None:
        """Returns when the records, and the mark that they are acknowledged, are durable.

        Raises JournalFailed on any error, and from then on always: after a failed fsync nobody
        knows what is on the disk, and what came behind it could not be read.
        """
        if not self._usable:
            raise JournalFailed(f"{self.directory}: closed, or an earlier write failed")
        if not records:
            return
        self._usable = False
        first, last = Sequence(self.last + 1), Sequence(self.last + len(records))
        batch, crc = encode_batch(records, first, self._crc, self._salt)
        try:
            if self._offset + len(batch) > self._size:
                self._next_segment(len(batch))
            self._disk.write_durably(self._file, batch, self._offset)
            self._mark.write(last, crc)
        except OSError as error:
            why = error.strerror or error
            raise JournalFailed(
                f"{self.directory}: record {first} not written: {why}: make room or change the "
                "disk, then start again"
            ) from error
        self._offset += len(batch)
        self._crc = crc
        self.last = last
        self._usable = True

    def read(self, after: Sequence) -> Iterator[bytes]:
        """The records after `after` up to the last one at the time of the call; in any thread.

        Raises JournalDamaged where one of them cannot be read.
        """
        return read_records(self.directory, after, self.last)

    def close(self) -> None:
        if self._lock < 0:
            return
        self._usable = False
        os.close(self._file)
        self._mark.close()
        os.close(self._lock)
        self._lock = -1

    def _recover(self) -> None:
        for path in self.directory.glob(f"*{UNFINISHED}"):
            path.unlink()
        segments = list_segments(self.directory)
        mark = read_mark(self.directory) or self._new_mark(segments)
        if not segments:
            segments = [self._first_segment(mark)]
        tail = find_tail(segments[-1], mark)
        self.first = segments[0].first
        self.last = tail.last
        self._crc = tail.crc
        self._salt = salt_of(mark.journal)
        self._use(segments[-1], tail.offset)
        if tail.end > tail.offset:
            _log.warning("torn tail cut", file=str(segments[-1].path), offset=tail.offset)
            cut_tail(self._disk, self._file, tail)
        self._mark = MarkWriter(self._disk, self.directory, mark)
        self._settle()
        if tail.last > mark.sequence:
            self._mark.write(tail.last, tail.crc)

    def _settle(self) -> None:
        """Make durable what was found: a process that was killed may have left it to the system to
        write, and a power cut may still come."""
        sync_directory(self._disk, self.directory)
        self._disk.sync(self._file)
        self._mark.sync()

    def _new_mark(self, segments: SequenceOf[Segment]) -> Mark:
        if segments:
            raise JournalDamaged(self.directory / MARK, 0, "the file is missing")
        return create_mark(self._disk, self.directory, secrets.randbits(64), Sequence(0), 0)

    def _first_segment(self, mark: Mark) -> Segment:
        path = segment_path(self.directory, 1)
        if mark.sequence:
            raise JournalDamaged(path, 0, f"records up to {mark.sequence} are missing")
        segment = Segment(path, 1, mark.journal, Sequence(1), 0)
        create_segment(self._disk, segment, self._segment_bytes)
        return segment

    def _next_segment(self, batch_bytes: int) -> None:
        """One that has room for a batch of this size."""
        number, first = self._segment.number + 1, Sequence(self.last + 1)
        path = segment_path(self.directory, number)
        segment = Segment(path, number, self._segment.journal, first, self._crc)
        create_segment(self._disk, segment, max(self._segment_bytes, HEAD_BYTES + batch_bytes))
        os.close(self._file)
        self._use(segment, HEAD_BYTES)

    def _use(self, segment: Segment, offset: int) -> None:
        self._segment = segment
        self._file = os.open(segment.path, os.O_RDWR | os.O_CLOEXEC)
        self._offset = offset
        self._size = os.fstat(self._file).st_size
        if self._size < self._segment_bytes:  # somebody cut off its free end
            self._disk.preallocate(self._file, self._segment_bytes)
            self._size = self._segment_bytes


def lock_directory(directory: Path) -> int:
    """A file to close when done. Raises JournalLocked where somebody else has the lock."""
    file = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(file)
        raise JournalLocked(
            f"{directory} is in use by another process: end it, or name another data directory"
        ) from error
    return file
