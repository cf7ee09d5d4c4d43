"""Snapshots in the background: one process at a time, that nobody misses when it is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from coinport.engine.rulebook import Rulebook
from coinport.journal.layout import journal_in, snapshots_in
from coinport.journal.log import FileLog
from coinport.journal.recovery import recover
from coinport.journal.snapshots import newest_snapshot, read_snapshot, read_state, snapshot_paths
from coinport.journal.snapshotting import BackgroundSnapshots
from coinport.model.records import Record, decode_record
from coinport.model.units import Sequence
from tests.journal.exchanges import decided, state_after, write_exchange

RECORDS = decided(100)
HELD = "tests.journal.held:Held"


def told(first: int, last: int) -> list[Record]:
    return [decode_record(data) for data in RECORDS[first - 1 : last]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_exchange(tmp_path, RECORDS)
    return tmp_path


class Held:
    """Where a held process shows that it is there."""

    def __init__(self, pipe: Path) -> None:
        os.mkfifo(pipe)
        self.pipe = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        os.set_blocking(self.pipe, True)
        self._keep = os.open(pipe, os.O_WRONLY)  # until one is there, the pipe must not end

    def started(self) -> None:
        assert os.read(self.pipe, 1) == b"!"

    def ended(self) -> None:
        """Returns when no process holds the pipe any more."""
        os.close(self._keep)
        self._keep = -1
        assert os.read(self.pipe, 1) == b""

    def close(self) -> None:
        os.close(self.pipe)
        if self._keep >= 0:
            os.close(self._keep)


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    monkeypatch.setenv("HELD_AT", str(tmp_path / "pipe"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    held = Held(tmp_path / "pipe")
    yield held
    held.close()


def run_once(data: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "coinport.journal.snapshotting", str(data)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        out, err = process.stdout.read(), process.stderr.read()
        return subprocess.CompletedProcess(command, process.wait(), out, err)


def test_the_process_saves_the_state_of_the_last_acknowledged_record(data: Path) -> None:
    with_exchange = FileLog(journal_in(data))  # which runs, and holds the lock
    ended = run_once(data)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    (path,) = snapshot_paths(data)
    assert read_state(read_snapshot(path)) == state_after(RECORDS)
    with_exchange.append(decided(110)[100:])
    run_once(data)
    assert newest_snapshot(data) == 110
    with_exchange.close()


def test_the_process_says_why_there_is_no_snapshot(tmp_path: Path) -> None:
    ended = run_once(tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.startswith("coinport: no snapshot: there is no journal in ")


def test_one_is_made_every_so_many_records_and_only_one_at_a_time(data: Path, held: Held) -> None:
    snapshots = BackgroundSnapshots(data, Sequence(0), every=10, engine=HELD)
    snapshots.follow(told(1, 9))
    assert not snapshots.running
    snapshots.follow(told(10, 12))
    held.started()
    first = snapshots.running
    assert first
    snapshots.follow(told(13, 60))
    assert snapshots.running == first
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    with capture_logs() as logs:
        snapshots.follow(told(61, 61))
    assert [(entry["event"], entry["exit_code"]) for entry in logs] == [("snapshot failed", -9)]
    held.started()
    assert snapshots.running != first
    snapshots.close()
    assert not snapshots.running
    held.ended()


PARENT = """
import signal, sys
from pathlib import Path
from coinport.journal.snapshotting import BackgroundSnapshots
from tests.journal.test_snapshotting import HELD, told
snapshots = BackgroundSnapshots(Path(sys.argv[1]), 0, every=10, engine=HELD)
snapshots.follow(told(1, 10))
signal.pause()
"""


def test_the_process_ends_with_the_exchange_even_where_that_is_killed(
    data: Path, held: Held
) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(data)]) as exchange:
        held.started()
        exchange.kill()
    held.ended()
    assert not list(snapshots_in(data).glob("*"))
    engine, log = recover(data, Rulebook)
    assert engine.snapshot() == state_after(RECORDS)
    log.close()


def test_a_process_that_cannot_be_started_is_no_reason_to_end(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(data / "no-such-program"))
    snapshots = BackgroundSnapshots(data, Sequence(0), every=10)
    with capture_logs() as logs:
        snapshots.follow(told(1, 20))
    assert [entry["event"] for entry in logs] == ["snapshot not started"]
    snapshots.close()
