"""Repair: what is good stays, what is bad is put aside, and the journal opens again."""

import subprocess
import sys
from pathlib import Path

import pytest

from coinport.journal.errors import JournalDamaged, JournalLocked
from coinport.journal.mark import MARK
from coinport.journal.repair import repair
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


def test_what_is_behind_a_bad_byte_is_given_up_and_kept_aside(journal: Path) -> None:
    segments = sorted(journal.glob("*.segment"))
    before = {path.name: path.read_bytes() for path in segments}
    flip(segments[2], 100)
    damaged = segments[2].read_bytes()
    last, aside = repair(journal)
    assert 10 < last < 60
    assert contents(journal) == records(1, last)
    assert (aside / segments[2].name).read_bytes() == damaged
    for later in segments[3:]:
        assert (aside / later.name).read_bytes() == before[later.name]
        assert not later.exists()
    write_journal(journal, [[b"goes on"]])
    assert contents(journal) == [*records(1, last), b"goes on"]


@pytest.mark.parametrize("bad", ["head", "missing"])
def test_a_segment_that_is_bad_as_a_whole_is_given_up(journal: Path, bad: str) -> None:
    segments = sorted(journal.glob("*.segment"))
    if bad == "head":
        flip(segments[3], 9)
    else:
        segments[3].unlink()
    last, _ = repair(journal)
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
        assert f"python -m coinport.journal.repair {journal}" in str(refused.value)
        assert repair(journal)[0] == 60
        assert contents(journal) == records(1, 60)


def test_a_good_journal_stays_as_it_is(journal: Path) -> None:
    before = {path.name: path.read_bytes() for path in journal.glob("*.segment")}
    assert repair(journal)[0] == 60
    assert {path.name: path.read_bytes() for path in journal.glob("*.segment")} == before
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


def test_the_command_tells_what_it_did(journal: Path) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "coinport.journal.repair", str(journal)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    done = run()
    assert done.returncode == 0
    assert done.stdout.startswith("The journal now ends with record 60. What it was before is in ")
    log = open_log(journal)
    refused = run()
    assert refused.returncode == 1
    assert refused.stderr.startswith("coinport: nothing repaired: ")
    log.close()
