"""Files that are not the ones that were written: a journal that opens has every acknowledged record
and no wrong one. Everything else is refused."""

from itertools import combinations
from pathlib import Path

import pytest

from coinport.journal.errors import JournalDamaged
from coinport.journal.mark import MARK
from tests.journal.changed_files import BATCHES, Journal, batch_offsets
from tests.journal.journals import open_log, record, records, write_journal


@pytest.fixture
def long(tmp_path: Path) -> Journal:
    """Six segments or so."""
    return long_journal(tmp_path / "long")


def long_journal(directory: Path) -> Journal:
    write_journal(directory, [[record(number)] for number in range(1, 61)])
    return Journal(directory)


def test_a_missing_segment_is_noticed(long: Journal) -> None:
    middle = long.segments[1:]
    for name in middle:
        assert long.found({name: None}) is None
    assert long.found(dict.fromkeys(long.segments)) is None


def test_a_gap_between_segments_is_noticed_before_anything_is_read(long: Journal) -> None:
    long.put({long.segments[2]: None})
    with pytest.raises(JournalDamaged, match="this segment is missing") as refused:
        open_log(long.path)
    assert refused.value.path.name == long.segments[2]


def test_a_segment_under_another_name_is_noticed(long: Journal) -> None:
    """It would be overwritten when its number comes."""
    last = long.segments[-1]
    assert long.found({last: None, "00000099.segment": long.files[last]}) is None


def test_a_missing_mark_is_noticed(long: Journal) -> None:
    assert long.found({MARK: None}) is None
    assert long.found({MARK: b""}) is None
    assert long.found({MARK: bytes(8192)}) is None


def test_segments_in_each_others_place_are_noticed(long: Journal) -> None:
    for one, other in combinations(long.segments, 2):
        swapped = {one: long.files[other], other: long.files[one]}
        assert long.found(swapped) is None, (one, other)
        assert long.found({one: long.files[other]}) is None, (one, other)


def test_a_segment_or_mark_of_another_journal_is_noticed(long: Journal, tmp_path: Path) -> None:
    """Even of one that holds the very same records."""
    other = long_journal(tmp_path / "other")
    for name in [*long.segments, MARK]:
        assert long.found({name: other.files[name]}) is None, name


def test_a_mark_of_another_journal_is_noticed_even_in_an_empty_one(tmp_path: Path) -> None:
    journals = []
    for name in ("one", "other"):
        write_journal(tmp_path / name, [])
        journals.append(Journal(tmp_path / name))
    one, other = journals
    assert one.found({}) == []
    assert one.found({MARK: other.files[MARK]}) is None


def test_an_older_copy_of_any_file_is_noticed(tmp_path: Path) -> None:
    """Taken after each batch, put back after all of them."""
    copies = []
    for number in range(1, 61):
        write_journal(tmp_path, [[record(number)]])
        copies.append(Journal(tmp_path).files)
    journal = Journal(tmp_path)
    for number, old in enumerate(copies, start=1):
        for name, data in old.items():
            if data != journal.files[name]:
                expected = records(1, 60) if (name, number) == (MARK, 59) else None
                assert journal.found({name: data}) == expected, (name, number)


def test_an_older_copy_of_everything_cannot_be_noticed_here(tmp_path: Path) -> None:
    """It is a good journal; snapshots and projections that are newer refuse it."""
    write_journal(tmp_path, BATCHES[:3])
    old = Journal(tmp_path)
    write_journal(tmp_path, BATCHES[3:])
    newer = Journal(tmp_path)
    assert newer.found({**dict.fromkeys(newer.files), **old.files}) == records(1, 16)


def test_a_history_that_went_on_differently_is_noticed(tmp_path: Path) -> None:
    """Two continuations of one backup do not mix, though their sequences fit."""
    write_journal(tmp_path, [[record(number)] for number in range(1, 20)])
    backup = Journal(tmp_path)
    ends = []
    for word in (b"uno", b"due"):
        backup.put({})
        write_journal(tmp_path, [[word + record(number)] for number in range(20, 61)])
        ends.append(Journal(tmp_path))
    one, two = ends
    assert one.segments == two.segments
    for name in one.segments:
        if one.files[name] != two.files[name]:
            assert two.found({name: one.files[name]}) is None, name
    assert two.found({MARK: one.files[MARK]}) is None
    # Nor do parts of one segment, though each batch is good.
    name = next(name for name in one.segments if one.files[name] != two.files[name])
    splices = 0
    for offset in set(batch_offsets(one.files[name])) & set(batch_offsets(two.files[name])):
        spliced = one.files[name][:offset] + two.files[name][offset:]
        if spliced not in (one.files[name], two.files[name]):
            splices += 1
            assert two.found({name: spliced}) is None, offset
    assert splices
