"""Recovery: every start leads to the state that the whole journal leads to, or is refused."""

import shutil
from collections.abc import Sequence as SequenceOf
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from coinport.engine.rulebook import Rulebook
from coinport.journal.batches import FRAME
from coinport.journal.errors import JournalDamaged, JournalLocked
from coinport.journal.layout import journal_in, snapshots_in
from coinport.journal.log import FileLog
from coinport.journal.recovery import recover
from coinport.journal.segments import read_batches, read_head
from coinport.journal.snapshots import save_snapshot
from coinport.model.units import Sequence, TimeMs
from tests.journal.exchanges import (
    START,
    decided,
    engine_after,
    senseless,
    state_after,
    write_exchange,
)

RECORDS = decided(200)


class CountingRulebook(Rulebook):
    """Remembers how much it had to replay."""

    __slots__ = ("replayed",)

    def __init__(self) -> None:
        super().__init__()
        self.replayed = 0

    def replay(self, records: SequenceOf[bytes]) -> None:
        self.replayed += len(records)
        super().replay(records)


def save_after(data: Path, count: int) -> Path:
    return save_snapshot(data, engine_after(RECORDS[:count]))


def replayed(data: Path, new_engine: type[CountingRulebook] = CountingRulebook) -> int:
    """How many records a start replays; the state is always the same."""
    engine, log = recover(data, new_engine)
    log.close()
    assert engine.snapshot() == state_after(RECORDS)
    assert log.last == len(RECORDS)
    assert isinstance(engine, CountingRulebook)
    return engine.replayed


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_exchange(tmp_path, RECORDS)
    return tmp_path


def test_a_new_directory_becomes_a_new_exchange(tmp_path: Path) -> None:
    engine, log = recover(tmp_path / "data", Rulebook)
    assert (engine.sequence, log.last) == (0, 0)
    log.close()


def test_without_a_snapshot_everything_is_replayed(data: Path) -> None:
    assert replayed(data) == 200


def test_a_start_takes_the_newest_snapshot_and_the_rest(data: Path) -> None:
    for count in (10, 120, 60):
        save_after(data, count)
    assert replayed(data) == 80
    save_after(data, 200)
    assert replayed(data) == 0


def test_a_bad_snapshot_is_passed_over_with_a_warning(data: Path) -> None:
    paths = [save_after(data, count) for count in (10, 60, 120)]
    for expected, path in zip((140, 190, 200), reversed(paths), strict=True):
        path.write_bytes(path.read_bytes()[:-1])
        with capture_logs() as logs:
            assert replayed(data) == expected
        assert logs[0]["event"] == "snapshot passed over"
        assert str(paths[-1]) in logs[0]["error"]


def test_a_snapshot_of_an_unknown_kind_is_passed_over(data: Path) -> None:
    """It is whole, but the engine cannot read it: another version made it."""

    class OtherEngine(Rulebook):
        def snapshot(self) -> bytes:
            return b"another format"

    other = OtherEngine()
    other.replay(RECORDS[:50])
    save_snapshot(data, other)
    with capture_logs() as logs:
        assert replayed(data) == 200
    assert [entry["event"] for entry in logs] == ["snapshot passed over"]


def test_a_snapshot_of_another_exchange_is_passed_over(data: Path, tmp_path: Path) -> None:
    """Even where it is of the same record."""
    other, records = tmp_path / "other", decided(200, TimeMs(START + 1))
    write_exchange(other, records)
    own = save_after(data, 120)
    for count in (150, 200):
        foreign = save_snapshot(other, engine_after(records[:count]))
        shutil.copy(foreign, own.parent)
        with capture_logs() as logs:
            assert replayed(data) == 80
        assert logs[0]["event"] == "snapshot passed over"
        assert logs[0]["file"] == str(own.with_name(foreign.name))
        assert logs[0]["error"].endswith("is of another journal")


def test_a_snapshot_of_a_journal_that_went_on_differently_is_passed_over(
    data: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(journal_in(data), journal_in(other))
    write_exchange(data, decided(220)[200:])
    write_exchange(other, decided(220, TimeMs(START + 1))[200:])
    engine, log = recover(other, Rulebook)
    log.close()
    path = save_snapshot(other, engine)
    shutil.copytree(path.parent, snapshots_in(data))
    with capture_logs() as logs:
        engine, log = recover(data, Rulebook)
    log.close()
    assert engine.snapshot() == state_after(decided(220))
    assert "is of records up to 220 that the journal does not have" in logs[0]["error"]


def test_older_segments_are_not_needed_behind_a_snapshot(data: Path) -> None:
    first, second, *_ = sorted(journal_in(data).glob("*.segment"))
    save_after(data, 190)
    first.unlink()
    second.unlink()
    assert replayed(data) == 10


def test_without_the_older_segments_a_snapshot_is_needed(data: Path) -> None:
    first, second, *_ = sorted(journal_in(data).glob("*.segment"))
    snapshot = save_after(data, 5)
    older = snapshot.rename(data / snapshot.name)
    first.unlink()
    second.unlink()
    with pytest.raises(JournalDamaged, match=r"begins with record \d+, and there is no good"):
        recover(data, Rulebook)
    older.rename(snapshot)
    with pytest.raises(JournalDamaged, match="record 6 is older"):
        recover(data, Rulebook)


def test_a_journal_older_than_a_snapshot_is_refused(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(journal_in(data), copy)
    newer = decided(201)
    write_exchange(data, newer[200:])
    path = save_snapshot(data, engine_after(newer))
    shutil.rmtree(journal_in(data))
    copy.rename(journal_in(data))
    with pytest.raises(JournalDamaged, match=r"is of record 201, but .* ends with 200") as refused:
        recover(data, Rulebook)
    assert refused.value.path == path
    assert "move the snapshot away" in str(refused.value)
    path.unlink()
    assert replayed(data) == 200


def test_damage_in_what_has_to_be_replayed_is_refused(data: Path) -> None:
    first = min(journal_in(data).glob("*.segment"))
    content = bytearray(first.read_bytes())
    content[1000] ^= 1
    first.write_bytes(content)
    with pytest.raises(JournalDamaged, match=f"{first}, offset"):
        recover(data, Rulebook)
    save_after(data, 150)
    assert replayed(data) == 50


@pytest.mark.parametrize("record", senseless(50).values(), ids=senseless(50))
def test_a_record_that_makes_no_sense_is_refused_and_named(tmp_path: Path, record: bytes) -> None:
    """Its checksum is right: it was written like that."""
    write_exchange(tmp_path, [*RECORDS[:49], record, *RECORDS[50:]])
    with pytest.raises(JournalDamaged, match="record 50 cannot be replayed: ") as refused:
        recover(tmp_path, Rulebook)
    assert refused.value.path == journal_in(tmp_path) / "00000002.segment"
    batches = read_batches(read_head(refused.value.path))
    batch = next(batch for batch in batches if batch.first == 50)
    content = refused.value.path.read_bytes()[refused.value.offset :]
    assert FRAME.unpack_from(content)[1] == batch.crc
    assert "the release of coinport that wrote them" in str(refused.value)


def test_a_snapshot_that_the_engine_chokes_on_is_passed_over(data: Path) -> None:
    """Another release, with other rules, made it."""

    class Choking(CountingRulebook):
        def restore(self, snapshot_bytes: bytes) -> None:
            super().restore(snapshot_bytes)
            if self.sequence > 50:
                raise KeyError("fee")

    for count in (20, 100):
        save_after(data, count)
    with capture_logs() as logs:
        assert replayed(data, Choking) == 180
    assert logs[0]["error"] == "KeyError('fee')"


def test_a_refused_start_leaves_the_lock_free(data: Path) -> None:
    log = FileLog(journal_in(data))
    with pytest.raises(JournalLocked):
        recover(data, Rulebook)
    log.close()
    first = min(journal_in(data).glob("*.segment"))
    first.rename(first.with_suffix(".away"))
    for _ in range(2):
        with pytest.raises(JournalDamaged):
            recover(data, Rulebook)
    first.with_suffix(".away").rename(first)
    assert replayed(data) == 200


def test_the_recovered_exchange_goes_on(data: Path) -> None:
    save_after(data, 100)
    engine, log = recover(data, Rulebook)
    log.append(decided(203)[200:])
    log.close()
    engine, log = recover(data, Rulebook)
    assert engine.sequence == log.last == 203
    assert list(log.read(Sequence(0))) == decided(203)
    log.close()
