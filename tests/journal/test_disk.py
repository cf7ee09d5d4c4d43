"""The disk of this system: what is written durably is there, whichever calls the kernel knows."""

import errno
import os

import pytest

from coinport.journal.disk import Disk, LinuxDisk, system_disk


@pytest.fixture
def file(tmp_path):
    file = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    yield file
    os.close(file)


@pytest.mark.parametrize("disk", [Disk(), system_disk()], ids=["two calls", "of this system"])
def test_all_of_it_is_written_where_it_belongs(file, disk):
    disk.write_durably(file, b"first", 0)
    disk.write_durably(file, b"second", 4096)
    assert os.pread(file, 10, 0) == b"first\0\0\0\0\0"
    assert os.pread(file, 10, 4096) == b"second"


@pytest.mark.skipif(not hasattr(os, "RWF_DSYNC"), reason="only Linux has this call")
class TestLinux:
    def test_what_one_call_leaves_over_is_written_and_synced_too(self, file, monkeypatch):
        write, synced = os.pwritev, []
        monkeypatch.setattr(os, "pwritev", lambda f, d, at, flags: write(f, [d[0][:2]], at, flags))
        monkeypatch.setattr(os, "fdatasync", synced.append)
        LinuxDisk().write_durably(file, b"first", 7)
        assert os.pread(file, 10, 7) == b"first"
        assert synced == [file]

    def test_a_file_system_without_the_call_is_synced(self, file, monkeypatch):
        synced = []
        monkeypatch.setattr(os, "pwritev", failing(errno.EOPNOTSUPP))
        monkeypatch.setattr(os, "fdatasync", synced.append)
        LinuxDisk().write_durably(file, b"first", 0)
        assert os.pread(file, 10, 0) == b"first"
        assert synced == [file]

    def test_a_failing_medium_is_not_written_to_again(self, file, monkeypatch):
        monkeypatch.setattr(os, "pwritev", failing(errno.EIO))
        with pytest.raises(OSError, match="Input/output error"):
            LinuxDisk().write_durably(file, b"first", 0)
        assert os.pread(file, 10, 0) == b""


def failing(code):
    def fail(*_):
        raise OSError(code, os.strerror(code))

    return fail
