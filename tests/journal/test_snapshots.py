"""Snapshots: what was saved is read back, or is known to be bad."""

import shutil
from pathlib import Path

import pytest

from coinport.journal.errors import JournalDamaged
from coinport.journal.layout import journal_in, snapshots_in
from coinport.journal.segments import list_segments
from coinport.journal.snapshots import (
    Snapshot,
    SnapshotUnusable,
    check_origin,
    newest_snapshot,
    read_snapshot,
    read_state,
    save_snapshot,
    snapshot_paths,
)
from coinport.model.units import TimeMs
from tests.journal.exchanges import START, decided, engine_after, write_exchange
from tests.journal.journals import overwrite

RECORDS = decided(100)
OTHERS = decided(100, TimeMs(START + 1))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Of an exchange whose journal has four segments."""
    write_exchange(tmp_path / "exchange", RECORDS)
    return tmp_path / "exchange"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Of another exchange, with as many records."""
    write_exchange(tmp_path / "other", OTHERS)
    return tmp_path / "other"


def save_after(data: Path, count: int) -> Path:
    return save_snapshot(data, engine_after(RECORDS[:count]))


def bring(path: Path, data: Path) -> Path:
    """A copy of a snapshot, among those of another exchange."""
    snapshots_in(data).mkdir(exist_ok=True)
    return Path(shutil.copy(path, snapshots_in(data)))


def test_a_snapshot_is_the_state_of_one_record(data: Path) -> None:
    snapshot = read_snapshot(save_after(data, 20))
    assert snapshot.sequence == newest_snapshot(data) == 20
    assert read_state(snapshot) == engine_after(RECORDS[:20]).snapshot()


def test_three_are_kept(data: Path) -> None:
    assert snapshot_paths(data) == []
    assert newest_snapshot(data) == 0
    for count in (1, 2, 9, 10, 100):
        save_after(data, count)
    assert [int(path.stem) for path in snapshot_paths(data)] == [100, 10, 9]


def test_one_that_is_there_already_is_replaced(data: Path) -> None:
    path = save_after(data, 5)
    path.write_bytes(b"bad")
    assert newest_snapshot(data) == 0
    assert save_after(data, 5) == path
    assert read_snapshot(path).sequence == 5


def test_what_a_killed_process_left_half_written_is_removed(data: Path) -> None:
    save_after(data, 5)
    unfinished = snapshots_in(data) / "0000000000000009.snapshot.77.new"
    unfinished.write_bytes(b"half")
    assert newest_snapshot(data) == 5
    save_after(data, 6)
    assert not unfinished.exists()


def test_no_flipped_bit_and_no_truncation_goes_unnoticed(data: Path) -> None:
    def read() -> None:
        with pytest.raises(SnapshotUnusable, match=path.name):
            read_state(read_snapshot(path))

    path = save_after(data, 8)
    good = path.read_bytes()
    for bit in range(8 * len(good)):
        changed = bytearray(good)
        changed[bit // 8] ^= 1 << bit % 8
        overwrite(path, bytes(changed))
        read()
    for length in range(len(good)):
        overwrite(path, good[:length])
        read()


def test_a_snapshot_under_another_name_is_noticed(data: Path) -> None:
    path = save_after(data, 8)
    renamed = path.rename(path.with_stem("0000000000000009"))
    with pytest.raises(SnapshotUnusable, match="is the snapshot 0000000000000008 under another"):
        read_snapshot(renamed)


def test_one_that_cannot_be_read_at_all_is_unusable(data: Path) -> None:
    path = save_after(data, 8)
    path.unlink()
    path.mkdir()
    with pytest.raises(SnapshotUnusable, match=f"{path} cannot be read: Is a directory"):
        read_snapshot(path)


# of which journal


def check(data: Path, snapshot: Snapshot) -> None:
    check_origin(snapshot, list_segments(journal_in(data)))


def test_every_snapshot_of_a_journal_fits_it(data: Path) -> None:
    for count in range(101):
        check(data, read_snapshot(save_after(data, count)))


def test_one_of_another_exchange_does_not_fit(data: Path, other: Path) -> None:
    path = save_after(data, 50)
    with pytest.raises(SnapshotUnusable, match=f"{path} is of another journal"):
        check(other, read_snapshot(path))


def test_one_of_a_journal_that_went_on_differently_does_not_fit(tmp_path: Path) -> None:
    """Two exchanges that went on from copies of one directory."""
    here, there = tmp_path / "here", tmp_path / "there"
    write_exchange(here, RECORDS[:40])
    shutil.copytree(here, there)
    write_exchange(here, RECORDS[40:])
    write_exchange(there, OTHERS[40:])
    check(there, read_snapshot(save_after(here, 40)))
    for count in (41, 70, 100):
        with pytest.raises(
            SnapshotUnusable, match=f"is of records up to {count} that the journal does not"
        ):
            check(there, read_snapshot(save_after(here, count)))


def test_without_the_older_segments_what_is_left_is_compared(data: Path, other: Path) -> None:
    paths = [save_after(data, count) for count in (5, 50, 100)]
    first, second, third, *_ = list_segments(journal_in(data))
    boundary = save_after(data, third.first - 1)
    foreign = save_snapshot(other, engine_after(OTHERS[:50]))
    for segment in (first, second):
        segment.path.unlink()
    for path in (*paths[1:], boundary):
        check(data, read_snapshot(path))
    with pytest.raises(SnapshotUnusable, match="of another journal"):
        check(data, read_snapshot(foreign))


def test_those_of_another_exchange_are_neither_counted_nor_removed(data: Path, other: Path) -> None:
    """Its exchange may need them, if they were put here by mistake."""
    foreign = [
        bring(save_snapshot(other, engine_after(OTHERS[:count])), data) for count in (60, 70, 80)
    ]
    assert newest_snapshot(data) == 0
    own = [save_after(data, count) for count in (10, 20, 30, 40)][1:]
    assert newest_snapshot(data) == 40
    assert snapshot_paths(data) == sorted([*foreign, *own], reverse=True)


def test_nothing_is_saved_that_the_journal_does_not_have(data: Path) -> None:
    with pytest.raises(JournalDamaged, match="no batch that ends with record 101 can be read"):
        save_snapshot(data, engine_after(decided(101)))
    assert snapshot_paths(data) == []
