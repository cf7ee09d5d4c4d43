"""Damage: whatever happens to the files, a journal that opens has every acknowledged record and no
wrong one. Everything else is refused."""

import random
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from coinport.journal.mark import MARK
from coinport.journal.segments import HEAD_BYTES
from tests.journal.changed_files import BATCHES, Journal, batch_offsets
from tests.journal.journals import contents, records, write_journal

ACKNOWLEDGED, ALL = records(1, 18), records(1, 24)
OLDER, NEWER = 0, 4096
"""Where the slots of the mark are after five batches."""
SLOT_BYTES = 24
LARGE = 8192
"""Bytes of a segment that has room for a batch of many blocks."""


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    write_journal(tmp_path, BATCHES)
    journal = Journal(tmp_path)
    assert len(journal.segments) == 2
    return journal


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
