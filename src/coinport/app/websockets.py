"""WebSocket connections: uvicorn's, on the same port, written to in whole frames.

A message goes straight from the parser to who answers it, as long as none before it waits:
uvicorn's way (a queue, a turn of the event loop, reading paused and resumed for each) costs more
than an order does. What is out of the ordinary still goes that way, and is held back there.

An upgrade takes the place of the HTTP connection it came by: it was welcome already, and counts as
one connection still.
"""

from collections.abc import Callable
from typing import Any, Final

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State

from coinport.app.connections import HEAD_SECONDS_MAX, WRITE_SECONDS_MAX
from coinport.engine.compiled import compiled
from coinport.gateway.streams.streams import SOCKET

_frames: Final[Callable[[bytes, int], tuple[list[Any], bytes]] | None] = (
    compiled.frames if compiled else None
)
"""It reads nothing that the parser of `websockets` would read otherwise
(tests/app/test_frame_texts.py)."""

PING_SECONDS: Final = 20
"""How often a client is asked whether it is still there."""
PONG_SECONDS_MAX: Final = 20
"""A client that does not answer within this is gone."""
FRAGMENTS_MAX: Final = 1_000
"""Of one message. More end the connection (1009): a fragment may be empty, and then no limit of
bytes is ever reached."""


class Socket(WebSocketsSansIOProtocol):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stuck_since: float | None = self.loop.time()
        """Since when it is slow to begin, or does not read; None: all is well."""
        self._limit_seconds = HEAD_SECONDS_MAX

        self._most = self.config.ws_max_size
        self._early = 0
        """How often something came before the connection was accepted."""
        self._left = b""
        """The beginning of a frame."""
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0

    @property
    def backlog(self) -> int:
        if self.transport.is_closing():
            return 0
        return self.transport.get_write_buffer_size() + self._unsent_bytes

    def write(self, frame: bytes) -> None:
        if self._unsent:  # what was said before goes out before
            frames, self._unsent, self._unsent_bytes = self._unsent, [], 0
            frame = b"".join((*frames, frame))
        # A client may be gone without a word; uvloop's transport would raise then.
        if (
            self.conn.state is State.OPEN
            and not self.close_sent
            and not self.transport.is_closing()
        ):
            self.transport.write(frame)

    def write_soon(self, frame: bytes) -> None:
        if not self._unsent:
            self.loop.call_soon(self._send)
        self._unsent.append(frame)
        self._unsent_bytes += len(frame)

    def _send(self) -> None:
        if self._unsent:
            self.write(b"")

    _at_once: Callable[[bytes], bool] | None = None
    _waited_for = False
    """By the application, for the next message."""

    def listen(self, at_once: Callable[[bytes], bool]) -> None:
        self._at_once = at_once

    def shutdown(self) -> None:
        self._send()
        super().shutdown()

    def keepalive_timeout(self) -> None:
        self._send()
        super().keepalive_timeout()

    def data_received(self, data: bytes) -> None:
        self._send()  # what comes may end the connection
        if not self.handshake_complete:
            self._early += 1  # the request itself, and what should not come behind it
        if _frames is None or self._early != 1 or self.conn.state is not State.OPEN:
            super().data_received(self._left + data if self._left else data)
            self._left = b""
            return
        frames, self._left = _frames(self._left + data if self._left else data, self._most)
        for frame in frames:
            if type(frame) is tuple:
                super().data_received(frame[0])
            elif self.conn.current_size is None:
                self._said(frame)
            elif not self.close_sent:
                self.conn.fail(CloseCode.PROTOCOL_ERROR, "expected a continuation frame")
                self.handle_parser_exception()

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) < FRAGMENTS_MAX:
            super().handle_cont(event)
        elif not self.close_sent:
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG, f"more than {FRAGMENTS_MAX} fragments")
            self.handle_parser_exception()

    def handle_text(self, event: Frame) -> None:
        text = event.data
        if event.fin and type(text) is bytes and text.isascii():
            self._said(text)
        else:  # whether it is UTF-8 is looked at there
            super().handle_text(event)

    def _said(self, text: bytes) -> None:
        """A whole message, in ASCII."""
        if not (
            self._waited_for
            and self._at_once
            and self.queue.empty()
            and not self.close_sent
            and self._at_once(text)
        ):
            super().handle_text(Frame(Opcode.TEXT, text))

    async def receive(self) -> ASGIReceiveEvent:
        self._waited_for = True
        try:
            return await super().receive()
        finally:
            self._waited_for = False
            if not self.writable.is_set():
                self.transport.pause_reading()

    async def drained(self) -> None:
        await self.writable.wait()

    def overdue(self, now: float) -> bool:
        return self._stuck_since is not None and now - self._stuck_since > self._limit_seconds

    def pause_writing(self) -> None:
        """What is answered without being asked, a ping, would pile up: nothing is read either."""
        self.transport.pause_reading()
        self._stuck_since, self._limit_seconds = self.loop.time(), WRITE_SECONDS_MAX
        super().pause_writing()

    def resume_writing(self) -> None:
        self._stuck_since = None
        super().resume_writing()
        if not self.read_paused:
            self.transport.resume_reading()

    def start_keepalive(self) -> None:
        """It is accepted."""
        self._stuck_since = None
        super().start_keepalive()

    async def run_asgi(self) -> None:
        self.scope[SOCKET] = self  # type: ignore[typeddict-unknown-key]
        await super().run_asgi()
