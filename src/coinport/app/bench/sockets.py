"""A lean WebSocket load client: whole frames on asyncio protocols.

A general client costs more per frame than the server does. This one sends frames that were made
before, masked by zeros, and hands on the text of what comes.
"""

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import Final, cast

Heard = Callable[[bytes], None]
"""Of the text of a frame."""

_TEXT, _CLOSE, _PING = 0x81, 0x88, 0x89
_NO_MASK: Final = bytes(4)
_UPGRADE: Final = (
    b"GET /api/v2/ws HTTP/1.1\r\nhost: %b\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: %b\r\n\r\n"
)


def text_frame(text: bytes) -> bytes:
    """As a client sends it."""
    return _frame(_TEXT, text)


def _frame(kind: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((kind, 0x80 | size)) + _NO_MASK + payload
    return struct.pack("!BBH", kind, 0x80 | 126, size) + _NO_MASK + payload


class Socket(asyncio.Protocol):
    def __init__(self, host: str, heard: Heard) -> None:
        self.heard = heard
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._host = host
        self._data = b""
        self._out: list[bytes] | None = None
        """What is said while something is heard goes out together."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        key = base64.b64encode(os.urandom(16))
        self.transport.write(_UPGRADE % (self._host.encode(), key))

    def send(self, frame: bytes) -> None:
        if self._out is None:
            self.transport.write(frame)
        else:
            self._out.append(frame)

    def data_received(self, data: bytes) -> None:
        data = self._data + data if self._data else data
        if not self.opened.done():
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._data = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(ConnectionError(head.decode()))
                return
            self.opened.set_result(None)
        self._out = []
        self._data = self._heard(data)
        if self._out:
            self.transport.write(b"".join(self._out))
        self._out = None

    def _heard(self, data: bytes) -> bytes:
        """What is left of it: the beginning of a frame."""
        at = 0
        while len(data) - at >= 2:
            kind, size = data[at], data[at + 1]
            begin = at + (2 if size < 126 else 4 if size == 126 else 10)
            if len(data) < begin:
                break
            if size >= 126:
                size = int.from_bytes(data[at + 2 : begin], "big")
            if len(data) < begin + size:
                break
            at = begin + size
            self._frame(kind, data[begin:at])
        return data[at:]

    def _frame(self, kind: int, payload: bytes) -> None:
        if kind == _TEXT:
            self.heard(payload)
        elif kind == _PING:
            self.transport.write(_frame(0x8A, payload))
        elif kind == _CLOSE:
            self.transport.close()


async def connect(host: str, port: int, heard: Heard) -> Socket:
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: Socket(host, heard), host, port)
    await socket.opened
    return socket


async def asked(socket: Socket, request: bytes) -> bytes:
    """The first frame that comes after `request`."""
    answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def heard(text: bytes) -> None:
        if not answer.done():
            answer.set_result(text)

    before, socket.heard = socket.heard, heard
    socket.send(text_frame(request))
    text = await answer
    socket.heard = before
    return text
