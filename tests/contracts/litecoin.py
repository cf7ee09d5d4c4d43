"""A real litecoind on a chain of its own, on loopback, in a directory of its own."""

import asyncio
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import httpx

from coinport.wallets.chain import ChainUnavailable
from coinport.wallets.rpc import Rpc
from tests.contracts.faulty import FaultyTransport

PROGRAM = shutil.which("litecoind")
ABSENT = "litecoind is not installed (apt-get install litecoind)"
START_SECONDS = 30


class Litecoind:
    """The node; its wallet `miner` stands for everybody who is not us."""

    def __init__(self) -> None:
        assert PROGRAM, ABSENT
        self._directory = Path(tempfile.mkdtemp(prefix="coinport-litecoind-"))
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        words = {"broadcast": b"sendrawtransaction", "incoming": b"listsinceblock"}
        self.transport = FaultyTransport(httpx.AsyncHTTPTransport(), words)
        self.rpc = Rpc(
            f"http://127.0.0.1:{self.port}", "u", "p", name="LTC", transport=self.transport
        )
        self._direct = Rpc(f"http://127.0.0.1:{self.port}", "u", "p", name="LTC")

    async def start(self, *options: str) -> None:
        self._launch(*options)
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    await self.call("getblockcount")
                except ChainUnavailable:
                    await asyncio.sleep(0.05)
                else:
                    return

    def _launch(self, *options: str) -> None:
        assert PROGRAM
        self._process = subprocess.Popen(
            [
                PROGRAM,
                "-regtest",
                f"-datadir={self._directory}",
                f"-rpcport={self.port}",
                "-rpcuser=u",
                "-rpcpassword=p",
                "-listen=0",
                "-server",
                "-fallbackfee=0.0002",
                "-persistmempool=0",
                "-keypool=10",
                *options,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    async def close(self) -> None:
        self.kill()
        await self.rpc.close()
        await self._direct.close()
        shutil.rmtree(self._directory)

    async def call(self, method: str, *params: Any) -> Any:
        """Straight to the node: never loses anything."""
        return await self._direct.call(method, *params)

    async def miner(self, method: str, *params: Any) -> Any:
        return await self._direct.call(method, *params, path="/wallet/miner")

    async def mine(self, blocks: int = 1) -> None:
        await self.call(
            "generatetoaddress", blocks, await self.miner("getnewaddress", "", "legacy")
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
