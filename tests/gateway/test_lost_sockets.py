"""Clients that are gone without a word cost nobody but themselves. On the event loop of the server,
whose connections raise where those of asyncio are silent."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.frames import Frame, Opcode

from coinport.gateway.streams.session import Session
from coinport.model.commands import SetMarketState
from coinport.model.trading import MarketState
from coinport.model.units import MarketId
from tests.app.connecting import until
from tests.gateway.exchange import Exchange, Person
from tests.gateway.streaming import BUY, Client, Sockets, socket_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


class Held:
    """A log that makes nothing durable before it is told to."""

    def __init__(self, append: Callable[[Sequence[bytes]], None]) -> None:
        self._append = append
        self.reached, self.go = threading.Event(), threading.Event()

    def append(self, records: Sequence[bytes]) -> None:
        self.reached.set()
        assert self.go.wait(30), "nobody let this batch go"
        self._append(records)


def reset(client: Client) -> None:
    """As if its machine had lost power."""
    transport = client.connection.transport
    linger = struct.pack("ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


async def gone(exchange: Exchange, client: Client) -> Session:
    """The session of a client that was, until now, the only one."""
    (session,) = exchange.streams.sessions
    reset(client)
    await until(lambda: not exchange.streams.sessions)
    return session


@pytest.mark.parametrize(
    "asked",
    [
        {"op": "submit_orders", "orders": [BUY]},
        {"op": "submit_orders", "orders": [BUY | {"amount": 1_000_000_000}]},
        {"op": "cancel_all_orders", "market": "btc-cny"},
    ],
    ids=["answered", "refused in part", "refused"],
)
async def test_who_is_gone_before_his_answer_leaves_the_exchange_alive(
    exchange: Exchange, alice: Person, sockets: Sockets, asked: dict[str, Any]
) -> None:
    if asked["op"] == "cancel_all_orders":
        await exchange.tell(SetMarketState(MarketId(1), MarketState.HALTED, "operator", "test"))
    client = await socket_of(sockets, exchange, alice)
    sequencer: Any = exchange.services.sequencer
    sequencer._log = held = Held(sequencer._log.append)
    await client.connection.send(json.dumps({"id": 1, **asked}))
    await until(held.reached.is_set)
    await gone(exchange, client)
    held.go.set()
    await exchange.tell(SetMarketState(MarketId(1), MarketState.OPEN, "operator", "test"))
    assert await alice.place("buy", 1, 2000)


async def test_what_is_said_to_who_is_gone_is_said_to_nobody(
    exchange: Exchange, alice: Person, sockets: Sockets
) -> None:
    client = await socket_of(sockets, exchange, alice)
    session = await gone(exchange, client)
    session.write(b"hello")
    assert session._socket.backlog == 0


def said_at_last() -> bytes:
    """An order, in a frame and in two fragments, a ping, and the end."""
    order = json.dumps({"id": 1, "op": "submit_orders", "orders": [BUY]}).encode()
    frames = [
        Frame(Opcode.TEXT, order),
        Frame(Opcode.TEXT, order[:9], fin=False),
        Frame(Opcode.CONT, order[9:]),
        Frame(Opcode.PING, b"?"),
        Frame(Opcode.CLOSE, b"\x03\xe8"),
    ]
    return b"".join(frame.serialize(mask=True) for frame in frames)


async def test_what_was_said_right_before_the_end_is_done(
    exchange: Exchange, alice: Person, sockets: Sockets
) -> None:
    client = await socket_of(sockets, exchange, alice)
    with capture_logs() as logs:
        client.connection.transport.write(said_at_last())
        client.connection.transport.write_eof()
        await until(lambda: not exchange.streams.sessions)
    await alice.place("buy", 1, 1)  # when it is answered, all before it is done
    assert len((await alice.api.get("user/orders")).data["orders"]) == 3
    assert logs == []
