"""Following: another process reads what is acknowledged, and nothing before that."""

import pytest

from coinport.journal.errors import JournalDamaged
from coinport.journal.following import LogFollower
from tests.journal.journals import open_log

RECORDS = [b"record %03d" % number + b"x" * (number % 50) for number in range(1, 201)]


@pytest.fixture
def log(tmp_path):
    log = open_log(tmp_path / "journal")
    yield log
    log.close()


@pytest.fixture
def follower(log):
    follower = LogFollower(log.directory)
    yield follower
    follower.close()


def append(log, count):
    """In batches of one to five."""
    while count:
        batch = RECORDS[log.last : log.last + min(count, 1 + log.last % 5)]
        log.append(batch)
        count -= len(batch)


def test_what_is_appended_is_read_when_it_is_asked_for(log, follower):
    seen = []
    for count in (0, 1, 7, 40, 3, 100):
        append(log, count)
        assert follower.last == log.last
        seen += follower.read(len(seen))
        assert seen == RECORDS[: log.last]
    assert len(list(log.directory.glob("*.segment"))) > 5


def test_a_reader_may_stop_anywhere_and_go_on(log, follower):
    append(log, 150)
    seen = []
    while len(seen) < 150:
        reading = follower.read(len(seen))
        seen += [next(reading) for _ in range(min(4, 150 - len(seen)))]
    assert seen == RECORDS[:150]


@pytest.mark.parametrize("after", [0, 1, 2, 77, 148, 149, 150])
def test_it_may_begin_anywhere(log, follower, after):
    append(log, 150)
    assert list(follower.read(100)) == RECORDS[100:150]
    assert list(follower.read(after)) == RECORDS[after:150]


def test_what_is_written_but_not_acknowledged_is_not_there(log, follower, monkeypatch):
    append(log, 10)
    monkeypatch.setattr(log._mark, "write", lambda sequence, crc: None)
    log.append(RECORDS[10:12])
    assert list(follower.read(0)) == RECORDS[:10]


def test_what_is_older_than_all_segments_is_refused(log):
    append(log, 150)
    (log.directory / "00000001.segment").unlink()
    follower = LogFollower(log.directory)
    with pytest.raises(JournalDamaged, match="older than all segments"):
        list(follower.read(0))
    assert list(follower.read(149)) == RECORDS[149:150]
    follower.close()


def test_a_flipped_bit_is_not_given_out(log, follower):
    append(log, 20)
    path = log.directory / "00000001.segment"
    data = bytearray(path.read_bytes())
    data[data.index(RECORDS[4])] ^= 1
    path.write_bytes(data)
    reading = follower.read(0)
    with pytest.raises(JournalDamaged, match=r"00000001\.segment"):
        list(reading)
