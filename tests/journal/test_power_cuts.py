"""Power cuts: whenever the power goes, and whatever the disk had kept to itself until then, every
acknowledged record is there afterwards, and the journal goes on.

A killed process proves nothing here, because the system keeps what it wrote. So the disk of this
test forgets: of what was written and not yet synced, a cut leaves any parts.
"""

import os
import random
from collections import defaultdict
from pathlib import Path

import pytest

from coinport.journal.disk import Disk
from coinport.journal.log import FileLog
from tests.journal.journals import contents, open_log, record

BLOCK = 64
"""Bytes that this disk keeps or loses together."""


class PowerCut(Exception):
    pass


class ForgetfulDisk(Disk):
    def __init__(self, calls_left: int, chance: random.Random) -> None:
        self.calls_left = calls_left
        self.chance = chance
        self.unsynced: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
        """By inode: where something was written, and what had been there before."""

    def write(self, file: int, data: bytes, offset: int) -> int:
        before = os.pread(file, len(data), offset).ljust(len(data), b"\0")
        self.unsynced[os.fstat(file).st_ino].append((offset, before))
        written = super().write(file, data, offset)
        self._use_power()
        return written

    def sync(self, file: int) -> None:
        self._use_power()
        self.unsynced.pop(os.fstat(file).st_ino, None)

    def forget(self, directory: Path) -> None:
        """Undo some of what was not synced, or all, or nothing."""
        losses = self.chance.choice([0.0, 0.1, 0.5, 0.9, 1.0])
        for path in directory.iterdir():
            file = os.open(path, os.O_RDWR)
            for offset, before in reversed(self.unsynced.get(os.fstat(file).st_ino, [])):
                for start in range(0, len(before), BLOCK):
                    if self.chance.random() < losses:
                        os.pwrite(file, before[start : start + BLOCK], offset + start)
            os.close(file)

    def _use_power(self) -> None:
        self.calls_left -= 1
        if self.calls_left < 0:
            raise PowerCut


def append_until_the_power_goes(
    directory: Path, disk: ForgetfulDisk, acknowledged: int
) -> tuple[int, int]:
    """The last record that was acknowledged, and the last that was tried."""
    log: FileLog | None = None
    tried = acknowledged
    try:
        log = open_log(directory, disk)
        assert log.last >= acknowledged
        acknowledged = tried = log.last
        while True:
            tried = acknowledged + disk.chance.choice([1, 2, 12])
            log.append([record(number) for number in range(acknowledged + 1, tried + 1)])
            acknowledged = tried
    except PowerCut:
        return acknowledged, tried
    finally:
        if log:
            log.close()


@pytest.mark.parametrize("seed", range(8))
def test_no_power_cut_loses_what_was_acknowledged(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    acknowledged = 0
    outcomes = set()
    for _ in range(50):
        disk = ForgetfulDisk(chance.randrange(40), chance)
        known, tried = append_until_the_power_goes(tmp_path, disk, acknowledged)
        disk.forget(tmp_path)
        found = contents(tmp_path)
        assert found == [record(number) for number in range(1, len(found) + 1)]
        assert len(found) in {known, tried}
        outcomes.add((tried > known, len(found) > known))
        acknowledged = len(found)
    # Batches under way were lost, and were kept; both had to be right.
    assert {(True, False), (True, True)} <= outcomes
