"""What the journal asks of the operating system so that bytes last."""

import errno
import os
import sys
from pathlib import Path

UNFINISHED = ".new"
"""How the names of files end that a crash left half created. They mean nothing."""

_NOT_SUPPORTED = {errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}


class Disk:
    """Plain system calls, each of which may raise OSError; tests put another object in its place
    to see what becomes of a full or failing disk."""

    def write(self, file: int, data: bytes, offset: int) -> int:
        """How many bytes were written: maybe fewer than all."""
        return os.pwrite(file, data, offset)

    def sync(self, file: int) -> None:
        """Returns when what was written is on the medium."""
        if sys.platform == "darwin":  # fsync there stops at the drive's own cache
            import fcntl  # noqa: PLC0415

            fcntl.fcntl(file, fcntl.F_FULLFSYNC)
        else:
            os.fdatasync(file)

    def write_durably(self, file: int, data: bytes, offset: int) -> None:
        """All of `data`, on the medium when this returns."""
        write_all(self, file, data, offset)
        self.sync(file)

    def preallocate(self, file: int, size: int) -> None:
        """Make the file at least `size` bytes long; what is new reads as zeros. Where the file
        system can, the blocks are reserved: no later write moves the file's end or meets a full
        disk."""
        try:
            os.posix_fallocate(file, 0, size)
        except (AttributeError, OSError) as error:  # macOS has no such call
            if isinstance(error, OSError) and error.errno not in _NOT_SUPPORTED:
                raise
            os.ftruncate(file, max(size, os.fstat(file).st_size))


class LinuxDisk(Disk):
    """One system call where `Disk` needs two: a thread that writes beside a busy event loop waits
    for the interpreter lock after each."""

    def write_durably(self, file: int, data: bytes, offset: int) -> None:
        try:
            written = os.pwritev(file, [data], offset, os.RWF_DSYNC)
        except OSError as error:
            if error.errno not in _NOT_SUPPORTED:
                raise
            written = 0
        if written < len(data):
            super().write_durably(file, data[written:], offset + written)


def system_disk() -> Disk:
    return LinuxDisk() if hasattr(os, "RWF_DSYNC") else Disk()


def write_all(disk: Disk, file: int, data: bytes, offset: int) -> None:
    written = disk.write(file, data, offset)
    while written < len(data):
        written += disk.write(file, data[written:], offset + written)


def create_file(disk: Disk, path: Path, head: bytes, size: int) -> None:
    """A durable file of `size` bytes that starts with `head`; there wholly, or not at all."""
    new = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
    file = os.open(new, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        disk.preallocate(file, size)
        write_all(disk, file, head, 0)
        disk.sync(file)
    finally:
        os.close(file)
    new.rename(path)
    sync_directory(disk, path.parent)


def create_directory(disk: Disk, path: Path) -> None:
    """With its parents. Its name is durable when this returns."""
    if not path.parent.is_dir():
        create_directory(disk, path.parent)
    path.mkdir(exist_ok=True)
    sync_directory(disk, path.parent)


def sync_directory(disk: Disk, directory: Path) -> None:
    """Make the names in it durable."""
    file = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        disk.sync(file)
    finally:
        os.close(file)
