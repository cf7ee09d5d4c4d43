"""Real processes of coinport, started, asked over HTTP and ended by the tests."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

COINPORT = Path(sys.executable).with_name("coinport")

PATIENCE_SECONDS = 120
"""For an answer, or an orderly end, on a machine that is busy with other things."""


class ServerProcess:
    """`coinport serve` on a free port, ready when the block begins and gone when it ends."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.killed = False
        self._command = [str(COINPORT), "serve", "--data", str(data), "--port", "0", *options]
        self._log = data / "stderr.log"

    def __enter__(self) -> Self:
        self.data.mkdir(exist_ok=True)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=log)
        try:
            self.address = self._announced()
        except BaseException:  # of the test's own time limit, too
            self.process.kill()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        assert self.process.stdout is not None
        try:
            self.process.wait(timeout=PATIENCE_SECONDS)
        finally:
            self.process.kill()  # nothing, where it has ended
            self.process.stdout.close()

    def kill(self) -> None:
        """As the kernel would."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.killed = True

    def _announced(self) -> str:
        """The address, as soon as the server is ready."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(rb"https?://\S+", line):
                return found[0].decode()
        self.process.wait()
        raise AssertionError(f"the server did not start:\n{self.log()}")

    def log(self) -> str:
        """The end of what it said on standard error."""
        return self._log.read_text()[-2000:]

    def admin(self, *words: str) -> str:
        """What `coinport admin` prints."""
        command = [str(COINPORT), "admin", "--data", str(self.data), *words]
        ended = subprocess.run(command, check=False, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout


def get(server: ServerProcess, path: str, **options: Any) -> Any:
    return _data(httpx.get(_url(server, path), timeout=30, trust_env=False, **options))


def post(server: ServerProcess, path: str, body: Any = None, **options: Any) -> Any:
    return _data(httpx.post(_url(server, path), json=body, timeout=30, trust_env=False, **options))


def _url(server: ServerProcess, path: str) -> str:
    return f"{server.address}/api/v2/{path}"


def _data(response: httpx.Response) -> Any:
    answer = response.json()
    assert answer["code"] == 0, answer
    return answer["data"]
