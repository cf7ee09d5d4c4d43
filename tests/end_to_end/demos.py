"""A demo as a process; and how such processes are asked over HTTP."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.end_to_end.processes import COINPORT, PATIENCE_SECONDS, ServerProcess


class DemoProcess(ServerProcess):
    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self._command = [str(COINPORT), "demo", "--data", str(data), "--port", "0"]


def get(server: ServerProcess, path: str, **options: Any) -> Any:
    return _data(httpx.get(_url(server, path), timeout=30, trust_env=False, **options))


def post(server: ServerProcess, path: str, body: Any = None, **options: Any) -> Any:
    return _data(httpx.post(_url(server, path), json=body, timeout=30, trust_env=False, **options))


def wait_for(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.5)  # another process does it: there is nothing to wait on


def _url(server: ServerProcess, path: str) -> str:
    return f"{server.address}/api/v2/{path}"


def _data(response: httpx.Response) -> Any:
    answer = response.json()
    assert answer["code"] == 0, answer
    return answer["data"]
