"""The process that publishes does not outlive the exchange that wants it to."""

import asyncio
import subprocess
import sys
from pathlib import Path

import msgspec

from coinport.app.publishing import Round
from coinport.app.wiring import readmodels_url
from coinport.model.units import TimeMs
from coinport.reserves.catalog import Catalog
from coinport.reserves.layout import Kind
from tests.app.exchanges import QUICK, running


def test_it_ends_with_its_input_and_publishes_nothing(tmp_path: Path) -> None:
    async def begin() -> None:
        async with running(tmp_path):
            pass

    asyncio.run(begin())
    order = Round(
        data=str(tmp_path),
        readmodels_url=readmodels_url(tmp_path, QUICK),
        salt=bytes(32),
        timestamp=TimeMs(1),
        blocks={},
    )
    encoded = msgspec.msgpack.encode(order)
    command = [sys.executable, "-m", "coinport.app.publishing"]
    given = len(encoded).to_bytes(8, "big") + encoded
    ended = subprocess.run(command, input=given, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, b"", b"")
    assert Catalog(tmp_path).newest("BTC", Kind.SNAPSHOT, 10) == ([], False)
