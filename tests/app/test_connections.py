"""Connections that are too slow, too many, too large or from the wrong place are closed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
import uvicorn

from coinport.app import connections
from coinport.app.connections import Connection, sweep
from coinport.app.whole_requests import AtOnce, Short
from coinport.gateway.addresses import ClientAddresses
from coinport.gateway.answers import Answer
from coinport.gateway.requests import Request
from coinport.gateway.serving import Respond

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


class Connect:
    def __init__(self, server: uvicorn.Server) -> None:
        self._port = server.servers[0].sockets[0].getsockname()[1]
        self.connections: Any = server.server_state.connections

    async def __call__(self) -> Streams:
        return await asyncio.open_connection("127.0.0.1", self._port)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """Answers when the whole body has come, or without looking at it."""
    while scope["path"] != "/unread" and (await receive()).get("more_body"):
        pass
    in_parts = scope["path"] == "/in-parts"
    headers = [] if in_parts else [(b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if in_parts:
        await send({"type": "http.response.body", "body": b"hel", "more_body": True})
        await send({"type": "http.response.body", "body": b"lo", "more_body": True})
    await send({"type": "http.response.body", "body": b"" if in_parts else b"hello"})


def serving(
    talk: Callable[[Connect], Awaitable[None]],
    connections_max: int = 10,
    welcome: Callable[[str], bool] = lambda _: True,
    at_once: AtOnce = lambda _request, _respond: False,
    app: Any = hello,
) -> None:
    async def run() -> None:
        kind: Any = partial(
            Connection,
            connections_max=connections_max,
            welcome=welcome,
            short=Short(at_once, ClientAddresses(), 65_536),
        )
        config = uvicorn.Config(
            app, http=kind, ws="websockets-sansio", lifespan="off", log_config=None, port=0
        )
        server = uvicorn.Server(config)
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        sweeping = asyncio.create_task(sweep(server.server_state.connections))
        try:
            await talk(Connect(server))
        finally:
            sweeping.cancel()
            await server.shutdown()

    asyncio.run(run())


async def answer(streams: Streams, request: bytes) -> bytes:
    """All that comes; b"" where the connection was closed without a word."""
    reader, writer = streams
    try:
        writer.write(request)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
        return head + await reader.readexactly(size)
    except (ConnectionError, asyncio.IncompleteReadError):
        return b""
    finally:
        writer.close()


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


def echo(request: Request, respond: Respond) -> bool:
    """Answers at once whatever is not meant for the application."""
    if request.path == b"/":
        return False
    said = b"|".join((request.method.encode(), request.path, request.query, request.body))
    respond(Answer(200, said, [(b"x-more", b"yes")]))
    return True


POST = b"POST /at-once?a=b HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody"


def test_a_whole_request_is_answered_at_once() -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        for _ in range(2):
            writer.write(POST)
            said = await reader.readuntil(b"\r\n\r\nPOST|/at-once|a=b|body")
            assert said.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b"\r\nx-more: yes\r\n" in said
        assert (await answer((reader, writer), GET)).endswith(b"hello")

    serving(talk, at_once=echo)


def test_a_request_in_many_pieces_is_whole_in_the_end() -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        for byte in POST:
            writer.write(bytes([byte]))
            await writer.drain()
        assert (await reader.readuntil(b"body")).startswith(b"HTTP/1.1 200 OK\r\n")
        writer.close()

    serving(talk, at_once=echo)


def test_requests_one_behind_the_other_are_answered_in_their_order() -> None:
    waiting: list[Respond] = []

    def later(request: Request, respond: Respond) -> bool:
        if request.path == b"/":
            return False
        waiting.append(respond)
        return True

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(POST + GET + POST)
        await until(lambda: len(waiting) == 1)
        waiting[0](Answer(200, b"first", []))
        said = await reader.readuntil(b"hello")
        assert said.index(b"first") < said.index(b"hello")
        writer.close()

    serving(talk, at_once=later)


def test_a_request_that_comes_while_another_waits_is_answered_after_it() -> None:
    waiting: list[Respond] = []

    def later(request: Request, respond: Respond) -> bool:
        waiting.append(respond)
        return True

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(POST)
        await until(lambda: len(waiting) == 1)
        (connection,) = connect.connections
        writer.write(GET)
        await until(lambda: bool(connection.pipeline))
        waiting[0](Answer(200, b"first", []))
        said = await reader.readuntil(b"hello")
        assert said.index(b"first") < said.index(b"hello")
        writer.write(POST)
        await until(lambda: len(waiting) == 2)
        waiting[1](Answer(200, b"third", []))
        assert (await reader.readuntil(b"third")).startswith(b"HTTP/1.1 200 OK\r\n")
        writer.close()

    serving(talk, at_once=later)


def test_who_declines_a_request_is_not_asked_about_it_again() -> None:
    asked: list[bytes] = []

    def decline(request: Request, respond: Respond) -> bool:
        asked.append(request.path)
        return False

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        for _ in range(2):
            writer.write(POST)
            await reader.readuntil(b"hello")
        assert asked == [b"/at-once"] * 2
        writer.close()

    serving(talk, at_once=decline)


def test_a_connection_that_rests_for_too_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "KEEP_ALIVE_SECONDS", 0.05)
    monkeypatch.setattr(connections, "SWEEP_SECONDS", 0.01)

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(POST)
        await reader.readuntil(b"body")
        assert await reader.read() == b""
        writer.close()

    serving(talk, at_once=echo)


@pytest.mark.parametrize(
    "request_",
    [
        POST.replace(b"HTTP/1.1", b"HTTP/1.0"),
        POST.replace(b"host: x", b"connection: close"),
        POST.replace(b"host: x", b"expect: 100-continue"),
        b"PUT" + POST[4:],
        POST.replace(b"content-length: 4\r\n\r\nbody", b"content-length: 70000\r\n\r\n")
        + b"x" * 70_000,
    ],
    ids=["HTTP/1.0", "the last one", "one that asks before", "another method", "a long one"],
)
def test_what_is_out_of_the_ordinary_goes_to_the_application(request_: bytes) -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(request_)
        assert b"HTTP/1.1 200 OK\r\n" in await reader.readuntil(b"hello")
        writer.close()

    serving(talk, at_once=echo)


def test_an_answer_to_who_is_gone_is_dropped() -> None:
    waiting: list[Respond] = []

    def later(request: Request, respond: Respond) -> bool:
        waiting.append(respond)
        return True

    async def talk(connect: Connect) -> None:
        _, writer = await connect()
        writer.write(POST)
        await until(lambda: len(waiting) == 1)
        writer.close()
        await until(lambda: not connect.connections)
        waiting[0](Answer(200, b"nobody hears this", []))

    serving(talk, at_once=later)


def test_a_request_that_waits_when_the_server_stops_is_answered() -> None:
    waiting: list[Respond] = []

    def later(request: Request, respond: Respond) -> bool:
        waiting.append(respond)
        return True

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(POST)
        await until(lambda: len(waiting) == 1)
        (connection,) = connect.connections
        connection.shutdown()
        waiting[0](Answer(200, b"in time", []))
        said = await reader.read()
        assert b"\r\nconnection: close\r\n" in said
        assert said.endswith(b"in time")
        writer.close()

    serving(talk, at_once=later)
