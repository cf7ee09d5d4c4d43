"""The log: what is appended is there again, in any order of openings, and never half of it."""

import errno
import itertools
import os
from pathlib import Path

import pytest

from coinport.journal.disk import Disk
from coinport.journal.errors import JournalDamaged, JournalFailed, JournalLocked
from coinport.journal.log import FileLog
from coinport.model.units import Sequence
from tests.journal.journals import (
    SEGMENT_BYTES,
    FailingDisk,
    ShortDisk,
    contents,
    open_log,
    record,
    records,
    write_journal,
)


def test_a_new_journal_is_empty(tmp_path: Path) -> None:
    log = FileLog(tmp_path / "not" / "yet" / "there")
    assert (log.first, log.last, list(log.read(Sequence(0)))) == (1, 0, [])
    log.close()


def test_what_was_appended_is_read_back_while_open_and_after_reopening(tmp_path: Path) -> None:
    log = FileLog(tmp_path, SEGMENT_BYTES)  # on the real disk
    log.append(records(1, 3))
    log.append(records(4, 4))
    assert log.last == 4
    assert list(log.read(Sequence(0))) == records(1, 4)
    log.close()
    assert contents(tmp_path) == records(1, 4)


def test_reading_starts_after_any_record(tmp_path: Path) -> None:
    write_journal(tmp_path, [records(1, 9), records(10, 10), records(11, 60)])
    log = open_log(tmp_path)
    for after in range(61):
        assert list(log.read(Sequence(after))) == records(after + 1, 60)
    log.close()


def test_reading_ends_with_the_last_record_at_the_time_of_the_call(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.append(records(1, 2))
    reading = log.read(Sequence(0))
    log.append(records(3, 50))
    assert list(reading) == records(1, 2)
    assert list(log.read(Sequence(2))) == records(3, 50)
    log.close()


def test_segments_follow_one_another_and_keep_their_size(tmp_path: Path) -> None:
    write_journal(tmp_path, [[record(number)] for number in range(1, 61)])
    segments = sorted(tmp_path.glob("*.segment"))
    assert len(segments) > 3
    assert segments[0].name == "00000001.segment"
    assert {path.stat().st_size for path in segments} == {SEGMENT_BYTES}
    assert contents(tmp_path) == records(1, 60)


def test_a_batch_larger_than_a_segment_gets_a_larger_segment(tmp_path: Path) -> None:
    huge = [b"x" * 10 * SEGMENT_BYTES, b"y"]
    write_journal(tmp_path, [huge, [b"z"], huge])
    assert contents(tmp_path) == [*huge, b"z", *huge]


def test_records_may_be_empty_or_zeros(tmp_path: Path) -> None:
    batches = [[b""], [b"\0" * 50], [b"", b"\0", b""], [b"\0" * 8]]
    write_journal(tmp_path, batches)
    assert contents(tmp_path) == list(itertools.chain(*batches))


def test_appending_nothing_changes_nothing(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.append([])
    assert log.last == 0
    log.close()


def test_a_journal_goes_on_over_many_openings(tmp_path: Path) -> None:
    for number in range(1, 60):
        log = open_log(tmp_path)
        assert log.last == number - 1
        log.append([record(number)])
        log.close()
    assert contents(tmp_path) == records(1, 59)


def test_a_second_opener_is_refused_until_the_first_closes(tmp_path: Path) -> None:
    first = open_log(tmp_path)
    with pytest.raises(JournalLocked, match="in use"):
        open_log(tmp_path)
    first.append(records(1, 1))
    first.close()
    first.close()
    assert contents(tmp_path) == records(1, 1)


def test_short_writes_are_continued(tmp_path: Path) -> None:
    log = open_log(tmp_path, ShortDisk())
    log.append(records(1, 30))
    log.append(records(31, 40))
    log.close()
    assert contents(tmp_path) == records(1, 40)


def test_older_segments_may_be_moved_away(tmp_path: Path) -> None:
    write_journal(tmp_path, [[record(number)] for number in range(1, 61)])
    (tmp_path / "00000001.segment").unlink()
    log = open_log(tmp_path)
    assert log.first > 1
    assert list(log.read(Sequence(log.first - 1))) == records(log.first, 60)
    with pytest.raises(JournalDamaged, match=f"record {log.first - 1} is older"):
        list(log.read(Sequence(log.first - 2)))
    log.close()


def test_files_that_a_crash_left_half_created_mean_nothing(tmp_path: Path) -> None:
    write_journal(tmp_path, [records(1, 3)])
    (tmp_path / "00000002.segment.123.new").write_bytes(b"half")
    assert contents(tmp_path) == records(1, 3)
    assert not list(tmp_path.glob("*.new"))


def test_a_segment_that_was_cut_in_its_free_part_is_made_whole_again(tmp_path: Path) -> None:
    write_journal(tmp_path, [records(1, 3)])
    segment = tmp_path / "00000001.segment"
    segment.write_bytes(segment.read_bytes().rstrip(b"\0"))
    assert contents(tmp_path) == records(1, 3)
    assert segment.stat().st_size == SEGMENT_BYTES


# What happens when the disk fails.


@pytest.mark.parametrize(("call", "after"), [("write", 0), ("write", 1), ("sync", 0), ("sync", 1)])
def test_after_a_failed_write_or_sync_nothing_more_is_appended(
    tmp_path: Path, call: str, after: int
) -> None:
    """The first write and sync are the batch's, the second the mark's."""
    disk = FailingDisk()
    log = open_log(tmp_path, disk)
    log.append(records(1, 2))
    disk.fail(call, after)
    with pytest.raises(JournalFailed, match=r"record 3 not written: .*(space|error)"):
        log.append(records(3, 4))
    assert log.last == 2
    disk.fails, disk.calls = None, []
    with pytest.raises(JournalFailed):
        log.append(records(3, 4))
    assert disk.calls == []
    log.close()
    # Of what was not acknowledged, all or nothing is there.
    assert contents(tmp_path) in (records(1, 2), records(1, 4))


@pytest.mark.parametrize("written", range(0, 120, 7))
def test_a_batch_that_a_full_disk_cut_off_is_not_there_afterwards(
    tmp_path: Path, written: int
) -> None:
    disk = FailingDisk()
    disk.written_before_failing = written
    log = open_log(tmp_path, disk)
    log.append(records(1, 2))
    disk.fail("write")
    with pytest.raises(JournalFailed):
        log.append([b"x" * 200])
    log.close()
    log = open_log(tmp_path)
    assert list(log.read(Sequence(0))) == records(1, 2)
    log.append(records(3, 3))
    log.close()
    assert contents(tmp_path) == records(1, 3)


@pytest.mark.parametrize("call", ["preallocate", "write", "sync"])
def test_a_segment_that_cannot_be_created_leaves_the_journal_as_it_was(
    tmp_path: Path, call: str
) -> None:
    disk = FailingDisk()
    log = open_log(tmp_path, disk)
    log.append(records(1, 20))
    disk.fail(call)
    with pytest.raises(JournalFailed):
        log.append(records(21, 40))
    log.close()
    assert contents(tmp_path) == records(1, 20)


def test_a_closed_log_appends_nothing(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.close()
    with pytest.raises(JournalFailed, match="closed"):
        log.append(records(1, 1))


def test_the_names_of_a_new_journal_are_made_durable_too(tmp_path: Path) -> None:
    synced: set[int] = set()

    class WatchedDisk(Disk):
        def sync(self, file: int) -> None:
            synced.add(os.fstat(file).st_ino)

    open_log(tmp_path / "data" / "journal", WatchedDisk()).close()
    for directory in (tmp_path, tmp_path / "data", tmp_path / "data" / "journal"):
        assert directory.stat().st_ino in synced


@pytest.mark.parametrize("missing", [True, False])
def test_a_system_that_cannot_preallocate_makes_the_file_as_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: bool
) -> None:
    if missing:
        monkeypatch.delattr(os, "posix_fallocate")
    else:
        monkeypatch.setattr(os, "posix_fallocate", _not_supported)
    write_journal(tmp_path, [[record(number)] for number in range(1, 61)])
    assert {path.stat().st_size for path in tmp_path.glob("*.segment")} == {SEGMENT_BYTES}
    assert contents(tmp_path) == records(1, 60)


def _not_supported(file: int, offset: int, size: int) -> None:
    raise OSError(errno.EOPNOTSUPP, "Operation not supported")
