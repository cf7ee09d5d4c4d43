"""A lean HTTP/1.1 load client: keep-alive connections on asyncio protocols, latencies kept exactly.

A general client costs more per request than the server does. This one sends bytes that were made
before, and reads of an answer only its status and length.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, cast


class Outcome(NamedTuple):
    answers: int
    failures: int
    """Answers other than 200."""
    seconds: float
    latencies_ms: list[float]
    """Sorted. In a paced run counted from when the request was due, not from when it was sent, so
    that a stall is not hidden by the requests that it held back."""

    def percentile_ms(self, share: float) -> float:
        return self.latencies_ms[
            min(len(self.latencies_ms) - 1, int(len(self.latencies_ms) * share))
        ]


class _Connection(asyncio.Protocol):
    def __init__(self, load: "_Load") -> None:
        self.load = load
        self.due = 0.0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is not one by name
        self.load.idle(self)

    def send(self, request: bytes, due: float) -> None:
        self.due = due
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self.buffer:
            data = self.buffer + data
        head = data.find(b"\r\n\r\n")
        at = data.find(b"content-length:", 0, head)
        if head < 0 or len(data) < head + 4 + int(data[at + 15 : data.index(b"\r\n", at)]):
            self.buffer = data
            return
        self.buffer = b""
        failed = not data.startswith(b"HTTP/1.1 200") or self.load.bad in data
        self.load.answered(self.due, failed=failed)
        self.load.idle(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.load.lost()


class _Load:
    """Hands requests to idle connections: at once, or paced at `rate` a second."""

    def __init__(self, requests: Iterator[bytes], rate: float | None, bad: bytes) -> None:
        self.requests = requests
        self.interval = None if rate is None else 1 / rate
        self.bad = bad
        self.waiting: deque[_Connection] = deque()
        """In turn, so that none is idle until the server closes it."""
        self.latencies: list[float] = []
        self.failures = 0
        self.flying = 0
        self.exhausted = False
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()
        self.next_due = 0.0

    def idle(self, connection: _Connection) -> None:
        if self.interval is None:
            self._send(connection, time.perf_counter())
        else:
            self.waiting.append(connection)

    async def pace(self) -> None:
        assert self.interval is not None
        self.next_due = time.perf_counter()  # not while the connections were opened
        while not self.exhausted:
            now = time.perf_counter()
            while self.next_due <= now and self.waiting and not self.exhausted:
                self._send(self.waiting.popleft(), self.next_due)
                self.next_due += self.interval
            await asyncio.sleep(0 if self.next_due <= now else self.next_due - now)

    def _send(self, connection: _Connection, due: float) -> None:
        request = next(self.requests, None)
        if request is None:
            self.exhausted = True
            self._finish()
            return
        self.flying += 1
        connection.send(request, due)

    def answered(self, due: float, *, failed: bool) -> None:
        self.latencies.append((time.perf_counter() - due) * 1000)
        self.failures += failed
        self.flying -= 1
        self._finish()

    def _finish(self) -> None:
        if self.exhausted and self.flying == 0 and not self.done.done():
            self.done.set_result(None)

    def lost(self) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed a connection"))


async def run(
    host: str,
    port: int,
    requests: Iterator[bytes],
    connections: int,
    rate: float | None = None,
    bad: bytes = b"\x00",
) -> Outcome:
    """Send all `requests` over `connections`, `rate` a second or as fast as answers come.

    An answer that is not 200, or that contains `bad`, is a failure. Raises ConnectionError where
    the server closes a connection.
    """
    load = _Load(requests, rate, bad)
    started = time.perf_counter()
    opened = [
        (await load.loop.create_connection(lambda: _Connection(load), host, port))[0]
        for _ in range(connections)
    ]
    pacing = asyncio.create_task(load.pace()) if rate is not None else None
    await load.done
    took = time.perf_counter() - started
    if pacing is not None:
        await pacing
    for transport in opened:
        transport.close()
    return Outcome(len(load.latencies), load.failures, took, sorted(load.latencies))
