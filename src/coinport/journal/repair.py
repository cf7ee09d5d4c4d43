"""Repair: give up what can no longer be read of a damaged journal, keeping its bytes for experts.

    python -m coinport.journal.repair JOURNAL_DIRECTORY

Whatever was acknowledged behind the damage is lost by this: restoring the files from a copy is
better wherever there is one.
"""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from coinport.journal.disk import Disk, sync_directory
from coinport.journal.errors import JournalDamaged, JournalLocked
from coinport.journal.log import lock_directory
from coinport.journal.mark import MARK, create_mark
from coinport.journal.segments import Segment, read_head
from coinport.journal.tail import Tail, cut_tail, follow
from coinport.model.units import Sequence


def repair(directory: Path) -> tuple[Sequence, Path]:
    """The last record that is left, and where the files are now that were moved or changed.

    Raises JournalLocked, OSError, and JournalDamaged where not even the first segment is left.
    """
    lock = lock_directory(directory)
    try:
        segment, tail = _readable_part(directory)
        aside = directory / f"damaged-{time.time_ns()}"
        aside.mkdir()
        _move_aside(directory, segment, aside)
        _cut(segment, tail)
        create_mark(Disk(), directory, segment.journal, tail.last, tail.crc)
    finally:
        os.close(lock)
    return tail.last, aside


def main() -> None:
    parser = argparse.ArgumentParser(description="Give up what can no longer be read of a journal.")
    parser.add_argument("directory", type=Path, help="the journal/ of an exchange that is stopped")
    try:
        last, aside = repair(parser.parse_args().directory)
    except (JournalDamaged, JournalLocked, OSError) as error:
        sys.exit(f"coinport: nothing repaired: {error}")
    print(f"The journal now ends with record {last}. What it was before is in {aside}.")


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


def _move_aside(directory: Path, last: Segment, aside: Path) -> None:
    """The mark, and what is no longer used; of the last segment, a copy."""
    for path in [directory / MARK, *directory.glob("*.segment")]:
        if path.name > last.path.name and path.exists():
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


if __name__ == "__main__":
    main()
