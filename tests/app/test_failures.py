"""What people are told when something around the exchange fails."""

import errno
import os
from pathlib import Path

import pytest

from coinport.app.admin.client import NotRunning
from coinport.app.cli.failures import is_expected, said


@pytest.mark.parametrize(
    "number",
    [errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EROFS, errno.ENOTDIR, errno.ELOOP],
    ids=errno.errorcode.get,
)
def test_the_file_and_the_remedy_are_named_and_no_number(number: int) -> None:
    error = OSError(number, os.strerror(number), "/srv/exchange")
    assert is_expected(error)
    assert said(error).startswith("/srv/exchange: ")
    assert "Errno" not in said(error)


def test_a_missing_file_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Errno 2") as caught:
        (tmp_path / "none").read_bytes()
    assert said(caught.value) == (
        f"{tmp_path}/none: there is no such file or directory: name one that exists"
    )


def test_a_file_in_the_place_of_a_directory_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Errno 17") as caught:
        (tmp_path / "file").mkdir(exist_ok=True)
    assert said(caught.value) == f"{tmp_path}/file: a file is there already: name another place"


def test_a_message_of_our_own_stays_as_it_is() -> None:
    assert said(NotRunning("no exchange answers here")) == "no exchange answers here"
