"""Power cuts: whenever the power goes, and whatever the disk had kept to itself until then, every
acknowledged record is there afterwards, and the journal goes on.

A killed process proves nothing here, because the system keeps what it wrote. So the disk of this
test forgets: of what was written and not yet synced, a cut leaves any parts.
"""

import os
import random
import stat
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
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.calls_left = 0
        """How many still happen before the process ends."""
        self.unsynced: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
        """By inode: where something was written, and what had been there before."""
        self.names: set[Path] = set()
        """Of files, that will still be there."""

    def write(self, file: int, data: bytes, offset: int) -> int:
        before = os.pread(file, len(data), offset).ljust(len(data), b"\0")
        self.unsynced[os.fstat(file).st_ino].append((offset, before))
        written = super().write(file, data, offset)
        self._use_power()
        return written

    def sync(self, file: int) -> None:
        self._use_power()
        self.unsynced.pop(os.fstat(file).st_ino, None)
        if stat.S_ISDIR(os.fstat(file).st_mode):
            self.names |= set(Path(f"/proc/self/fd/{file}").readlink().iterdir())

    def forget(self, directory: Path) -> None:
        """Undo some of what was not synced, or all, or nothing."""
        losses = self.chance.choice([0.0, 0.1, 0.5, 0.9, 1.0])
        for path in directory.iterdir():
            if path not in self.names and self.chance.random() < losses:
                path.unlink()
                continue
            file = os.open(path, os.O_RDWR)
            for offset, before in reversed(self.unsynced.get(os.fstat(file).st_ino, [])):
                for start in range(0, len(before), BLOCK):
                    if self.chance.random() < losses:
                        os.pwrite(file, before[start : start + BLOCK], offset + start)
            os.close(file)
        self.unsynced.clear()

    def _use_power(self) -> None:
        self.calls_left -= 1
        if self.calls_left < 0:
            raise PowerCut


class Exchange:
    """Appends until the power goes."""

    def __init__(self, directory: Path, disk: ForgetfulDisk) -> None:
        self.directory = directory
        self.disk = disk
        self.acknowledged = 0
        self.tried = 0
        """The last record that may be there, though nobody was told so."""

    def run(self) -> None:
        log: FileLog | None = None
        try:
            log = open_log(self.directory, self.disk)
            self.found(log.last)
            while True:
                self.tried += self.disk.chance.choice([1, 2, 12])
                log.append([record(n) for n in range(self.acknowledged + 1, self.tried + 1)])
                self.acknowledged = self.tried
        except PowerCut:
            pass
        finally:
            if log:
                log.close()

    def found(self, last: int) -> None:
        assert last in {self.acknowledged, self.tried}
        self.acknowledged = self.tried = last


@pytest.mark.parametrize("seed", range(8))
def test_no_power_cut_loses_what_was_acknowledged(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    disk = ForgetfulDisk(chance)
    exchange = Exchange(tmp_path, disk)
    kept = set()
    for _ in range(80):
        disk.calls_left = chance.randrange(40)
        exchange.run()
        if chance.random() < 0.5:
            continue  # only the process was killed: what it wrote is still there
        disk.forget(tmp_path)
        found = contents(tmp_path)
        assert found == [record(number) for number in range(1, len(found) + 1)]
        if exchange.tried > exchange.acknowledged:
            kept.add(len(found) > exchange.acknowledged)
        exchange.found(len(found))
    # Batches under way were lost, and were kept: both happened, and both had to be right.
    assert kept == {False, True}
