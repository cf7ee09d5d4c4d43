"""Processes beside the exchange: a signal from the terminal does not reach them, and their priority
counts against that of the exchange."""

import os
import subprocess
from pathlib import Path

import pytest

from coinport.journal import background

_ABOUT_ITSELF = """
import os, sys
if __name__ == "__main__":
    print(os.getpid(), os.getpgrp(), os.getsid(0), *sys.argv[1:])
"""


@pytest.fixture
def about_itself(tmp_path: Path) -> list[str]:
    """What a process tells: its id, its group, its session, and its arguments."""
    (tmp_path / "about_itself.py").write_text(_ABOUT_ITSELF)
    command = background.command("about_itself", "one", "two")
    return subprocess.check_output(command, cwd=tmp_path, text=True).split()


def test_it_has_a_process_group_of_its_own(about_itself: list[str]) -> None:
    id_, group, *_ = about_itself
    assert group == id_ != str(os.getpgrp())


def test_it_has_the_session_of_who_started_it(about_itself: list[str]) -> None:
    _, _, session, *_ = about_itself
    assert session == str(os.getsid(0))


def test_it_runs_the_program_of_a_module_with_its_arguments(about_itself: list[str]) -> None:
    assert about_itself[3:] == ["one", "two"]
