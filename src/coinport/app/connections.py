"""Connections: uvicorn's, with bounds on how slow and how large a request may be, and with cheaper
answers.

Nothing is timed per request: a sweep now and then closes the connections that are too slow.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec
from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from coinport.app.whole_requests import WholeRequests
from coinport.gateway.errors import Code

HEAD_BYTES_MAX: Final = 16_384
"""Request line and headers; what stands behind the last chunk of a body."""
PIPELINED_MAX: Final = 100
"""Requests that wait behind another of their connection, each with its headers and its body. One
more is refused, once those before it are answered."""
HEAD_SECONDS_MAX: Final = 10
"""From the connection, or the first byte of a request, to the end of its headers."""
BODY_SECONDS_MAX: Final = 30
"""From the first byte of a request to its last."""
WRITE_SECONDS_MAX: Final = 30
"""For a client that does not read its answer."""
LINGER_SECONDS_MAX: Final = 2
"""Between the answer to a request that is not read to its end and the end of the connection."""
KEEP_ALIVE_SECONDS: Final = 75
SWEEP_SECONDS: Final = 1.0

CLOSE: Final = (b"connection", b"close")
TOO_LONG: Final = "The headers are too long."


class _Refused(Exception):
    """Raised while the parser reads; what it says is said to the client."""


class Connection(WholeRequests):
    def __init__(
        self, *args: Any, connections_max: int, welcome: Callable[[str], bool], **kwargs: Any
    ) -> None:
        """One connection more than `connections_max`, or one from an address that is not
        `welcome`, is closed at once."""
        super().__init__(*args, **kwargs)
        self._connections_max = connections_max
        self._welcome = welcome
        self._limit(HEAD_SECONDS_MAX)
        self._stuck_since: float | None = None
        """Since when the client does not read its answers."""
        self._in_head = False
        """Or in what may be as long, behind the beginning of a chunk."""
        self._in_body = False
        """Behind the headers of a request."""
        self._head_bytes = 0
        """Received since the last request was complete, or since the beginning of a chunk."""
        self._chunk_bytes = 0
        """Received last."""
        self._lingering = False
        self._running: RequestResponseCycle | None = None
        """Of the request that uvicorn was given last to answer."""
        self.refusal: str | None = None
        """What is wrong with the last request that is read here, once those before it are
        answered."""

    def _limit(self, seconds: float | None) -> None:
        """How long what is going on now may take; None: as long as it likes."""
        self._limit_seconds = seconds
        self._since = self.loop.time()

    def overdue(self, now: float) -> bool:
        if self._stuck_since is not None and now - self._stuck_since > WRITE_SECONDS_MAX:
            return True
        return self._limit_seconds is not None and now - self._since > self._limit_seconds

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if len(self.connections) > self._connections_max or not self._welcome(address):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._running and self._running is not self.cycle:  # uvicorn tells only the last one
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def linger(self) -> None:
        """End the connection when the client does, or soon. Closed at once, with something unread,
        it would be reset, and the answer could be lost on its way."""
        self._lingering = True
        self._limit(LINGER_SECONDS_MAX)
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def busy(self) -> None:
        self._limit_seconds = None

    def idle(self) -> None:
        if self.refusal is not None:
            self._refuse(self.refusal)
        elif self._limit_seconds is None:  # nothing of another request has come
            self._limit(KEEP_ALIVE_SECONDS)

    def data_received(self, data: bytes) -> None:
        if self._lingering or self.refusal is not None or self.whole(data):
            return
        self.parse(data)

    def parse(self, data: bytes) -> None:
        self._head_bytes += len(data)
        self._chunk_bytes = len(data)
        self._at_once = 0
        self._unset_keepalive_if_required()
        self._parse(data)
        if self._in_head and self._head_bytes > HEAD_BYTES_MAX:
            self.send_400_response(TOO_LONG)

    def _parse(self, data: bytes) -> None:
        try:
            while data:
                data = self._unread(data)
        except HttpParserError as error:
            why = error.__context__
            said = str(why) if isinstance(why, _Refused) else "Invalid HTTP request received."
            self.send_400_response(said)

    def _unread(self, data: bytes) -> bytes:
        """What is left of `data` when the parser has stopped reading."""
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            if not self._should_upgrade():  # to something else: ignored, as it may be
                return data[upgrade.args[0] :]
            self.handle_websocket_upgrade()
        return b""

    def handle_websocket_upgrade(self) -> None:
        if self._is_free():
            super().handle_websocket_upgrade()
        else:  # an answer must not come between the frames
            self.send_400_response("Another request still waits for its answer.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._limit(HEAD_SECONDS_MAX)

    def on_header(self, name: bytes, value: bytes) -> None:
        """What stands behind a body is no header: a proxy may not have looked at it."""
        if not self._in_body:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        # What has come may be more than the head; it is measured only where that matters.
        # It may stand behind another request in the same chunk.
        most = max(self._head_bytes, self._chunk_bytes)
        if most > HEAD_BYTES_MAX and self._head_size() > HEAD_BYTES_MAX:
            raise _Refused(TOO_LONG)
        if len(self.pipeline) >= PIPELINED_MAX:
            raise _Refused(f"More than {PIPELINED_MAX} requests wait behind another.")
        self._in_head = False
        self._limit_seconds = BODY_SECONDS_MAX
        super().on_headers_complete()
        self._in_body = True

    def on_chunk_header(self) -> None:
        """Of the last chunk too: what follows is a chunk, or what the parser collects."""
        self._in_head = True
        self._head_bytes = 0

    def on_body(self, body: bytes) -> None:
        self._in_head = False
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head = self._in_body = False
        self._limit_seconds = None
        self._head_bytes = 0
        super().on_message_complete()
        if self._all_answered():
            self.idle()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, partial(_answer_whole, app, self, cycle))

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def pause_writing(self) -> None:
        self._stuck_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._stuck_since = None
        if self._limit_seconds == KEEP_ALIVE_SECONDS:
            self._limit(KEEP_ALIVE_SECONDS)  # a rest begins when the answer is on its way
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Not HTTP, so nothing of the API has seen it: answered here, in the same envelope, but
        never in place of another answer."""
        if self.refusal is not None or self._lingering or self.transport.is_closing():
            return
        begun = self._in_body and not self._collecting  # known to the application already
        if begun and self.pipeline:
            self.pipeline.popleft()
        elif begun and self.cycle.response_started:
            self.transport.close()
            return
        elif begun or self._all_answered():
            if begun:  # nobody hears of it any more
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            self._refuse(msg)
            return
        self.refusal = msg
        self._limit_seconds = None

    def _refuse(self, msg: str) -> None:
        failure = {"code": Code.BAD_PARAMETER, "time": 0, "message": msg, "data": None}
        body = msgspec.json.encode(failure)
        head = (
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        )
        if not self.transport.is_closing():
            self.transport.write(head + body)
            self.linger()


async def _answer_whole(
    app: Any,
    connection: Connection,
    cycle: RequestResponseCycle,
    scope: Any,
    receive: Any,
    send: Any,
) -> None:
    """`app`, with an answer that it gives as a whole written as a whole: uvicorn writes head and
    body apart, and searches each header for what does not belong there."""
    head: Any = None

    async def send_whole(message: Any) -> None:
        nonlocal head
        if message["type"] == "http.response.start":
            head = message
            return
        if head is not None:
            start, head = head, None
            if not message.get("more_body") and _written_whole(
                connection, cycle, start, message.get("body", b"")
            ):
                return
            await send(start)
        await send(message)

    await app(scope, receive, send_whole)


def _written_whole(
    connection: Connection, cycle: RequestResponseCycle, start: Any, body: bytes
) -> bool:
    """False, and nothing is done, where the answer or the connection is out of the ordinary."""
    headers = start["headers"]
    if (
        cycle.disconnected
        or cycle.flow.write_paused
        or not cycle.keep_alive
        or cycle.scope["method"] == "HEAD"
        or (b"content-length", b"%d" % len(body)) not in headers
    ):
        return False
    ends = CLOSE in headers
    if cycle.more_body and not ends:  # nobody will read what is still to come
        ends, headers = True, [*headers, CLOSE]
    lines = [STATUS_LINE[start["status"]]]
    lines += [b"%b: %b\r\n" % header for header in cycle.default_headers]
    lines += [b"%b: %b\r\n" % header for header in headers]
    head = b"".join(lines)
    assert head.count(b"\n") == len(lines), "a header must not hold the end of a line"
    cycle.transport.write(b"%b\r\n%b" % (head, body))
    cycle.response_started = cycle.response_complete = True
    cycle.message_event.set()
    if ends:
        connection.linger()
    else:
        cycle.on_response()
    return True


async def sweep(connections: set[Any]) -> None:
    """For ever: close the `Connection`s that are too slow."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        now = loop.time()
        for connection in [each for each in connections if each.overdue(now)]:
            connection.transport.abort()
