"""What `bench http` is measured against: uvicorn alone, with the least that whoever takes signed
orders must do. It checks the signature, reads the orders and answers. Nothing is decided, nothing
is kept.

`python -m coinport.app.bench.bare` reads one line from its standard input, a JSON object from
tokens to their secrets; prints the port it listens on; and serves until that input ends.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
import uvicorn
from msgspec import Struct

from coinport.gateway.signatures import hmac_signs

HOST = "127.0.0.1"


class _Order(Struct):
    market: str
    type: str
    price: float
    amount: float


class _Orders(Struct):
    orders: list[_Order]


class _Result(Struct):
    order_id: str
    code: int = 0


class _Results(Struct):
    results: list[_Result]


class _Envelope(Struct):
    code: int
    time: int
    data: _Results


class Bare:
    """An ASGI application."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = {token.encode(): secret.encode() for token, secret in secrets.items()}
        self._decode = msgspec.json.Decoder(_Orders).decode
        self._encode = msgspec.json.Encoder().encode
        self._orders = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        status, answer = self._answered(scope["raw_path"], dict(scope["headers"]), body)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(answer)),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _answered(self, path: bytes, headers: dict[bytes, bytes], body: bytes) -> tuple[int, bytes]:
        secret = self._secrets.get(headers.get(b"x-coinport-key", b""))
        if secret is None:
            return 401, b""
        timestamp = headers.get(b"x-coinport-timestamp", b"")
        signature = headers.get(b"x-coinport-signature", b"").decode("latin-1")
        if not hmac_signs(secret, timestamp, b"POST", path, body, signature):
            return 401, b""
        results = [_Result(self._new_id()) for _ in self._decode(body).orders]
        now = time.time_ns() // 1_000_000
        return 200, self._encode(_Envelope(0, now, _Results(results)))

    def _new_id(self) -> str:
        self._orders += 1
        return str(self._orders)


@contextmanager
def bare_server(secrets: Mapping[str, str], core: int | None) -> Iterator[int]:
    """The port of one in a process of its own, on this core where given; gone afterwards."""
    command = [sys.executable, "-m", "coinport.app.bench.bare"]
    if core is not None:
        command.append(str(core))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(msgspec.json.encode(secrets) + b"\n")
        server.stdin.flush()
        yield int(server.stdout.readline())


def _main() -> None:
    if len(sys.argv) > 1:
        os.sched_setaffinity(0, {int(sys.argv[1])})
    secrets = msgspec.json.decode(sys.stdin.readline(), type=dict[str, str])
    config = uvicorn.Config(
        Bare(secrets),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="error",
    )
    server = uvicorn.Server(config)

    def until_the_input_ends() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=until_the_input_ends, daemon=True).start()
    with socket.create_server((HOST, 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        server.run([listening])


if __name__ == "__main__":
    _main()
