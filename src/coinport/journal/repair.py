"""Repair: give up what can no longer be read of a damaged journal, keeping its bytes for experts.

Whatever was acknowledged behind the damage is lost by this: restoring the files from a copy is
better wherever there is one.
"""

import os
import shutil
import time
from collections import deque
from collections.abc import Sequence as SequenceOf
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from coinport.journal.disk import Disk, sync_directory
from coinport.journal.errors import JournalDamaged
from coinport.journal.layout import holds_journal
from coinport.journal.log import lock_directory
from coinport.journal.mark import MARK, create_mark, read_mark
from coinport.journal.segments import Segment, list_segments, read_head, read_records
from coinport.journal.snapshots import (
    Snapshot,
    SnapshotUnusable,
    check_origin,
    read_snapshot,
    read_state,
    snapshot_paths,
)
from coinport.journal.tail import Tail, cut_tail, find_tail, follow
from coinport.model.units import Sequence


class Repaired(Struct, frozen=True):
    last: Sequence
    """The last record that is left."""
    acknowledged: Sequence | None
    """The last one that there was; None where that is not known any more."""
    aside: Path
    """Where the files are now that were moved or changed."""


def repair(directory: Path) -> Repaired | None:
    """None where nothing is wrong with the journal; nothing is changed then.

    Raises FileNotFoundError where there is no journal, JournalLocked, OSError, and JournalDamaged,
    having changed nothing, where not even the first segment is left, or where an exchange can start
    without what is damaged.
    """
    if not holds_journal(directory):
        raise FileNotFoundError(f"there is no journal in {directory}")
    lock = lock_directory(directory)
    try:
        fault = _fault(directory)
        if fault is None:
            return None
        segment, tail = _readable_part(directory)
        newer = _newer_snapshots(directory, segment, tail.last)
        for snapshot in newer:
            if _starts_from(directory, snapshot):
                raise JournalDamaged(
                    fault.path,
                    fault.offset,
                    f"this is damaged, but a start does not need it: {snapshot.path} is newer",
                    "Restore the file from a copy; nothing has to be given up",
                )
        acknowledged = _acknowledged(directory)
        aside = directory / f"damaged-{time.time_ns()}"
        aside.mkdir()
        _move_aside(directory, segment, newer, aside)
        _cut(segment, tail)
        create_mark(Disk(), directory, segment.journal, tail.last, tail.crc)
    finally:
        os.close(lock)
    return Repaired(tail.last, acknowledged, aside)


def _fault(directory: Path, after: int = 0) -> JournalDamaged | None:
    """What is wrong, as far as a start with the state after `after` would notice."""
    try:
        mark, segments = read_mark(directory), list_segments(directory)
        if mark is None:
            return JournalDamaged(directory / MARK, 0, "the file is missing")
        if not segments:
            return JournalDamaged(directory, 0, "there is no segment")
        last = find_tail(segments[-1], mark).last
        start = Sequence(max(after, segments[0].first - 1))
        deque(read_records(directory, start, last), maxlen=0)
    except JournalDamaged as error:
        return error
    return None


def _starts_from(directory: Path, snapshot: Snapshot) -> bool:
    """Whether an exchange can start from it, whatever is wrong before it."""
    try:
        check_origin(snapshot, list_segments(directory))
        read_state(snapshot)
    except (SnapshotUnusable, JournalDamaged):
        return False
    return _fault(directory, snapshot.sequence) is None


def _acknowledged(directory: Path) -> Sequence | None:
    with suppress(JournalDamaged):
        if mark := read_mark(directory):
            return mark.sequence
    return None


def _readable_part(directory: Path) -> tuple[Segment, Tail]:
    """The last segment that can be used, and the end of what is good in it."""
    part: tuple[Segment, Tail] | None = None
    for path in sorted(directory.glob("*.segment")):
        try:
            segment = read_head(path)
        except JournalDamaged:
            break
        if part and (segment.first, segment.previous) != (part[1].last + 1, part[1].crc):
            break
        part = segment, follow(segment)
    if part is None:
        raise JournalDamaged(directory, 0, "there is no segment left", "Restore it from a copy")
    return part


def _newer_snapshots(directory: Path, segment: Segment, last: Sequence) -> list[Snapshot]:
    """Those of this journal that are of records behind `last`, the newest first."""
    newer = []
    for path in snapshot_paths(directory.parent):
        with suppress(SnapshotUnusable):
            snapshot = read_snapshot(path)
            if snapshot.journal == segment.journal and snapshot.sequence > last:
                newer.append(snapshot)
    return newer


def _move_aside(
    directory: Path, last: Segment, snapshots: SequenceOf[Snapshot], aside: Path
) -> None:
    """The mark, and what is no longer used; of the last segment, a copy."""
    later = [path for path in directory.glob("*.segment") if path.name > last.path.name]
    for path in (directory / MARK, *later, *(snapshot.path for snapshot in snapshots)):
        if path.exists():
            path.rename(aside / path.name)
    shutil.copy2(last.path, aside)
    for changed in (directory, aside):
        sync_directory(Disk(), changed)


def _cut(segment: Segment, tail: Tail) -> None:
    file = os.open(segment.path, os.O_RDWR | os.O_CLOEXEC)
    try:
        cut_tail(Disk(), file, tail)
    finally:
        os.close(file)
