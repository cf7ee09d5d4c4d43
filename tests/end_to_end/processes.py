"""Real processes of coinport, started and ended by the tests."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

COINPORT = Path(sys.executable).with_name("coinport")


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
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(rb"https?://\S+", line):
                self.address = found[0].decode()
                return self
        self.process.wait()
        raise AssertionError(f"the server did not start:\n{self._log.read_text()[-2000:]}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def kill(self) -> None:
        """As the kernel would."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.killed = True

    def admin(self, *words: str) -> str:
        """What `coinport admin` prints."""
        command = [str(COINPORT), "admin", "--data", str(self.data), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
