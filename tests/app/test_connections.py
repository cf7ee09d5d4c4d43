"""Connections that are too slow, too many, too large or from the wrong place are closed."""

import asyncio
import json

import pytest

from coinport.app import connections
from tests.app.connecting import GET, Connect, answer, serving, until


def test_an_ordinary_request_is_answered() -> None:
    async def talk(connect: Connect) -> None:
        assert (await answer(await connect(), GET)).endswith(b"hello")

    serving(talk)


@pytest.mark.parametrize(
    ("request_", "end"),
    [
        (GET + GET, b"helloHTTP/1.1 200 OK\r\n"),
        (b"HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", b"\r\n\r\n"),
        (b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n", b"\r\n\r\nhello"),
        (b"GET / HTTP/1.0\r\n\r\n", b"\r\n\r\nhello"),
        (b"GET /in-parts HTTP/1.1\r\nconnection: close\r\n\r\n", b"\r\n0\r\n\r\n"),
    ],
    ids=["two at once", "HEAD", "the last one", "HTTP/1.0", "in parts"],
)
def test_answers_of_every_kind(request_: bytes, end: bytes) -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(request_)
        said = await reader.readuntil(end)
        assert said.startswith(b"HTTP/1.1 200 OK\r\n")
        writer.close()

    serving(talk)


def test_one_connection_too_many_is_closed() -> None:
    async def talk(connect: Connect) -> None:
        first, second = await connect(), await connect()
        assert await answer(second, GET) == b""
        assert (await answer(first, GET)).endswith(b"hello")

    serving(talk, connections_max=1)


def test_a_connection_from_elsewhere_is_closed() -> None:
    async def talk(connect: Connect) -> None:
        assert await answer(await connect(), GET) == b""

    serving(talk, welcome=lambda address: address != "127.0.0.1")


def test_headers_that_are_too_long_are_refused_behind_another_request_as_well() -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(GET + b"GET / HTTP/1.1\r\nx: " + b"x" * 20_000 + b"\r\n\r\n")
        assert b"HTTP/1.1 400 " in await reader.readuntil(b"The headers are too long.")
        writer.close()

    serving(talk)


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
def test_headers_that_are_too_long_are_refused(end: bytes) -> None:
    async def talk(connect: Connect) -> None:
        request = b"GET / HTTP/1.1\r\nx: " + b"x" * 20_000 + end
        said = await answer(await connect(), request)
        assert said.startswith(b"HTTP/1.1 400 ")
        assert json.loads(said.partition(b"\r\n\r\n")[2])["code"] == 1007

    serving(talk)


def test_a_long_body_in_one_piece_with_its_headers_is_no_long_header() -> None:
    async def talk(connect: Connect) -> None:
        body = b"x" * 40_000
        request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 40000\r\n\r\n" + body
        assert (await answer(await connect(), request)).endswith(b"hello")

    serving(talk)


def test_what_is_not_http_is_refused_in_the_envelope() -> None:
    async def talk(connect: Connect) -> None:
        said = await answer(await connect(), b"hello?\r\n\r\n")
        assert said.startswith(b"HTTP/1.1 400 ")
        assert json.loads(said.partition(b"\r\n\r\n")[2])["data"] is None

    serving(talk)


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET / HTTP/1.1\r\nhost:", b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nx"],
    ids=["nothing", "half of the headers", "half of the body"],
)
def test_a_request_that_never_ends_is_closed(
    beginning: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS_MAX", 0.1)
    monkeypatch.setattr(connections, "BODY_SECONDS_MAX", 0.1)
    monkeypatch.setattr(connections, "SWEEP_SECONDS", 0.01)

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(beginning)
        with pytest.raises(ConnectionError):
            assert await reader.read() == b""
            raise ConnectionResetError
        writer.close()

    serving(talk)


def test_a_connection_may_rest_between_two_requests() -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        in_a_minute = asyncio.get_running_loop().time() + 60
        writer.write(GET)
        await reader.readuntil(b"hello")
        (connection,) = connect.connections
        assert not connection.overdue(in_a_minute)
        writer.write(GET[:-1])
        await until(lambda: connection.overdue(in_a_minute))
        writer.close()

    serving(talk)


UNREAD = b"POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n"


def test_a_request_that_is_not_read_to_its_end_is_the_last_of_its_connection() -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(UNREAD + b"x" * 300_000)
        said = await reader.read()
        assert b"\r\nconnection: close\r\n" in said
        assert said.endswith(b"\r\n\r\nhello")
        writer.close()
        await until(lambda: not connect.connections)

    serving(talk)


def test_who_goes_on_sending_what_nobody_reads_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LINGER_SECONDS_MAX", 0.1)
    monkeypatch.setattr(connections, "SWEEP_SECONDS", 0.01)

    async def talk(connect: Connect) -> None:
        _, writer = await connect()
        writer.write(UNREAD)
        with pytest.raises(ConnectionError):
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
        assert not connect.connections

    serving(talk)
