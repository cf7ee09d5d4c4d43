"""A server with the connections of ours, and clients that speak to it byte by byte."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import uvicorn

from coinport.app.connections import Connection, sweep
from coinport.app.whole_requests import AtOnce, Entry, Short
from coinport.gateway.addresses import ClientAddresses
from coinport.gateway.answers import Answer
from coinport.gateway.order_entry import Asker
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


class Closed:
    """An `Entry` through which nothing enters."""

    def put(self, _data: bytes, _asker: Asker, /) -> bool:
        return False

    def look(self) -> None:
        raise AssertionError("nothing has entered")


def serving(
    talk: Callable[[Connect], Awaitable[None]],
    connections_max: int = 10,
    welcome: Callable[[str], bool] = lambda _: True,
    at_once: AtOnce = lambda _request, _respond: False,
    entry: Entry | None = None,
    app: Any = hello,
) -> None:
    async def run() -> None:
        kind: Any = partial(
            Connection,
            connections_max=connections_max,
            welcome=welcome,
            short=Short(entry or Closed(), at_once, ClientAddresses(), 65_536),
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


def echo(request: Request, respond: Respond) -> bool:
    """Answers at once whatever is not meant for the application."""
    if request.path == b"/":
        return False
    said = b"|".join((request.method.encode(), request.path, request.query, request.body))
    respond(Answer(200, said, [(b"x-more", b"yes")]))
    return True


POST = b"POST /at-once?a=b HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody"


def keeping(waiting: list[Respond]) -> AtOnce:
    """Answers later what is not meant for the application: who waits is put into `waiting`."""

    def later(request: Request, respond: Respond) -> bool:
        if request.path == b"/":
            return False
        waiting.append(respond)
        return True

    return later
