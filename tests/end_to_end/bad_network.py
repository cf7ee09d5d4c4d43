"""A proxy between an exchange and its node which loses, delays or garbles what they say."""

import random
import threading
import time
from collections import Counter
from enum import IntEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import httpx

FAULTY = 0.3
"""Share of the requests that the fault of the day befalls."""
DELAY_SECONDS_MAX = 0.3


class Fault(IntEnum):
    LOST = 1
    """The request, or the answer."""
    LATE = 2
    """The answer, or the request: that arrives when nobody waits for its answer any more."""
    GARBLED = 3
    """Half an answer, one that is none, or that to another question."""


class BadNetwork:
    """For the time of a block. `fault` may change at any time; None: all is well."""

    def __init__(self, node_port: int, seed: int) -> None:
        self.fault: Fault | None = None
        self.befallen: Counter[Fault] = Counter()
        """Requests, by fault."""
        self._dice = random.Random(seed)
        self._node = httpx.Client(base_url=f"http://127.0.0.1:{node_port}", trust_env=False)
        self._answer_before = b""
        self._late: list[threading.Timer] = []
        network = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                network._relay(self)

            def log_message(self, *said: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,)).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        for timer in self._late:
            timer.join()
        self._server.server_close()
        self._node.close()

    def _relay(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers["content-length"]))
        headers = {
            name: asked.headers[name]
            for name in ("authorization", "content-type")
            if name in asked.headers
        }
        request = self._node.build_request("POST", asked.path, content=body, headers=headers)
        fault = self.fault if self._dice.random() < FAULTY else None
        if fault is not None:
            self.befallen[fault] += 1
        first, delay_seconds = self._dice.random() < 0.5, self._dice.random() * DELAY_SECONDS_MAX
        if fault is not None and fault is not Fault.GARBLED and first:
            if fault is Fault.LATE:
                self._send_later(request, delay_seconds)
            asked.close_connection = True
            return
        response = self._node.send(request)
        if fault is Fault.LATE:
            time.sleep(delay_seconds)
        if fault is Fault.LOST:
            asked.close_connection = True
            return
        content = response.content
        if fault is Fault.GARBLED:
            content = self._garbled(content)
        self._answer_before = response.content
        asked.send_response(response.status_code)
        asked.send_header("content-length", str(len(content)))
        asked.end_headers()
        asked.wfile.write(content)

    def _send_later(self, request: httpx.Request, seconds: float) -> None:
        timer = threading.Timer(seconds, self._node.send, [request])
        timer.start()
        self._late.append(timer)

    def _garbled(self, content: bytes) -> bytes:
        half = content[: len(content) // 2]
        return self._dice.choice((half, b"<html>busy</html>", b"", b"null", self._answer_before))
