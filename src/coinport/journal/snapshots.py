"""Snapshots: the state of the engine at one record, so that a start need not replay everything.

A file <sequence>.snapshot; numbers are little-endian:

    "COINSNAP" | format u32 | sequence u64 | SHA-256 of the data | data

Snapshots are conveniences: the journal alone is the truth, and a bad one is passed over.
"""

import hashlib
import struct
from pathlib import Path
from typing import Final

from msgspec import Struct

from coinport.engine.seam import Engine
from coinport.journal.disk import UNFINISHED, Disk, create_directory, create_file
from coinport.journal.layout import snapshots_in
from coinport.model.units import Sequence

FORMAT: Final = 1
SNAPSHOTS_KEPT: Final = 3

_MAGIC = b"COINSNAP"
_HEAD = struct.Struct("<8sIQ32s")


class SnapshotCorrupt(ValueError):
    """The file is not as it was written."""


class Snapshot(Struct, frozen=True):
    path: Path
    sequence: Sequence
    digest: bytes
    """SHA-256 of the data: of the whole state, whichever engine made it."""
    data: bytes


def save_snapshot(data: Path, engine: Engine) -> Path:
    """Durable when it returns, and there wholly or not at all. The oldest ones are removed.

    Raises OSError.
    """
    disk, directory = Disk(), snapshots_in(data)
    create_directory(disk, directory)
    state = engine.snapshot()
    head = _HEAD.pack(_MAGIC, FORMAT, engine.sequence, hashlib.sha256(state).digest())
    path = directory / f"{engine.sequence:016d}.snapshot"
    create_file(disk, path, head + state, len(head) + len(state))
    for old in snapshot_paths(data)[SNAPSHOTS_KEPT:]:
        old.unlink(missing_ok=True)
    for unfinished in directory.glob(f"*{UNFINISHED}"):
        unfinished.unlink(missing_ok=True)
    return path


def snapshot_paths(data: Path) -> list[Path]:
    """The newest first."""
    return sorted(snapshots_in(data).glob("*.snapshot"), reverse=True)


def newest_snapshot(data: Path) -> Sequence:
    """Of which record the newest is, by its name; 0 where there is none."""
    paths = snapshot_paths(data)
    return Sequence(int(paths[0].stem)) if paths else Sequence(0)


def read_snapshot(path: Path) -> Snapshot:
    """Raises SnapshotCorrupt."""
    content = path.read_bytes()
    if len(content) < _HEAD.size:
        raise SnapshotCorrupt(f"{path} is cut off")
    magic, version, sequence, digest = _HEAD.unpack_from(content)
    data = content[_HEAD.size :]
    if magic != _MAGIC or version != FORMAT or f"{sequence:016d}" != path.stem:
        raise SnapshotCorrupt(f"{path} is not a snapshot of format {FORMAT} at {path.stem}")
    if hashlib.sha256(data).digest() != digest:
        raise SnapshotCorrupt(f"{path} does not have the digest that it names")
    return Snapshot(path, Sequence(sequence), digest, data)
