"""A demo as a process."""

import time
from collections.abc import Callable
from pathlib import Path

from tests.end_to_end.processes import COINPORT, PATIENCE_SECONDS, ServerProcess


class DemoProcess(ServerProcess):
    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self._command = [str(COINPORT), "demo", "--data", str(data), "--port", "0"]


def wait_for(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.5)  # another process does it: there is nothing to wait on
