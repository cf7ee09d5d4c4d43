"""Answers: the envelope around every one of them, and how it is sent."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec import Struct
from starlette.types import Send

from coinport.gateway.errors import ApiError, Code, Language

Headers = Iterable[tuple[bytes, bytes]]

HEADERS: Final = [
    (b"content-type", b"application/json; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]
_encode = msgspec.json.Encoder().encode


class Failure(Struct):
    code: Code
    time: int
    """The server's, in ms."""
    message: str
    """What is wrong, in English, or in Chinese where `Accept-Language` asks for it."""
    data: Literal[""] | None = None
    """The specification has an empty text here for one endpoint."""


def success(answer: object, time: int) -> bytes:
    """`answer` in its envelope. A `msgspec.Raw` is JSON text already and goes in as it is."""
    return b'{"code":0,"time":%d,"data":%b}' % (time, _encode(answer))


def failure(
    error: ApiError, language: Language, time: int, data: Literal[""] | None = None
) -> bytes:
    return _encode(Failure(error.code, time, error.message(language), data))


class Answer(NamedTuple):
    status: int
    body: bytes
    """JSON text."""
    headers: Headers
    """Beside `HEADERS` and its length."""


async def send(send_message: Send, answer: Answer) -> None:
    status, body, headers = answer
    length = (b"content-length", b"%d" % len(body))
    start = {
        "type": "http.response.start",
        "status": status,
        "headers": [*HEADERS, length, *headers],
    }
    await send_message(start)
    await send_message({"type": "http.response.body", "body": body})
