"""A request that is whole is answered without the application; what is out of the ordinary is left
to it, and every answer stands where it belongs."""

import pytest

from coinport.app import connections
from coinport.gateway.answers import Answer
from coinport.gateway.requests import Request
from coinport.gateway.serving import Respond
from tests.app.connecting import GET, POST, Connect, answer, echo, keeping, serving, until


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

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(POST + GET + POST)
        await until(lambda: len(waiting) == 1)
        waiting[0](Answer(200, b"first", []))
        said = await reader.readuntil(b"hello")
        assert said.index(b"first") < said.index(b"hello")
        writer.close()

    serving(talk, at_once=keeping(waiting))


def test_a_request_that_comes_while_another_waits_is_answered_after_it() -> None:
    waiting: list[Respond] = []

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

    serving(talk, at_once=keeping(waiting))


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

    async def talk(connect: Connect) -> None:
        _, writer = await connect()
        writer.write(POST)
        await until(lambda: len(waiting) == 1)
        writer.close()
        await until(lambda: not connect.connections)
        waiting[0](Answer(200, b"nobody hears this", []))

    serving(talk, at_once=keeping(waiting))


def test_a_request_that_waits_when_the_server_stops_is_answered() -> None:
    waiting: list[Respond] = []

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

    serving(talk, at_once=keeping(waiting))
