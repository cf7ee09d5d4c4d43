"""Damage: whatever happens to the files, a journal that opens has every acknowledged record and no
wrong one. Everything else is refused."""

import os
import random
from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from coinport.journal.batches import FRAME
from coinport.journal.errors import JournalDamaged
from coinport.journal.mark import MARK
from coinport.journal.segments import HEAD_BYTES
from tests.journal.journals import contents, open_log, record, records, write_journal

BATCHES = [records(1, 8), records(9, 9), records(10, 16), records(17, 18), records(19, 24)]
ACKNOWLEDGED, ALL = records(1, 18), records(1, 24)
OLDER, NEWER = 0, 4096
"""Where the slots of the mark are after five batches."""
SLOT_BYTES = 24
LARGE = 8192
"""Bytes of a segment that has room for a batch of many blocks."""


class Journal:
    """The files of a journal, and a place to open them, or changed ones, again and again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = {file.name: file.read_bytes() for file in sorted(path.iterdir())}
        self.segments = [name for name in self.files if name.endswith(".segment")]
        self.acknowledged_end = 0
        """Behind the last acknowledged batch, in the last segment."""

    def end(self, name: str) -> int:
        """Behind the last batch of a segment."""
        return len(self.files[name].rstrip(b"\0"))

    def put(self, changed: Mapping[str, bytes | None]) -> None:
        wanted = {**self.files, **changed}
        for name in {*(file.name for file in self.path.iterdir()), *wanted}:
            if (data := wanted.get(name)) is None:
                (self.path / name).unlink(missing_ok=True)
            else:
                _overwrite(self.path / name, data)

    def found(self, changed: Mapping[str, bytes | None]) -> list[bytes] | None:
        """The records of these files, some of them changed (None: missing); None: refused."""
        self.put(changed)
        try:
            return contents(self.path)
        except JournalDamaged as error:
            assert error.path.is_relative_to(self.path)
            assert str(error).startswith(f"{error.path}, offset {error.offset}: ")
            return None


def _overwrite(path: Path, data: bytes) -> None:
    """Much quicker than to write it anew: the file keeps its blocks."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.pwrite(file, data, 0)
    os.ftruncate(file, len(data))
    os.close(file)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    write_journal(tmp_path, BATCHES)
    journal = Journal(tmp_path)
    assert len(journal.segments) == 2
    return journal


@pytest.fixture
def long(tmp_path: Path) -> Journal:
    """Six segments or so."""
    return long_journal(tmp_path / "long")


def long_journal(directory: Path) -> Journal:
    write_journal(directory, [[record(number)] for number in range(1, 61)])
    return Journal(directory)


@pytest.fixture
def crashed(tmp_path: Path) -> Journal:
    """The last batch is durable, but the mark does not say so yet."""
    write_journal(tmp_path, BATCHES[:-1])
    before = Journal(tmp_path)
    write_journal(tmp_path, BATCHES[-1:])
    (tmp_path / MARK).write_bytes(before.files[MARK])
    journal = Journal(tmp_path)
    assert journal.segments == before.segments
    journal.acknowledged_end = before.end(journal.segments[-1])
    return journal


def batch_offsets(data: bytes) -> Iterator[int]:
    offset = HEAD_BYTES
    while length := FRAME.unpack_from(data, offset)[0]:
        yield offset
        offset += FRAME.size + length


def flipped(data: bytes, *bits: int) -> bytes:
    changed = bytearray(data)
    for bit in bits:
        changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


# Exhaustively, with everything acknowledged.


def test_no_flipped_bit_of_a_segment_goes_unnoticed(journal: Journal) -> None:
    for name in journal.segments:
        data = journal.files[name]
        used_bits = 8 * journal.end(name)
        for bit in range(8 * len(data)):
            # In what is free, a bit means nothing: it is not looked at, or cut.
            expected = None if bit < used_bits else ALL
            assert journal.found({name: flipped(data, bit)}) == expected, (name, bit)


def test_no_truncation_of_a_segment_goes_unnoticed(journal: Journal) -> None:
    for name in journal.segments:
        data = journal.files[name]
        for length in range(len(data)):
            expected = None if length < journal.end(name) else ALL
            assert journal.found({name: data[:length]}) == expected, (name, length)


def test_the_mark_may_lose_its_newer_slot_but_not_the_older_one(journal: Journal) -> None:
    """The newer one is what a crash can tear. The journal is there to make up for it."""
    data = journal.files[MARK]
    for bit in range(8 * SLOT_BYTES):
        assert journal.found({MARK: flipped(data, 8 * NEWER + bit)}) == ALL
        assert journal.found({MARK: flipped(data, 8 * OLDER + bit)}) is None
        assert journal.found({MARK: flipped(data, 8 * NEWER + bit, 8 * OLDER + bit)}) is None


def test_the_rest_of_the_mark_means_nothing(journal: Journal) -> None:
    rest = bytes(0xFF * (position % 4096 >= SLOT_BYTES) for position in range(8192))
    assert len(journal.files[MARK]) == len(rest)
    changed = bytes(a ^ b for a, b in zip(journal.files[MARK], rest, strict=True))
    assert journal.found({MARK: changed}) == ALL


def test_no_truncation_of_the_mark_goes_unnoticed(journal: Journal) -> None:
    data = journal.files[MARK]
    for length in [*range(64), *range(4000, 4200), 8191]:
        first, second = length >= SLOT_BYTES, length >= 4096 + SLOT_BYTES
        newer, older = (second, first) if NEWER else (first, second)
        assert journal.found({MARK: data[:length]}) == (ALL if older else None), (length, newer)


# Exhaustively, with a last batch that was never acknowledged.


def test_a_batch_that_was_not_acknowledged_is_kept_whole_or_cut(crashed: Journal) -> None:
    name = crashed.segments[-1]
    data, start, end = crashed.files[name], crashed.acknowledged_end, crashed.end(name)
    assert crashed.found({}) == ALL
    for bit in range(8 * len(data)):
        # Nothing can have been written behind a batch that is not marked yet.
        expected = ACKNOWLEDGED if start <= bit // 8 < end else None
        assert crashed.found({name: flipped(data, bit)}) == expected, bit
    for length in range(len(data)):
        expected = None if length < start else ACKNOWLEDGED if length < end else ALL
        assert crashed.found({name: data[:length]}) == expected, length


def test_the_mark_may_have_been_torn_with_the_last_batch(crashed: Journal) -> None:
    data = crashed.files[MARK]
    for bit in range(8 * SLOT_BYTES):
        # The slots have changed places: what is older now was to be written next.
        assert crashed.found({MARK: flipped(data, 8 * NEWER + bit)}) == ALL
        assert crashed.found({MARK: flipped(data, 8 * OLDER + bit)}) is None


def torn(journal: Journal) -> Iterator[bytes]:
    """The last segment with every subset of the blocks of its last batch lost, but none and all: a
    disk writes them in any order."""
    data = journal.files[journal.segments[-1]]
    start, end = journal.acknowledged_end, journal.end(journal.segments[-1])
    bounds = [start, *range(start - start % 512 + 512, end, 512), end]
    blocks = list(pairwise(bounds))
    for lost in range(1, 2 ** len(blocks) - 1):
        changed = bytearray(data)
        for number, (block, block_end) in enumerate(blocks):
            if lost >> number & 1:
                changed[block:block_end] = bytes(block_end - block)
        yield bytes(changed)


def crash_while_writing(directory: Path, batch: list[bytes]) -> Journal:
    """A journal of `ALL`, and a large unacknowledged batch behind it."""
    write_journal(directory, BATCHES, LARGE)
    before = Journal(directory)
    write_journal(directory, [batch], LARGE)
    journal = Journal(directory)
    journal.files[MARK] = before.files[MARK]
    journal.acknowledged_end = before.end(journal.segments[-1])
    return journal


def test_a_torn_batch_is_cut_before_the_next_is_appended(tmp_path: Path) -> None:
    journal = crash_while_writing(tmp_path, records(25, 125))
    tears = list(torn(journal))
    assert len(tears) > 60
    for data in tears:
        assert journal.found({journal.segments[-1]: data}) == ALL
        write_journal(tmp_path, [[b"next"], [b"after next"]], LARGE)
        assert contents(tmp_path) == [*ALL, b"next", b"after next"]


def test_a_record_that_looks_like_a_batch_does_not_hinder_the_cut(tmp_path: Path) -> None:
    """Somebody who knows the format, but not this journal's random number."""
    write_journal(tmp_path / "other", [[b"crafted" * 100]])
    other = Journal(tmp_path / "other")
    crafted = other.files[other.segments[0]][HEAD_BYTES : other.end(other.segments[0])]
    journal = crash_while_writing(tmp_path / "journal", [b"-" * n + crafted for n in range(8)])
    for data in torn(journal):
        assert journal.found({journal.segments[-1]: data}) == ALL


# Files that are not the ones that were written.


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


def test_a_missing_mark_is_noticed(journal: Journal) -> None:
    assert journal.found({MARK: None}) is None
    assert journal.found({MARK: b""}) is None
    assert journal.found({MARK: bytes(8192)}) is None


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


# Larger damage.


def test_batches_that_were_doubled_or_swapped_are_noticed(journal: Journal) -> None:
    name = journal.segments[0]
    data = journal.files[name]
    starts = [*batch_offsets(data), journal.end(name)]
    for (a, b), (c, d) in combinations(pairwise(starts), 2):
        swapped = data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]
        doubled = (data[:b] + data[a:b] + data[b:])[: len(data)]
        assert len(swapped) == len(data)
        assert journal.found({name: swapped}) is None
        assert journal.found({name: doubled}) is None


def test_only_one_batch_can_be_ahead_of_the_mark(tmp_path: Path) -> None:
    """Two are not what a crash leaves, be the first of them good or bad."""
    journal = crash_while_writing(tmp_path, [b"one"])
    write_journal(tmp_path, [[b"two"]], LARGE)
    name = journal.segments[-1]
    both = (tmp_path / name).read_bytes()
    assert journal.found({}) == [*ALL, b"one"]
    assert journal.found({name: both}) is None
    assert journal.found({name: flipped(both, 8 * journal.end(name) - 1)}) is None


@pytest.mark.parametrize("seed", range(20))
def test_random_damage_is_never_read_as_records(journal: Journal, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(30):
        name = chance.choice([*journal.segments, MARK])
        data = journal.files[name]
        bits = [chance.randrange(8 * len(data)) for _ in range(chance.randint(2, 40))]
        assert journal.found({name: flipped(data, *bits)}) in (None, ALL), (name, bits)


def test_a_zeroed_end_is_noticed(journal: Journal) -> None:
    for name in journal.segments:
        data = journal.files[name]
        for length in range(0, journal.end(name), 8):
            zeroed = data[:length].ljust(len(data), b"\0")
            assert journal.found({name: zeroed}) is None, (name, length)
