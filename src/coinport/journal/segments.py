"""Segment files: the journal in pieces, NNNNNNNN.segment, numbered without a gap.

    "COINPORT" | format u32 | number u32 | journal u64 | first sequence u64
    | CRC of the last batch of the segment before u32 | CRC-32C of all this u32 | batches | zeros

A segment is created whole, before its first batch, so its head is never torn. The oldest segments
may be moved away: a start from a snapshot does not need them.
"""

import os
import struct
from collections.abc import Iterator
from collections.abc import Sequence as SequenceOf
from itertools import pairwise
from pathlib import Path

import google_crc32c
from msgspec import Struct

from coinport.journal.batches import ALIGNMENT, FRAME, Batch, decode_batch, salt_of
from coinport.journal.disk import Disk, create_file
from coinport.journal.errors import JournalDamaged
from coinport.model.units import Sequence

FORMAT = 1

_MAGIC = b"COINPORT"
_HEAD = struct.Struct("<8sIIQQI")
_CRC = struct.Struct("<I")
HEAD_BYTES = _HEAD.size + _CRC.size
assert HEAD_BYTES % ALIGNMENT == 0

_BUFFER_BYTES = 256 * 1024


class Segment(Struct, frozen=True):
    path: Path
    number: int
    journal: int
    """A random number that all files of one journal bear."""
    first: Sequence
    """Of the first record that is, or will be, in it."""
    previous: int
    """CRC of the last batch before it; 0 in the first segment."""


def segment_path(directory: Path, number: int) -> Path:
    return directory / f"{number:08d}.segment"


def create_segment(disk: Disk, segment: Segment, size: int) -> None:
    """A durable file of `size` bytes, all free but the head. Raises OSError."""
    head = _HEAD.pack(
        _MAGIC, FORMAT, segment.number, segment.journal, segment.first, segment.previous
    )
    create_file(disk, segment.path, head + _CRC.pack(google_crc32c.value(head)), size)


def list_segments(directory: Path) -> list[Segment]:
    """All there are, in order. Raises JournalDamaged for a bad head or a gap in the numbers."""
    segments = [read_head(path) for path in sorted(directory.glob("*.segment"))]
    for before, segment in pairwise(segments):
        if segment.number != before.number + 1:
            missing = segment_path(directory, before.number + 1)
            raise JournalDamaged(missing, 0, "this segment is missing")
        if segment.journal != before.journal or segment.first < before.first:
            raise JournalDamaged(segment.path, 0, "it does not continue the segment before")
    return segments


def read_head(path: Path) -> Segment:
    """Raises JournalDamaged."""
    with path.open("rb") as file:
        data = file.read(HEAD_BYTES)
    head, crc = data[: _HEAD.size], data[_HEAD.size :]
    if len(crc) < _CRC.size or _CRC.unpack(crc)[0] != google_crc32c.value(head):
        raise JournalDamaged(path, 0, "the head of the segment is damaged")
    magic, version, number, journal, first, previous = _HEAD.unpack(head)
    if magic != _MAGIC or version != FORMAT:
        raise JournalDamaged(path, 0, f"not a segment of format {FORMAT}")
    if path != segment_path(path.parent, number):
        raise JournalDamaged(path, 0, f"this is segment {number} under another name")
    return Segment(path, number, journal, Sequence(first), previous)


def read_batches(segment: Segment) -> Iterator[Batch]:
    """The good batches, one behind the other from `HEAD_BYTES` on, up to the first place where
    there is none, or one that does not continue the one before."""
    salt, expected, previous = salt_of(segment.journal), segment.first, segment.previous
    with segment.path.open("rb", buffering=_BUFFER_BYTES) as file:
        left = os.fstat(file.fileno()).st_size - file.seek(HEAD_BYTES)
        while left >= FRAME.size:
            length, crc = FRAME.unpack(file.read(FRAME.size))
            left -= FRAME.size + length
            if left < 0:
                return
            batch = decode_batch(file.read(length), crc, salt)
            if batch is None or batch.first != expected or batch.previous != previous:
                return
            yield batch
            expected, previous = Sequence(batch.last + 1), batch.crc


def crc_at(segments: SequenceOf[Segment], sequence: Sequence) -> int | None:
    """CRC of the batch that ends with `sequence`, which by the chain stands for all records up to
    there. None where no batch ends there, or none that can be read."""
    segment = _segment_of(segments, Sequence(sequence + 1))
    if segment and segment.first == sequence + 1:
        return segment.previous
    for batch in read_batches(segment) if segment else ():
        if batch.last >= sequence:
            return batch.crc if batch.last == sequence else None
    return None


def bad_record(directory: Path, sequence: Sequence, what: str) -> JournalDamaged:
    """To be raised where the bytes of a record are those that were written, but it cannot be."""
    segment = _segment_of(list_segments(directory), sequence)
    assert segment, "nobody has read this record"
    offset = HEAD_BYTES
    for batch in read_batches(segment):
        if batch.last >= sequence:
            break
        offset += batch.size
    return JournalDamaged(
        segment.path,
        offset,
        f"record {sequence} {what}",
        "Its bytes are those that were written, so a copy has them too: use the release of coinport"
        " that wrote them, and report this",
    )


def read_records(directory: Path, after: Sequence, last: Sequence) -> Iterator[bytes]:
    """The records after `after` up to `last`.

    Raises JournalDamaged where one of them cannot be read.
    """
    if after >= last:
        return
    segments = list_segments(directory)
    start = _segment_of(segments, Sequence(after + 1))
    if start is None:
        raise JournalDamaged(
            directory,
            0,
            f"record {after + 1} is older than all segments here",
            "Put the older segments back, or a newer snapshot",
        )
    expected, crc = start.first, start.previous
    for segment in segments[segments.index(start) :]:
        if (segment.first, segment.previous) != (expected, crc):
            break
        path, offset = segment.path, HEAD_BYTES
        for batch in read_batches(segment):
            yield from batch.records[max(0, after + 1 - batch.first) : last + 1 - batch.first]
            if batch.last >= last:
                return
            expected, crc = Sequence(batch.last + 1), batch.crc
            offset += batch.size
    raise JournalDamaged(path, offset, f"record {expected} cannot be read")


def _segment_of(segments: SequenceOf[Segment], sequence: Sequence) -> Segment | None:
    """The one that has, or would have, this record; None where it is older than all."""
    return next((each for each in reversed(segments) if each.first <= sequence), None)
