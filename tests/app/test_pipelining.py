"""Requests one behind the other: whatever comes behind a request, its answer is its own; what waits
is bounded; and no byte behind a request extends a limit."""

import asyncio
from typing import Any

import pytest

from coinport.app import connections
from coinport.app.whole_requests import AT_ONCE_MAX
from coinport.gateway.answers import Answer
from coinport.gateway.requests import Request
from coinport.gateway.serving import Respond
from tests.app.connecting import GET, POST, Connect, answer, echo, keeping, serving, until

UPGRADE = (
    b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
TOO_LONG = b"GET / HTTP/1.1\r\nx: " + b"x" * 20_000


@pytest.mark.parametrize("pieces", [1, 2], ids=["in one piece", "later"])
@pytest.mark.parametrize(
    "behind",
    [
        b"hello?\r\n\r\n",
        TOO_LONG * 50,
        TOO_LONG + b"\r\n\r\n",
        CHUNKED + b"nonsense\r\n",
        GET + b"hello?\r\n\r\n",
        UPGRADE,
    ],
    ids=["no HTTP", "half a head", "a long head", "a broken body", "the third", "an upgrade"],
)
def test_what_cannot_be_read_is_refused_after_the_answers_to_what_came_before(
    behind: bytes, pieces: int
) -> None:
    waiting: list[Respond] = []

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        for piece in [POST + behind] if pieces == 1 else [POST, behind]:
            writer.write(piece)
            await until(lambda: len(waiting) == 1)
        (connection,) = connect.connections
        await until(lambda: connection.refusal is not None)
        waiting[0](Answer(200, b"first", []))
        said = await reader.read()
        assert said.startswith(b"HTTP/1.1 200 OK\r\n")
        assert said.index(b"first") < said.index(b"HTTP/1.1 400 ")
        assert said.count(b"HTTP/1.1 ") == (3 if behind.startswith(GET + b"hello") else 2)
        writer.close()

    serving(talk, at_once=keeping(waiting))


def test_a_body_that_breaks_after_its_request_was_answered_ends_the_connection() -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(CHUNKED.replace(b"/ ", b"/unread ").replace(b"POST", b"HEAD"))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"nonsense\r\n")
        assert await reader.read() == b""
        writer.close()

    serving(talk)


def test_so_many_requests_may_wait_and_one_more_is_refused_once_they_are_answered() -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(GET * 5000)
        said = await reader.read()
        answers = said.split(b"HTTP/1.1 ")[1:]
        assert len(answers) == 1 + connections.PIPELINED_MAX + 1
        assert all(each.endswith(b"hello") for each in answers[:-1])
        assert answers[-1].startswith(b"400 ")
        assert b"More than 100 requests wait" in answers[-1]
        writer.close()

    serving(talk)


def test_of_many_requests_at_once_only_a_few_are_answered_before_others_have_their_turn() -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(b"GET /at-once HTTP/1.1\r\nhost: x\r\n\r\n" * (AT_ONCE_MAX + 3))
        said = [await reader.readuntil(b"GET|/at-once||") for _ in range(AT_ONCE_MAX)]
        said += [await reader.readuntil(b"hello") for _ in range(3)]
        assert all(each.startswith(b"HTTP/1.1 200 OK\r\n") for each in said)
        writer.close()

    serving(talk, at_once=echo)


def test_empty_lines_do_not_prolong_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "KEEP_ALIVE_SECONDS", 0.1)
    monkeypatch.setattr(connections, "SWEEP_SECONDS", 0.01)

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(GET)
        await reader.readuntil(b"hello")
        writer.write(b"\r\n")
        with pytest.raises(ConnectionError):
            assert await reader.read() == b""
            raise ConnectionResetError
        writer.close()

    serving(talk)


LARGE = b"x" * 10_000_000


def test_who_reads_nothing_and_asks_for_more_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WRITE_SECONDS_MAX", 0.1)
    monkeypatch.setattr(connections, "SWEEP_SECONDS", 0.01)

    def large(request: Request, respond: Respond) -> bool:
        respond(Answer(200, LARGE, []))
        return True

    async def talk(connect: Connect) -> None:
        _, writer = await connect()
        writer.write(POST + POST)
        await until(lambda: bool(connect.connections))
        await until(lambda: not connect.connections)
        writer.close()

    serving(talk, at_once=large)


async def tell_headers(scope: Any, receive: Any, send: Any) -> None:
    text = repr(scope["headers"]).encode()
    headers = [(b"content-length", b"%d" % len(text))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def test_what_stands_behind_a_body_is_no_header() -> None:
    async def talk(connect: Connect) -> None:
        request = CHUNKED + b"2\r\n{}\r\n0\r\nx-forwarded-for: 192.0.2.1\r\n\r\n"
        assert b"forwarded" not in await answer(await connect(), request)

    serving(talk, app=tell_headers)


def test_what_stands_behind_a_body_is_bounded_as_headers_are() -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(CHUNKED + b"2\r\n{}\r\n0\r\nx: ")
        writer.write(b"x" * 1_000_000)
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        writer.close()

    serving(talk)


def test_a_long_chunk_is_no_header() -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(CHUNKED + b"30d40\r\n")
        await writer.drain()
        writer.write(b"x" * 200_000 + b"\r\n0\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"hello")
        writer.close()

    serving(talk)


def test_what_stands_behind_an_upgrade_to_something_unknown_is_read() -> None:
    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        unknown = UPGRADE.replace(b"upgrade: websocket", b"upgrade: h2c")
        writer.write(unknown + b"POST /second HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n")
        await reader.readuntil(b"hello")
        writer.write(GET.ljust(99, b"\n"))
        assert (await reader.readuntil(b"hello")).count(b"HTTP/1.1 200 OK\r\n") == 1
        (connection,) = connect.connections
        assert connection.scope["path"] == "/second"
        writer.close()

    serving(talk)


def test_a_fragment_is_left_out_whoever_answers() -> None:
    async def talk(connect: Connect) -> None:
        said = await answer(await connect(), b"GET /at-once?a=b#c HTTP/1.1\r\nhost: x\r\n\r\n")
        assert said.endswith(b"hello")

    serving(talk, at_once=echo)


def test_a_request_behind_an_answer_to_the_end_of_which_nobody_listens_is_dropped() -> None:
    asked: list[bytes] = []

    def count(request: Request, respond: Respond) -> bool:
        asked.append(request.path)
        return echo(request, respond)

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(GET.replace(b"host: x", b"connection: close") + POST)
        await reader.read()
        assert asked == []
        await asyncio.sleep(0)
        writer.close()

    serving(talk, at_once=count)


def test_who_is_being_answered_is_told_that_nobody_listens_any_more() -> None:
    begun, told = asyncio.Event(), asyncio.Event()

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        begun.set()
        assert await receive() == {"type": "http.disconnect"}
        told.set()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"into the void"})

    async def talk(connect: Connect) -> None:
        _, writer = await connect()
        writer.write(GET * 3)
        await begun.wait()
        writer.close()
        await asyncio.wait_for(told.wait(), 20)

    serving(talk, app=app)
