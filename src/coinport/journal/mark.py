"""The mark: a small file beside the segments that says up to which record the journal has been
acknowledged. Without it a damaged last batch would look like one that a crash tore.

Two slots, each in a block of its own, take turns, so that a torn write spoils only the newer one:

    journal u64 | sequence u64 | CRC of the batch that ends there u32 | CRC-32C of all this u32
"""

import os
import struct
from pathlib import Path

import google_crc32c
from msgspec import Struct

from coinport.journal.disk import Disk, create_file
from coinport.journal.errors import JournalDamaged
from coinport.model.units import Sequence

MARK = "acknowledged"

_SLOT = struct.Struct("<QQI")
_CRC = struct.Struct("<I")
_SLOT_BYTES = _SLOT.size + _CRC.size
_BLOCK_BYTES = 4096


class Mark(Struct, frozen=True):
    journal: int
    sequence: Sequence
    crc: int
    """Of the batch that ends with `sequence`; 0 before the first."""
    slot: int
    whole: bool
    """The other slot is good as well."""


def read_mark(directory: Path) -> Mark | None:
    """The newest good slot; None where there is no file. Raises JournalDamaged where no slot is
    good."""
    path = directory / MARK
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    slots = [_decode(data, slot) for slot in (0, 1)]
    good = [slot for slot in slots if slot is not None]
    if not good or len({mark.journal for mark in good}) > 1:
        raise JournalDamaged(path, 0, "the mark cannot be read")
    newest = max(good, key=lambda mark: mark.sequence)
    return Mark(newest.journal, newest.sequence, newest.crc, newest.slot, len(good) == len(slots))


def create_mark(disk: Disk, directory: Path, journal: int, sequence: Sequence, crc: int) -> Mark:
    head = _encode(journal, sequence, crc)
    data = head.ljust(_BLOCK_BYTES, b"\0") + head.ljust(_BLOCK_BYTES, b"\0")
    create_file(disk, directory / MARK, data, len(data))
    return Mark(journal, sequence, crc, 0, True)


class MarkWriter:
    def __init__(self, disk: Disk, directory: Path, mark: Mark) -> None:
        self._disk = disk
        self._journal = mark.journal
        self._slot = mark.slot
        self._file = os.open(directory / MARK, os.O_RDWR | os.O_CLOEXEC)

    def write(self, sequence: Sequence, crc: int) -> None:
        """Durable when it returns. Raises OSError."""
        slot = 1 - self._slot
        data = _encode(self._journal, sequence, crc)
        self._disk.write_durably(self._file, data, slot * _BLOCK_BYTES)
        self._slot = slot

    def sync(self) -> None:
        self._disk.sync(self._file)

    def close(self) -> None:
        os.close(self._file)


def _encode(journal: int, sequence: Sequence, crc: int) -> bytes:
    slot = _SLOT.pack(journal, sequence, crc)
    return slot + _CRC.pack(google_crc32c.value(slot))


def _decode(data: bytes, slot: int) -> Mark | None:
    start = slot * _BLOCK_BYTES
    content = data[start : start + _SLOT.size]
    crc = data[start + _SLOT.size : start + _SLOT_BYTES]
    if len(crc) < _CRC.size or _CRC.unpack(crc)[0] != google_crc32c.value(content):
        return None
    journal, sequence, batch_crc = _SLOT.unpack(content)
    return Mark(journal, Sequence(sequence), batch_crc, slot, True)
