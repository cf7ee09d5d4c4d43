"""The exchange that is measured: a real server process in a directory of its own, with traders."""

import base64
import hmac
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
from msgspec import Struct

from coinport.app.admin.client import ask
from coinport.operations.requests import Done, Move

PATH = "/api/v2"
FUNDS = {"BTC": "100000", "CNY": "100000000"}
START_SECONDS_MAX = 60

_SERVE = """
import os, sys
if core := sys.argv.pop(1):
    os.sched_setaffinity(0, {int(core)})
from coinport.app.cli import main
main()
"""


class Trader(Struct, frozen=True):
    token: str
    secret: str


class Exchange(Struct, frozen=True):
    host: str
    port: int
    directory: Path
    process: int

    def get(self, path: str) -> bytes:
        """A public request as it goes over the wire."""
        return f"GET {PATH}{path} HTTP/1.1\r\nhost: {self.host}\r\n\r\n".encode()

    def post(self, path: str, body: bytes, trader: Trader, now_ms: int) -> bytes:
        """A request signed by HMAC."""
        text = b"%d\nPOST\n%b\n%b" % (now_ms, (PATH + path).encode(), body)
        signature = hmac.digest(trader.secret.encode(), text, "sha256").hex()
        head = (
            f"POST {PATH}{path} HTTP/1.1\r\nhost: {self.host}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
            f"x-coinport-key: {trader.token}\r\nx-coinport-timestamp: {now_ms}\r\n"
            f"x-coinport-window: 60000\r\nx-coinport-signature: {signature}\r\n\r\n"
        )
        return head.encode() + body

    def caught_up(self, trader: Trader) -> None:
        """Return when the read models have all that was sent: who reads his orders waits for it."""
        target = f"{PATH}/user/orders?limit=1"
        status = 0
        while status != httpx.codes.OK:
            now = time.time_ns() // 1_000_000
            text = f"{now}\nGET\n{target}\n".encode()
            headers = {
                "x-coinport-key": trader.token,
                "x-coinport-timestamp": str(now),
                "x-coinport-signature": hmac.digest(trader.secret.encode(), text, "sha256").hex(),
            }
            url = f"http://{self.host}:{self.port}{target}"
            answer = httpx.get(url, headers=headers, timeout=30, trust_env=False)
            status = answer.status_code

    def cpu_seconds(self) -> float:
        """Of the server so far; 0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def new_exchange(core: int | None) -> Iterator[Exchange]:
    """Without rate limits, on this core where given; gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="coinport-bench-") as name,
        running_exchange(Path(name), core) as exchange,
    ):
        yield exchange


@contextmanager
def running_exchange(directory: Path, core: int | None) -> Iterator[Exchange]:
    """The exchange of `directory`, without rate limits, ready; killed or stopped afterwards."""
    on = "" if core is None else str(core)
    serve = [sys.executable, "-c", _SERVE, on, "serve", "--data", str(directory), "--port", "0"]
    with (directory / "log").open("ab") as log:
        server = subprocess.Popen([*serve, "--no-rate-limit"], stdout=subprocess.PIPE, stderr=log)
    try:
        address = urlsplit(_address(server, directory))
        assert address.hostname is not None and address.port is not None
        if core is not None:
            _free_the_children_of(server.pid)
        yield Exchange(address.hostname, address.port, directory, server.pid)
    finally:
        server.terminate()
        server.wait()
        assert server.stdout is not None
        server.stdout.close()


def _free_the_children_of(process: int) -> None:
    """The core is for the server: the projector's process runs where there is room."""
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in children.read_text().split():
            os.sched_setaffinity(int(child), range(os.cpu_count() or 1))


def open_traders(exchange: Exchange, count: int) -> list[Trader]:
    """Registered through the public API, and funded by the administrator."""
    traders = []
    base = f"http://{exchange.host}:{exchange.port}{PATH}"
    with httpx.Client(base_url=base, timeout=30, trust_env=False) as client:
        for number in range(count):
            email, password = f"trader{number}@example.com", secrets.token_hex(16)
            _data(client.post("/register", json={"email": email, "pwdhash": password}))
            basic = base64.b64encode(f"{email}:{password}".encode()).decode()
            made = _data(
                client.post(
                    "/user/add_api_token",
                    json={"name": "bench"},
                    headers={"Authorization": f"Basic {basic}"},
                )
            )
            traders.append(Trader(made["token"], made["secret"]))
            for currency, amount in FUNDS.items():
                move = Move("credit", email, currency, amount, "benchmark", "")
                answer = ask(exchange.directory, move)
                assert isinstance(answer, Done), answer
    return traders


def _address(server: subprocess.Popen[bytes], directory: Path) -> str:
    """What the server prints when it is ready."""
    assert server.stdout is not None
    deadline = time.monotonic() + START_SECONDS_MAX
    for line in server.stdout:
        word = next((word for word in line.decode().split() if word.startswith("http://")), None)
        if word is not None:
            return word
        if time.monotonic() > deadline:
            break
    raise RuntimeError(f"the server did not start: {(directory / 'log').read_text()[-500:]}")


def _data(response: httpx.Response) -> dict[str, str]:
    answer = msgspec.json.decode(response.content)
    if answer["code"]:
        raise RuntimeError(f"setting up the benchmark failed: {answer}")
    data: dict[str, str] = answer["data"]
    return data
