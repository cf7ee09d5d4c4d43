"""Snapshots: the state of the engine at one record, so that a start need not replay everything.

A file <sequence>.snapshot; numbers are little-endian:

    "COINSNAP" | format u32 | CRC of the batch that ends with the record u32 | journal u64
    | sequence u64 | SHA-256 of the data | CRC-32C of all this u32 | data

The number of the journal and the CRC say of which records this is the state: those of another
exchange, or of a journal that went on differently, do not fit. Snapshots are conveniences: the
journal alone is the truth, and a bad one is passed over.
"""

import hashlib
import struct
from collections.abc import Sequence as SequenceOf
from pathlib import Path
from typing import Final

import google_crc32c
from msgspec import Struct

from coinport.engine.seam import Engine
from coinport.journal.disk import UNFINISHED, Disk, create_directory, create_file
from coinport.journal.errors import JournalDamaged
from coinport.journal.layout import journal_in, snapshots_in
from coinport.journal.mark import read_mark
from coinport.journal.segments import Segment, crc_at, list_segments
from coinport.model.units import Sequence

FORMAT: Final = 2
SNAPSHOTS_KEPT: Final = 3

_KIND = b"COINSNAP" + FORMAT.to_bytes(4, "little")
_HEAD = struct.Struct("<12sIQQ32s")
_CRC = struct.Struct("<I")
_HEAD_BYTES = _HEAD.size + _CRC.size


class SnapshotUnusable(ValueError):
    """The message names the file and the reason."""


class Snapshot(Struct, frozen=True):
    """What the head of the file says."""

    path: Path
    journal: int
    """The random number of the journal, see `Segment`."""
    sequence: Sequence
    crc: int
    """Of the batch that ends with `sequence`."""
    digest: bytes
    """SHA-256 of the data: of the whole state, whichever engine made it."""


def save_snapshot(data: Path, engine: Engine) -> Path:
    """Durable when it returns, and there wholly or not at all. The oldest ones are removed.

    `engine` is as of the end of a batch of the journal in `data`. Raises OSError, and
    JournalDamaged where that batch cannot be read.
    """
    disk, directory, segments = Disk(), snapshots_in(data), list_segments(journal_in(data))
    crc = crc_at(segments, engine.sequence)
    if crc is None:
        raise JournalDamaged(
            segments[-1].path, 0, f"no batch that ends with record {engine.sequence} can be read"
        )
    create_directory(disk, directory)
    state = engine.snapshot()
    digest = hashlib.sha256(state).digest()
    head = _HEAD.pack(_KIND, crc, segments[-1].journal, engine.sequence, digest)
    content = head + _CRC.pack(google_crc32c.value(head)) + state
    path = directory / f"{_name(engine.sequence)}.snapshot"
    create_file(disk, path, content, len(content))
    for old in _own_snapshots(data)[SNAPSHOTS_KEPT:]:
        old.path.unlink(missing_ok=True)
    for unfinished in directory.glob(f"*{UNFINISHED}"):
        unfinished.unlink(missing_ok=True)
    return path


def snapshot_paths(data: Path) -> list[Path]:
    """Of all there are, whatever is in them; the newest first."""
    return sorted(snapshots_in(data).glob("*.snapshot"), reverse=True)


def newest_snapshot(data: Path) -> Sequence:
    """Of which record the newest of this journal is, by its head; 0 where there is none."""
    own = _own_snapshots(data)
    return own[0].sequence if own else Sequence(0)


def read_snapshot(path: Path) -> Snapshot:
    """Only the head. Raises SnapshotUnusable."""
    content = _content(path, _HEAD_BYTES)
    if not content.startswith(_KIND):
        raise SnapshotUnusable(f"{path} is not a snapshot of format {FORMAT}")
    head, head_crc = content[: _HEAD.size], content[_HEAD.size :]
    if len(content) < _HEAD_BYTES or _CRC.unpack(head_crc)[0] != google_crc32c.value(head):
        raise SnapshotUnusable(f"{path}: the head is damaged")
    _, crc, journal, sequence, digest = _HEAD.unpack(head)
    if path.stem != _name(sequence):
        raise SnapshotUnusable(f"{path} is the snapshot {_name(sequence)} under another name")
    return Snapshot(path, journal, Sequence(sequence), crc, digest)


def read_state(snapshot: Snapshot) -> bytes:
    """For `Engine.restore`. Raises SnapshotUnusable."""
    state = _content(snapshot.path)[_HEAD_BYTES:]
    if hashlib.sha256(state).digest() != snapshot.digest:
        raise SnapshotUnusable(f"{snapshot.path} does not have the digest that it names")
    return state


def check_origin(snapshot: Snapshot, segments: SequenceOf[Segment]) -> None:
    """Raises SnapshotUnusable where it is not the state of the records in `segments`. Where those
    up to its own were moved away, only the number of the journal tells."""
    if snapshot.journal != segments[0].journal:
        raise SnapshotUnusable(f"{snapshot.path} is of another journal")
    known = snapshot.sequence + 1 >= segments[0].first
    if known and crc_at(segments, snapshot.sequence) != snapshot.crc:
        what = f"is of records up to {snapshot.sequence} that the journal does not have"
        raise SnapshotUnusable(f"{snapshot.path} {what}")


def _own_snapshots(data: Path) -> list[Snapshot]:
    """Those that bear the number of this journal, the newest first."""
    mark = read_mark(journal_in(data))
    own = []
    for path in snapshot_paths(data):
        try:
            snapshot = read_snapshot(path)
        except SnapshotUnusable:
            continue
        if mark and snapshot.journal == mark.journal:
            own.append(snapshot)
    return own


def _name(sequence: int) -> str:
    """So that the order of the names is that of the sequences."""
    return f"{sequence:016d}"


def _content(path: Path, size: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise SnapshotUnusable(f"{path} cannot be read: {error.strerror}") from error
