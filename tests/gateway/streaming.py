"""Sockets for tests: a server over real connections, and clients that read frames."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from coinport.app.connections import sweep
from coinport.app.websockets import Socket
from coinport.gateway.streams.asyncapi import document
from tests.api import Key, exact_figure
from tests.frames import FrameContract
from tests.gateway.callers import hmac_headers
from tests.gateway.exchange import Exchange, Person

PATIENCE_S = 30
WS = b"/api/v2/ws"
PRIVATE = ("orders", "fills", "balances", "transfers")
BUY = {"market": "btc-cny", "type": "buy", "amount": 1, "price": 2000}


@asynccontextmanager
async def served(exchange: Exchange, **settings: Any) -> AsyncIterator["Sockets"]:
    """`settings` are uvicorn's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        config = uvicorn.Config(
            exchange.app,
            lifespan="off",
            ws=Socket,
            ws_per_message_deflate=False,
            log_config=None,
            access_log=False,
            **settings,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        streaming = asyncio.create_task(exchange.streams.run())
        sweeping = asyncio.create_task(sweep(server.server_state.connections))
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        sockets = Sockets(host)
        try:
            yield sockets
        finally:
            for client in sockets.clients:
                await client.close()
            server.should_exit = True
            await serving
            for task in (streaming, sweeping):
                task.cancel()
            await asyncio.gather(streaming, sweeping, return_exceptions=True)


class Sockets:
    def __init__(self, host: str) -> None:
        self.host = host
        self.clients: list[Client] = []

    async def unread(self) -> ClientConnection:
        """One that reads next to nothing of itself."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        host, port = self.host.split(":")
        await asyncio.get_running_loop().sock_connect(connection, (host, int(port)))
        url = f"ws://{self.host}/api/v2/ws"
        return await connect(
            url, sock=connection, compression=None, max_queue=1, ping_interval=None
        )

    async def client(self, query: str = "", **headers: str) -> "Client":
        """Underscores in the names of headers are hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"ws://{self.host}/api/v2/ws{query}"
        connection = await connect(
            url, additional_headers=named, compression=None, proxy=None, max_size=None
        )
        client = Client(connection)
        self.clients.append(client)
        return client


class Client:
    """Answers are told apart by their ids; other frames wait in order until they are asked for."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.contract = _contract()
        self.frames: asyncio.Queue[Any] = asyncio.Queue()
        self._answers: dict[Any, asyncio.Future[Any]] = {}
        self._ops: dict[Any, str] = {}
        self._last_id = 0
        self._unasked = False
        self._reading = asyncio.create_task(self._read())

    async def ask(self, op: str, **fields: Any) -> Any:
        """The answer, success or not."""
        self._last_id += 1
        return await self.say({"id": self._last_id, "op": op, **fields})

    async def say(self, request: Any, id: Any = ...) -> Any:
        """Whatever it is; the answer has `id`, or that of the request."""
        key = request.get("id") if id is ... else id
        answer = self._answers[key] = asyncio.get_running_loop().create_future()
        if isinstance(request, dict):
            self._ops[key] = request.get("op", "")
        text = request if isinstance(request, str | bytes) else json.dumps(request)
        await self.connection.send(text)
        return await asyncio.wait_for(answer, PATIENCE_S)

    def answer_to(self, op: str, id: Any) -> Awaitable[Any]:
        """To be called before a request is sent by other means than these."""
        self._ops[id] = op
        answer = self._answers[id] = asyncio.get_running_loop().create_future()
        return asyncio.wait_for(answer, PATIENCE_S)

    async def send_only(self, request: Any) -> None:
        """Its answer, which has no id, is passed over."""
        self._unasked = True
        await self.connection.send(json.dumps(request))

    async def done(self, op: str, **fields: Any) -> Any:
        """The data of an answer that is a success."""
        answer = await self.ask(op, **fields)
        assert answer["code"] == 0, answer
        return answer["data"]

    async def joined(self, *channels: str) -> list[Any]:
        """The first frame of each: their snapshots, which come as soon as they can be made."""
        await self.done("subscribe", channels=list(channels))
        snapshots: dict[str, Any] = {}
        while len(snapshots) < len(channels):
            frame = await self.next(kind="snapshot")
            snapshots[frame["channel"]] = frame["data"]
        return [snapshots[channel] for channel in channels]

    async def next(self, channel: str = "", kind: str = "") -> Any:
        """The next frame, of this channel and type where they are named; others are dropped."""
        while True:
            frame = await asyncio.wait_for(self.frames.get(), PATIENCE_S)
            if channel in ("", frame.get("channel")) and kind in ("", frame["type"]):
                return frame

    async def until(self, condition: Callable[[Any], bool], channel: str) -> Any:
        """The data of the first update that is so."""
        while True:
            data = (await self.next(channel, "update"))["data"]
            if condition(data):
                return data

    async def closed(self) -> int:
        """The code it is closed with."""
        await asyncio.wait_for(self.connection.wait_closed(), PATIENCE_S)
        assert self.connection.close_code is not None
        return self.connection.close_code

    async def close(self) -> None:
        await self.connection.close()
        await self._reading

    async def _read(self) -> None:
        with suppress(ConnectionClosed):  # `closed` says how
            await self._read_frames()

    async def _read_frames(self) -> None:
        async for text in self.connection:
            frame = json.loads(text, parse_float=exact_figure)
            if "code" in frame and "channel" not in frame:
                if frame["id"] is None and self._unasked:
                    continue
                self.contract.check_answer(frame, self._ops.pop(frame["id"], ""))
                self._answers.pop(frame["id"]).set_result(frame)
            else:
                self.contract.check_frame(frame)
                self.frames.put_nowait(frame)


@cache
def _contract() -> FrameContract:
    """To make it takes longer than most tests."""
    return FrameContract(document())


def signature_of(exchange: Exchange, key: Key, **window: Any) -> dict[str, str]:
    exchange.clock.now_ms += 1  # no signature is accepted twice
    return hmac_headers(key, exchange.clock.now_ms, target=WS, **window)  # type: ignore[arg-type]


async def socket_of(sockets: Sockets, exchange: Exchange, person: Person) -> Client:
    return await sockets.client(**signature_of(exchange, person.key))
