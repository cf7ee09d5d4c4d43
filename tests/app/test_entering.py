"""Requests that enter before they are read: answered in one piece, or given back as they came."""

import asyncio

from coinport.gateway.answers import Answer
from coinport.gateway.order_entry import Asker
from coinport.gateway.requests import Request
from coinport.gateway.serving import Respond
from tests.app.connecting import GET, POST, Connect, answer, echo, serving, until

FORM = b"content-length: 5\r\n\r\nenter"


class Entry:
    """Keeps what enters, until the test says what becomes of it."""

    def __init__(self) -> None:
        self.came: list[tuple[bytes, Asker]] = []
        self.declines = False
        """What came last, as soon as it is looked at."""

    def put(self, data: bytes, asker: Asker) -> bool:
        if not data.startswith(b"POST "):
            return False
        self.came.append((data, asker))
        return True

    def look(self) -> None:
        """At what has come, and was not looked at yet."""
        if self.declines:
            data, asker = self.came[-1]
            self.declines = False
            asker.declined(data)

    async def reached(self, count: int) -> Asker:
        await until(lambda: len(self.came) == count)
        return self.came[-1][1]


def send(asker: Asker) -> None:
    head = asker.head()
    assert head is not None
    asker.send(head + FORM)


def test_what_entered_is_answered_as_it_is_said() -> None:
    entry = Entry()

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        for count in (1, 2):
            writer.write(POST)
            send(await entry.reached(count))
            said = await reader.readuntil(b"enter")
            assert said.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b"\r\ncontent-type: application/json; charset=utf-8\r\n" in said
        assert entry.came[0][0] == POST
        assert (await answer((reader, writer), GET)).endswith(b"hello")

    serving(talk, entry=entry)


def test_an_answer_out_of_the_ordinary_may_be_given_later() -> None:
    entry = Entry()

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(POST)
        asker = await entry.reached(1)
        request = asker.request(entry.came[0][0])
        assert (request.path, request.query, request.body) == (b"/at-once", b"a=b", b"body")
        asker.respond(Answer(503, b"later", [(b"retry-after", b"1")]))
        said = await reader.readuntil(b"later")
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nretry-after: 1\r\n" in said
        writer.close()

    serving(talk, entry=entry)


def test_what_is_declined_is_answered_as_if_it_had_not_entered() -> None:
    entry = Entry()

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        for count in (1, 2):  # at once, then by the application
            writer.write(POST if count == 1 else POST.replace(b"/at-once", b"/"))
            (await entry.reached(count)).declined(entry.came[-1][0])
            await reader.readuntil(b"|body" if count == 1 else b"hello")
        writer.write(POST)
        send(await entry.reached(3))
        await reader.readuntil(b"enter")
        writer.close()

    serving(talk, at_once=echo, entry=entry)


def test_what_comes_behind_it_waits_for_its_answer() -> None:
    entry = Entry()

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(POST)
        asker = await entry.reached(1)
        (connection,) = connect.connections
        writer.write(GET)
        await until(lambda: bool(connection.pipeline))
        send(asker)
        assert b"enter" in await reader.readuntil(b"hello")
        writer.close()

    serving(talk, entry=entry)


def test_it_is_looked_at_before_anything_behind_it_is_read() -> None:
    entry = Entry()
    unread = POST.replace(b"/at-once", b"/")

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(unread)
        await entry.reached(1)
        entry.declines = True
        writer.write(b"GET /at-once HT")
        await reader.readuntil(b"hello")
        assert not entry.declines
        writer.write(b"TP/1.1\r\nhost: x\r\n\r\n")
        await reader.readuntil(b"GET|/at-once||")
        writer.close()

    serving(talk, at_once=echo, entry=entry)


def test_who_is_gone_is_told_nothing() -> None:
    entry = Entry()

    async def talk(connect: Connect) -> None:
        _, writer = await connect()
        writer.write(POST)
        asker = await entry.reached(1)
        writer.close()
        await until(lambda: not connect.connections)
        asker.send(b"HTTP/1.1 200 OK\r\n" + FORM)
        asker.respond(Answer(200, b"", []))
        assert (await answer(await connect(), GET)).endswith(b"hello")

    serving(talk, entry=entry)


def test_what_has_entered_when_the_server_stops_is_answered() -> None:
    entry = Entry()

    async def talk(connect: Connect) -> None:
        streams = [await connect() for _ in range(3)]
        for count, (_, writer) in enumerate(streams, 1):
            writer.write(POST)
            await entry.reached(count)
        (_, ordinary), (_, sent), (_, declined) = entry.came
        head = sent.head()
        assert head is not None
        for connection in list(connect.connections):
            connection.shutdown()
        assert ordinary.head() is None
        ordinary.respond(Answer(200, b"told", []))
        sent.send(head + FORM)
        declined.declined(POST)
        ends = (b"told", b"enter", b"|body")
        for (reader, _), end in zip(streams, ends, strict=True):
            assert (await asyncio.wait_for(reader.read(), 10)).endswith(end)
        for _, writer in streams:
            writer.close()

    serving(talk, at_once=echo, entry=entry)


def test_what_is_declined_is_not_asked_about_twice() -> None:
    entry, asked = Entry(), list[bytes]()

    def decline(request: Request, respond: Respond) -> bool:
        asked.append(request.path)
        return False

    async def talk(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(POST)
        (await entry.reached(1)).declined(POST)
        await reader.readuntil(b"hello")
        assert (asked, len(entry.came)) == ([b"/at-once"], 1)
        writer.close()

    serving(talk, at_once=decline, entry=entry)
