"""Repair: what is good stays, what is bad is put aside, and the journal opens again."""

from pathlib import Path

import pytest

from coinport.engine.rulebook import Rulebook
from coinport.journal.errors import JournalDamaged, JournalLocked
from coinport.journal.layout import journal_in
from coinport.journal.mark import MARK
from coinport.journal.recovery import recover
from coinport.journal.repair import Repaired, repair
from coinport.journal.snapshots import save_snapshot, snapshot_paths
from tests.journal.exchanges import decided, engine_after, state_after, write_exchange
from tests.journal.journals import contents, open_log, record, records, write_journal


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    directory = tmp_path / "journal"
    write_journal(directory, [[record(number)] for number in range(1, 61)])
    return directory


def flip(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def repaired(directory: Path) -> Repaired:
    """Where something was wrong."""
    found = repair(directory)
    assert found is not None
    return found


# where nothing is wrong


def test_a_good_journal_is_left_as_it_is(journal: Path) -> None:
    before = files(journal)
    assert repair(journal) is None
    assert files(journal) == before


def test_so_is_one_without_its_oldest_segments(journal: Path) -> None:
    for segment in sorted(journal.glob("*.segment"))[:2]:
        segment.unlink()
    before = files(journal)
    assert repair(journal) is None
    assert files(journal) == before


def test_so_is_what_a_crash_leaves_for_the_next_start(journal: Path) -> None:
    """A batch that was torn before it was acknowledged, and one that was only not marked."""
    mark = (journal / MARK).read_bytes()
    write_journal(journal, [[record(61)]])
    (journal / MARK).write_bytes(mark)
    before = files(journal)
    assert repair(journal) is None
    newest = max(journal.glob("*.segment"))
    end = len(newest.read_bytes().rstrip(b"\0"))
    flip(newest, end - 1)
    before = files(journal)
    assert repair(journal) is None
    assert files(journal) == before
    assert contents(journal) == records(1, 60)


def test_an_empty_journal_is_good(tmp_path: Path) -> None:
    write_journal(tmp_path, [])
    assert repair(tmp_path) is None


def test_there_must_be_a_journal(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"^there is no journal in {tmp_path}$"):
        repair(tmp_path)
    assert not list(tmp_path.iterdir())


# where something is


def test_what_is_behind_a_bad_byte_is_given_up_and_kept_aside(journal: Path) -> None:
    segments = sorted(journal.glob("*.segment"))
    before = {path.name: path.read_bytes() for path in segments}
    flip(segments[2], 100)
    damaged = segments[2].read_bytes()
    found = repaired(journal)
    assert 10 < found.last < found.acknowledged == 60
    assert contents(journal) == records(1, found.last)
    assert (found.aside / segments[2].name).read_bytes() == damaged
    for later in segments[3:]:
        assert (found.aside / later.name).read_bytes() == before[later.name]
        assert not later.exists()
    assert repair(journal) is None
    write_journal(journal, [[b"goes on"]])
    assert contents(journal) == [*records(1, found.last), b"goes on"]


@pytest.mark.parametrize("bad", ["head", "missing"])
def test_a_segment_that_is_bad_as_a_whole_is_given_up(journal: Path, bad: str) -> None:
    segments = sorted(journal.glob("*.segment"))
    if bad == "head":
        flip(segments[3], 9)
    else:
        segments[3].unlink()
    last = repaired(journal).last
    assert contents(journal) == records(1, last)
    assert 20 < last < 60


def test_a_lost_mark_is_made_anew_with_nothing_given_up(journal: Path) -> None:
    mark = journal / MARK
    for content in (None, b"", bytes(8192)):
        mark.unlink()
        if content is not None:
            mark.write_bytes(content)
        with pytest.raises(JournalDamaged) as refused:
            open_log(journal)
        assert f"`coinport journal repair {journal}`" in str(refused.value)
        found = repaired(journal)
        assert (found.last, found.acknowledged) == (60, None)
        assert contents(journal) == records(1, 60)


def test_a_journal_in_use_is_left_alone(journal: Path) -> None:
    log = open_log(journal)
    with pytest.raises(JournalLocked):
        repair(journal)
    log.close()


def test_without_a_first_segment_there_is_nothing_to_repair(journal: Path) -> None:
    flip(min(journal.glob("*.segment")), 0)
    with pytest.raises(JournalDamaged, match="no segment left"):
        repair(journal)


# snapshots

RECORDS = decided(120)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Of an exchange with damage in the second of its segments; its snapshots are of records in the
    first and in the last one."""
    write_exchange(tmp_path, RECORDS)
    for count in (10, 100, 110):
        save_snapshot(tmp_path, engine_after(RECORDS[:count]))
    second = sorted(journal_in(tmp_path).glob("*.segment"))[1]
    flip(second, 2000)
    return tmp_path


def test_what_a_start_does_not_need_is_no_reason_to_give_anything_up(data: Path) -> None:
    before = files(journal_in(data))
    with pytest.raises(JournalDamaged, match="is damaged, but a start does not need it") as refused:
        repair(journal_in(data))
    assert refused.value.path.name == "00000002.segment"
    assert files(journal_in(data)) == before
    engine, log = recover(data, Rulebook)
    log.close()
    assert engine.snapshot() == state_after(RECORDS)


def test_snapshots_of_what_is_given_up_are_put_aside(data: Path) -> None:
    """Else they would refuse the next start: the journal would be older than they are."""
    *newer, older = snapshot_paths(data)
    flip(max(journal_in(data).glob("*.segment")), 100)
    found = repaired(journal_in(data))
    assert 10 < found.last < 100
    assert snapshot_paths(data) == [older]
    assert all((found.aside / path.name).exists() for path in newer)
    engine, log = recover(data, Rulebook)
    log.close()
    assert engine.snapshot() == state_after(RECORDS[: found.last])


def test_a_bad_snapshot_is_no_reason_to_keep_what_it_could_have_replaced(data: Path) -> None:
    for path in snapshot_paths(data):
        flip(path, -1)
    assert repaired(journal_in(data)).last < 100
