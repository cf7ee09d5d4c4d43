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
from websockets.frames import CloseCode, Frame
from websockets.protocol import State

from coinport.app.connections import HEAD_SECONDS_MAX, WRITE_SECONDS_MAX
from coinport.gateway.streams.streams import SOCKET

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

    @property
    def backlog(self) -> int:
        return self.transport.get_write_buffer_size()

    def write(self, frame: bytes) -> None:
        if self.conn.state is State.OPEN and not self.close_sent:
            self.transport.write(frame)

    _at_once: Callable[[bytes], bool] | None = None
    _waited_for = False
    """By the application, for the next message."""

    def listen(self, at_once: Callable[[bytes], bool]) -> None:
        self._at_once = at_once

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) < FRAGMENTS_MAX:
            super().handle_cont(event)
        elif not self.close_sent:
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG, f"more than {FRAGMENTS_MAX} fragments")
            self.handle_parser_exception()

    def handle_text(self, event: Frame) -> None:
        text = event.data
        if not (
            self._waited_for
            and self._at_once
            and event.fin
            and self.queue.empty()
            and not self.close_sent
            and type(text) is bytes
            and text.isascii()  # whether other text is UTF-8 is looked at there
            and self._at_once(text)
        ):
            super().handle_text(event)

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
