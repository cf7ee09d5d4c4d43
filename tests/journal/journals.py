"""Short journals to damage, and disks that fail."""

import errno
import os
from pathlib import Path

from coinport.journal.disk import Disk
from coinport.journal.log import FileLog

SEGMENT_BYTES = 512


class FastDisk(Disk):
    """Does not wait for the medium, where a test is not about that."""

    def sync(self, file: int) -> None:
        pass


class ShortDisk(FastDisk):
    """Writes at most three bytes at a time."""

    def write(self, file: int, data: bytes, offset: int) -> int:
        return super().write(file, data[:3], offset)


class FailingDisk(FastDisk):
    """Fails from the moment that it is told what (write, sync or preallocate) and how."""

    def __init__(self) -> None:
        self.fails: str | None = None
        self.after = 0
        """How many such calls still succeed."""
        self.calls: list[str] = []
        self.written_before_failing = 0

    def fail(self, call: str, after: int = 0) -> None:
        self.fails, self.after, self.calls = call, after, []

    def write(self, file: int, data: bytes, offset: int) -> int:
        if self._failing("write"):
            if part := data[: self.written_before_failing]:
                super().write(file, part, offset)
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(file, data, offset)

    def sync(self, file: int) -> None:
        if self._failing("sync"):
            raise OSError(errno.EIO, "Input/output error")

    def preallocate(self, file: int, size: int) -> None:
        if self._failing("preallocate"):
            raise OSError(errno.ENOSPC, "No space left on device")
        super().preallocate(file, size)

    def _failing(self, call: str) -> bool:
        self.calls.append(call)
        return self.fails == call and self.calls.count(call) > self.after


def record(number: int) -> bytes:
    return f"record {number} ".encode() * (1 + number % 3)


def records(first: int, last: int) -> list[bytes]:
    return [record(number) for number in range(first, last + 1)]


def open_log(
    directory: Path, disk: Disk | None = None, segment_bytes: int = SEGMENT_BYTES
) -> FileLog:
    return FileLog(directory, segment_bytes, disk or FastDisk())


def write_journal(
    directory: Path, batches: list[list[bytes]], segment_bytes: int = SEGMENT_BYTES
) -> None:
    log = open_log(directory, segment_bytes=segment_bytes)
    for batch in batches:
        log.append(batch)
    log.close()


def contents(directory: Path) -> list[bytes]:
    """All records of a journal that opens."""
    log = open_log(directory)
    try:
        found = list(log.read(log.first - 1))  # type: ignore[arg-type]
        assert len(found) == log.last - log.first + 1
        return found
    finally:
        log.close()


def overwrite(path: Path, data: bytes) -> None:
    """Much quicker than to write it anew: the file keeps its blocks."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.pwrite(file, data, 0)
    os.ftruncate(file, len(data))
    os.close(file)
