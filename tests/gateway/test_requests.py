"""Requests read within bounds, and the language of an answer."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from coinport.gateway.addresses import ClientAddresses
from coinport.gateway.errors import ApiError, Code, Language
from coinport.gateway.requests import Request, language_of, read_request

MOST = 100


class Wire:
    """The messages of a request, and how many of them were taken."""

    def __init__(self, messages: Iterable[dict[str, Any]]) -> None:
        self.messages = list(messages)
        self.taken = 0

    async def receive(self) -> dict[str, Any]:
        self.taken += 1
        return self.messages[self.taken - 1]


def read(wire: Wire, method: str = "POST", headers: Iterable[tuple[bytes, bytes]] = ()) -> Request:
    scope = {
        "type": "http",
        "method": method,
        "path": "/api/v2/time",
        "query_string": b"",
        "headers": list(headers),
        "client": ("192.0.2.1", 5000),
        "scheme": "https",
    }
    return asyncio.run(read_request(scope, wire.receive, ClientAddresses(), MOST))


def chunks(*bodies: bytes) -> list[dict[str, Any]]:
    last = len(bodies) - 1
    return [
        {"type": "http.request", "body": body, "more_body": at < last}
        for at, body in enumerate(bodies)
    ]


def test_a_body_is_put_together() -> None:
    assert read(Wire(chunks(b"abc"))).body == b"abc"
    assert read(Wire(chunks(b"a", b"", b"bc"))).body == b"abc"
    assert read(Wire(chunks(b"x" * MOST))).body == b"x" * MOST


def test_a_get_has_no_body() -> None:
    wire = Wire(chunks(b"abc"))
    assert read(wire, "GET").body == b""
    assert wire.taken == 0


@pytest.mark.parametrize("length", [b"101", b"9" * 30, b"-1", b"abc", b""])
def test_a_body_that_says_it_is_too_long_is_not_read(length: bytes) -> None:
    wire = Wire(chunks(b"abc"))
    with pytest.raises(ApiError) as caught:
        read(wire, headers=[(b"content-length", length)])
    assert (caught.value.code, caught.value.status) == (Code.BAD_PARAMETER, 413)
    assert wire.taken == 0


@pytest.mark.parametrize("length", [None, b"3"])
def test_a_body_that_lies_about_its_length_is_counted(length: bytes | None) -> None:
    wire = Wire(chunks(*[b"x" * 30] * 1000))
    with pytest.raises(ApiError) as caught:
        read(wire, headers=[(b"content-length", length)] if length else [])
    assert caught.value.status == 413
    assert wire.taken == 4


def test_a_client_that_leaves_is_no_error() -> None:
    for messages in (
        [{"type": "http.disconnect"}],
        [*chunks(b"a", b"")[:1], {"type": "http.disconnect"}],
    ):
        with pytest.raises(ClientDisconnect):
            read(Wire(messages))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("ZH-TW", "zh"),
        ("en,zh", "en"),
        ("en;q=0.5,zh;q=0.6", "zh"),
        ("zh;q=0.1,en;q=0.2", "en"),
        ("fr,zh;q=0.1", "zh"),
        ("fr", "en"),
        ("zh;q=0", "en"),
        ("zh;q=nan", "en"),
        ("zh;q=x,;;,=", "en"),
        ("*", "en"),
        ("a," * 1000 + "zh", "en"),
    ],
)
def test_chinese_is_spoken_to_those_who_like_it_better(header: str, language: str) -> None:
    assert language_of({b"accept-language": header.encode()}) == Language(language)
