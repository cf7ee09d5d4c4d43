"""Frames: what goes out over the socket, made once however many it goes to.

A server's frames are not masked, so the very bytes on the wire are the same for everybody.
"""

import struct
from collections.abc import Callable
from typing import Annotated, Final, Literal, Protocol

import msgspec
from msgspec import Struct

from coinport.gateway.errors import ApiError, Code, Language
from coinport.gateway.routes import about

_FINAL_TEXT: Final = 0x81
"""A whole message, of text."""
_encode = msgspec.json.Encoder().encode

Id = int | str | None
"""A request's, by which its answer is known; null where the request has none."""


class Refusal(Struct):
    id: Id
    code: Code
    message: str
    data: None = None


class Resync(Struct, tag_field="type", tag="resync"):
    """The client fell behind and is dropped from the channel: it may subscribe again."""

    channel: str


class Ended(Struct, tag_field="type", tag="ended"):
    """Of a private channel: the session, the token or the account is no longer good."""

    channel: str
    code: Code
    message: str


class Closing(Struct, tag_field="type", tag="closing"):
    """The exchange stops: the connection ends now, and one made in some seconds will do."""

    message: Literal["the exchange restarts: connect again in a few seconds"] = (
        "the exchange restarts: connect again in a few seconds"
    )


class Joined(Struct):
    channels: Annotated[
        list[str], about("By their full names, as frames have them.", "频道全名，与推送中一致。")
    ]


class Socket(Protocol):
    """A connection that whole frames are written to; `app` has it."""

    @property
    def backlog(self) -> int:
        """Bytes that were written and did not go out yet."""

    def write(self, frame: bytes) -> None:
        """Nothing, where the connection is ending."""

    def write_soon(self, frame: bytes) -> None:
        """Together with others, behind what is written before the event loop's next turn."""

    def listen(self, at_once: Callable[[bytes], bool]) -> None:
        """From now on, a message that comes while none before it waits goes to `at_once`, and is
        received only if that returns False. ASCII text alone: other text is checked first."""

    async def drained(self) -> None:
        """Until little is left of the backlog, or the connection ends."""


def text_frame(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((_FINAL_TEXT, size)) + payload
    if size < 65_536:
        return struct.pack("!BBH", _FINAL_TEXT, 126, size) + payload
    return struct.pack("!BBQ", _FINAL_TEXT, 127, size) + payload


def data_frame(channel: str, kind: Literal["snapshot", "update"], data: bytes) -> bytes:
    """`channel` is plain ASCII; `data` is JSON text."""
    return text_frame(
        b'{"channel":"%b","type":"%b","data":%b}' % (channel.encode(), kind.encode(), data)
    )


def notice_frame(notice: Resync | Ended | Closing) -> bytes:
    return text_frame(_encode(notice))


def answer_frame(id: Id, data: object) -> bytes:
    """A `msgspec.Raw` is JSON text already and goes in as it is."""
    return text_frame(b'{"id":%b,"code":0,"data":%b}' % (_encode(id), _encode(data)))


def failure_frame(id: Id, error: ApiError, language: Language) -> bytes:
    return text_frame(_encode(Refusal(id, error.code, error.message(language))))
