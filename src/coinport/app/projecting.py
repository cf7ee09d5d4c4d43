"""The projector's process: it reads the journal and writes the tables of the read models beside the
exchange, so that neither waits for the other.

The exchange says where everything is on the first line, and then asks for a batch with each line;
the answer is the sequence of the last record in the tables. It may be killed at any moment: every
transaction begins where the tables are.
"""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from coinport.app import collector, logs
from coinport.app.config import Log
from coinport.database import Database, DatabaseUnusable
from coinport.journal import background
from coinport.journal.errors import JournalDamaged
from coinport.journal.following import LogFollower
from coinport.model.units import Sequence
from coinport.readmodels.projector import Projector

NICENESS = 5
"""Where there are too few cores, orders come first: who reads the tables waits for them anyway."""
STOP_SECONDS = 5
"""How long the process may take to end."""


class ProjectorDied(Exception):
    """Its own log lines say why."""


class Setting(Struct, frozen=True):
    """What the process must know. Not on the command line: the URL may hold a password."""

    journal: str
    readmodels_url: str
    log: Log


class ProjectorProcess:
    """`start` it, then ask for batches one after the other. `launch` it before, and it has loaded
    its program by then: until it is started it touches nothing."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def launch(self) -> None:
        if self._process is not None:
            return
        self._process = await asyncio.create_subprocess_exec(
            *background.command(__name__),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )

    async def start(self, at_least: int) -> Sequence:
        """Bring the tables up to the record `at_least`; the last record in them."""
        await self.launch()
        projected = await self._ask(msgspec.json.encode(self._setting))
        while projected < at_least:
            projected = await self.project()
        return projected

    async def project(self) -> Sequence:
        """One batch; the last record in the tables then. Raises ProjectorDied."""
        return await self._ask(b"")

    async def watch(self) -> None:
        """Until it ends: raises ProjectorDied, also where nobody asks it for anything."""
        assert self._process is not None
        raise ProjectorDied(f"exit code {await self._process.wait()}")

    async def stop(self) -> None:
        """It finishes the transaction it is in."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
                return
        self._process.kill()
        await self._process.wait()

    async def _ask(self, line: bytes) -> Sequence:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError, RuntimeError):  # its pipes are closed
            process.stdin.write(line + b"\n")
            await process.stdin.drain()
            if answer := await process.stdout.readline():
                return Sequence(int(answer))
        raise ProjectorDied(f"exit code {await process.wait()}")


def main() -> None:
    """Ends with its standard input, so that it does not outlive the exchange."""
    os.nice(NICENESS)
    line = sys.stdin.readline()
    if not line:
        return
    setting = msgspec.json.decode(line, type=Setting)
    logs.set_up(setting.log)
    try:
        journal = LogFollower(Path(setting.journal))
        projector = Projector(Database(setting.readmodels_url, synchronous="NORMAL"), journal)
        projected = projector.begin()
        collector.settle()
        while True:
            with suppress(BrokenPipeError):  # then the end of the input follows
                print(projected, flush=True)
            if not sys.stdin.readline():
                return
            projected = projector.project()
    except (JournalDamaged, DatabaseUnusable) as error:
        sys.exit(f"coinport: the read models cannot follow: {error}")


if __name__ == "__main__":
    main()
