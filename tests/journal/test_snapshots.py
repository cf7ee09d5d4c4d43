"""Snapshots: what was saved is read back, or is known to be bad."""

from pathlib import Path

import pytest

from coinport.engine.rulebook import Rulebook
from coinport.journal.layout import snapshots_in
from coinport.journal.snapshots import (
    SnapshotCorrupt,
    newest_snapshot,
    read_snapshot,
    save_snapshot,
    snapshot_paths,
)
from tests.journal.exchanges import decided


def engine_after(count: int) -> Rulebook:
    engine = Rulebook()
    engine.replay(decided(count))
    return engine


def test_a_snapshot_is_the_state_of_one_record(tmp_path: Path) -> None:
    engine = engine_after(20)
    snapshot = read_snapshot(save_snapshot(tmp_path, engine))
    assert snapshot.sequence == newest_snapshot(tmp_path) == 20
    assert snapshot.data == engine.snapshot()


def test_three_are_kept(tmp_path: Path) -> None:
    assert snapshot_paths(tmp_path) == []
    assert newest_snapshot(tmp_path) == 0
    for count in (1, 2, 9, 10, 100):
        save_snapshot(tmp_path, engine_after(count))
    assert [int(path.stem) for path in snapshot_paths(tmp_path)] == [100, 10, 9]


def test_one_that_is_there_already_is_replaced(tmp_path: Path) -> None:
    path = save_snapshot(tmp_path, engine_after(5))
    path.write_bytes(b"bad")
    assert save_snapshot(tmp_path, engine_after(5)) == path
    assert read_snapshot(path).sequence == 5


def test_what_a_killed_process_left_half_written_is_removed(tmp_path: Path) -> None:
    save_snapshot(tmp_path, engine_after(5))
    unfinished = snapshots_in(tmp_path) / "0000000000000009.snapshot.77.new"
    unfinished.write_bytes(b"half")
    assert newest_snapshot(tmp_path) == 5
    save_snapshot(tmp_path, engine_after(6))
    assert not unfinished.exists()


def test_no_flipped_bit_and_no_truncation_goes_unnoticed(tmp_path: Path) -> None:
    path = save_snapshot(tmp_path, engine_after(8))
    good = path.read_bytes()
    for bit in range(8 * len(good)):
        changed = bytearray(good)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(SnapshotCorrupt, match=path.name):
            read_snapshot(path)
    for length in range(len(good)):
        path.write_bytes(good[:length])
        with pytest.raises(SnapshotCorrupt, match=path.name):
            read_snapshot(path)


def test_a_snapshot_under_another_name_is_noticed(tmp_path: Path) -> None:
    path = save_snapshot(tmp_path, engine_after(8))
    renamed = path.rename(path.with_stem("0000000000000009"))
    with pytest.raises(SnapshotCorrupt, match="at 0000000000000009"):
        read_snapshot(renamed)
