"""What an operator or auditor can learn from a journal, while the exchange runs or not."""

import json
import shutil
from collections.abc import Sequence as SequenceOf
from pathlib import Path

import pytest

from coinport.engine.rulebook import Rulebook
from coinport.journal import inspection
from coinport.journal.errors import JournalDamaged
from coinport.journal.layout import journal_in, snapshots_in
from coinport.journal.log import FileLog
from coinport.journal.snapshots import save_snapshot
from coinport.model.records import decode_record, encode_command, encode_record
from coinport.model.units import TimeMs
from tests.journal.exchanges import START, decided, engine_after, senseless, write_exchange

RECORDS = decided(120)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_exchange(tmp_path, RECORDS)
    return tmp_path


def save_after(data: Path, records: list[bytes]) -> Path:
    return save_snapshot(data, engine_after(records))


def verify(data: Path) -> inspection.Verification:
    return inspection.verify(data, Rulebook)


# verify


def test_a_good_journal_is_decided_anew_and_its_snapshots_agree(data: Path) -> None:
    for count in (7, 60, 120):
        save_after(data, RECORDS[:count])
    found = verify(data)
    assert (found.first, found.last, found.redecided) == (1, 120, 120)
    assert (found.first_ms, found.last_ms) == (START, START + 119_000)
    assert found.snapshots == [7, 60, 120]
    assert found.problems == []


def test_an_empty_journal_is_good(tmp_path: Path) -> None:
    write_exchange(tmp_path, [])
    found = verify(tmp_path)
    assert (found.first, found.last, found.redecided, found.problems) == (1, 0, 0, [])
    assert (found.first_ms, found.last_ms) == (None, None)


def test_a_record_that_the_rules_do_not_make_is_named(tmp_path: Path) -> None:
    record = decode_record(RECORDS[49])
    altered = encode_record(
        record.sequence, TimeMs(record.time + 1), encode_command(record.command), []
    )
    write_exchange(tmp_path, [*RECORDS[:49], altered, *RECORDS[50:]])
    found = verify(tmp_path)
    assert found.redecided == 49
    (problem,) = found.problems
    assert problem.startswith(f"{journal_in(tmp_path)}/00000002.segment, offset ")
    assert ': record 50 is {"sequence":50,' in problem
    assert '"events":[]}, but the rules make it {"sequence":50,' in problem


@pytest.mark.parametrize("record", senseless(50).values(), ids=senseless(50))
def test_a_record_that_makes_no_sense_is_named(tmp_path: Path, record: bytes) -> None:
    write_exchange(tmp_path, [*RECORDS[:49], record, *RECORDS[50:]])
    (problem,) = verify(tmp_path).problems
    assert problem.startswith(f"{journal_in(tmp_path)}/00000002.segment, offset ")
    assert ": record 50 " in problem


def test_what_cannot_even_be_decoded_is_named_by_dump_and_stats(tmp_path: Path) -> None:
    write_exchange(tmp_path, [*RECORDS[:49], b"\xc1", *RECORDS[50:]])
    lines = inspection.dump(tmp_path)
    for _ in range(49):
        next(lines)
    for what in (lambda: next(lines), lambda: inspection.stats(tmp_path)):
        with pytest.raises(JournalDamaged, match="record 50 cannot be decoded: "):
            what()


def test_an_engine_that_breaks_is_reported_like_a_bad_record(data: Path) -> None:
    class Broken(Rulebook):
        def execute(self, time: TimeMs, commands: SequenceOf[bytes]) -> list[bytes]:
            assert self.sequence < 70, "out of its mind"
            return super().execute(time, commands)

    found = inspection.verify(data, Broken)
    (problem,) = found.problems
    assert found.redecided == 70
    assert "record 71 cannot be decided: AssertionError('out of its mind" in problem


def test_a_damaged_file_is_named(data: Path) -> None:
    segment = min(journal_in(data).glob("*.segment"))
    content = bytearray(segment.read_bytes())
    content[2000] ^= 4
    segment.write_bytes(content)
    found = verify(data)
    (problem,) = found.problems
    assert problem.startswith(f"{segment}, offset ")
    assert 0 < found.redecided < 120


def test_a_snapshot_newer_than_the_journal_is_named(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(journal_in(data), journal_in(copy))
    write_exchange(data, decided(130)[120:])
    newer = save_after(data, decided(130))
    snapshots_in(copy).mkdir()
    path = shutil.copy(newer, snapshots_in(copy))
    assert verify(copy).problems == [
        f"{path} is of records up to 130 that the journal does not have"
    ]


def test_bad_snapshots_are_named(data: Path, tmp_path: Path) -> None:
    bad = save_after(data, RECORDS[:30])
    bad.write_bytes(bad.read_bytes() + b"more")
    other, records = tmp_path / "other", decided(130, TimeMs(START + 1))
    write_exchange(other, records)
    foreign = shutil.copy(save_after(other, records), bad.parent)
    assert verify(data).problems == [
        f"{foreign} is of another journal",
        f"{bad} does not have the digest that it names",
    ]


def test_a_snapshot_of_another_state_is_named(data: Path) -> None:
    other = Rulebook()
    other.replay(RECORDS[:30])
    other.state.next_order = other.state.next_order + 1  # type: ignore[assignment]
    path = save_snapshot(data, other)
    found = verify(data)
    assert found.problems == [f"{path} is not the state that the records lead to"]


def test_without_the_oldest_segments_it_begins_with_the_oldest_snapshot(data: Path) -> None:
    for count in (5, 60, 90):
        save_after(data, RECORDS[:count])
    min(journal_in(data).glob("*.segment")).unlink()
    found = verify(data)
    assert found.first > 6
    assert (found.redecided, found.snapshots, found.problems) == (60, [90], [])
    assert (found.first_ms, found.last_ms) == (START + 60_000, START + 119_000)


def test_without_the_oldest_segments_and_a_snapshot_it_says_so(data: Path) -> None:
    min(journal_in(data).glob("*.segment")).unlink()
    found = verify(data)
    (problem,) = found.problems
    assert f": record {found.first} cannot be decided without those before it" in problem


def test_there_must_be_a_journal(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no journal in"):
        verify(tmp_path)


# dump


def test_dump_names_everything(data: Path) -> None:
    lines = [json.loads(line) for line in inspection.dump(data)]
    assert [line["sequence"] for line in lines] == [*range(1, 121)]
    assert lines[0] == {
        "sequence": 1,
        "time": START,
        "command": {
            "type": "AddCurrency",
            "symbol": "BTC",
            "decimals": 8,
            "kind": "CHAIN",
            "actor": "admin",
            "note": "opening",
        },
        "events": [
            {
                "type": "CurrencyAdded",
                "currency": {
                    "type": "Currency",
                    "currency": 1,
                    "symbol": "BTC",
                    "decimals": 8,
                    "kind": "CHAIN",
                },
            }
        ],
    }
    order = lines[7]
    assert order["command"]["side"] == "SELL"
    assert order["command"]["time_in_force"] == "GTC"
    assert [event["type"] for event in order["events"]] == ["OrderPlaced", "OrderBooked"]


def test_dump_starts_and_ends_where_it_is_told(data: Path) -> None:
    def sequences(after: int, limit: int | None) -> list[int]:
        return [json.loads(line)["sequence"] for line in inspection.dump(data, after, limit)]

    assert sequences(100, 3) == [101, 102, 103]
    assert sequences(118, None) == [119, 120]
    assert sequences(200, None) == []
    min(journal_in(data).glob("*.segment")).unlink()
    assert sequences(0, 1)[0] > 1


# stats


def test_stats_count(data: Path) -> None:
    save_after(data, RECORDS[:60])
    found = inspection.stats(data)
    assert (found.first, found.last, found.records) == (1, 120, 120)
    assert found.commands == {
        "PlaceOrder": 113,
        "AddCurrency": 2,
        "OpenAccount": 2,
        "Credit": 2,
        "AddMarket": 1,
    }
    assert found.record_bytes == sum(map(len, RECORDS))
    assert found.disk_bytes == 4096 * found.segments > found.record_bytes
    assert (found.first_ms, found.last_ms) == (START, START + 119_000)
    assert found.records_per_second == 1
    assert found.snapshots == ["0000000000000060.snapshot"]


def test_stats_of_an_empty_journal(tmp_path: Path) -> None:
    write_exchange(tmp_path, [])
    found = inspection.stats(tmp_path)
    assert (found.records, found.first_ms, found.records_per_second) == (0, None, 0)


# while the exchange runs


def test_all_of_it_works_while_the_exchange_runs(data: Path) -> None:
    log = FileLog(journal_in(data), 4096)
    before = {path.name: path.read_bytes() for path in journal_in(data).iterdir()}
    assert verify(data).last == inspection.stats(data).last == len(list(inspection.dump(data)))
    assert {path.name: path.read_bytes() for path in journal_in(data).iterdir()} == before
    log.append(decided(125)[120:])
    assert verify(data).last == inspection.stats(data).last == 125
    log.close()


def test_what_is_not_acknowledged_yet_is_not_there(data: Path) -> None:
    mark = (journal_in(data) / "acknowledged").read_bytes()
    log = FileLog(journal_in(data), 4096)
    log.append(decided(125)[120:])
    log.close()
    (journal_in(data) / "acknowledged").write_bytes(mark)
    assert verify(data).last == 120
    assert len(list(inspection.dump(data))) == 120
