"""The connections of streams: what is said of a wrong request, and when one ends."""

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from coinport.app import connections, websockets
from coinport.gateway.errors import Code
from coinport.gateway.streams import session
from coinport.gateway.streams.requests import CHANNELS_MAX
from tests.gateway.exchange import Exchange, Person
from tests.gateway.streaming import Sockets, served

pytestmark = pytest.mark.anyio


WRONG: list[tuple[dict[str, Any], Code, str]] = [
    ({"id": 7, "op": "dance"}, Code.BAD_PARAMETER, "op"),
    ({"id": 7}, Code.MISSING_PARAMETER, "op"),
    ({"id": "seven", "op": "ping", "more": 1}, Code.BAD_PARAMETER, "more"),
    ({"id": 7, "op": "subscribe"}, Code.MISSING_PARAMETER, "channels"),
    ({"id": 7, "op": "subscribe", "channels": []}, Code.BAD_PARAMETER, "channels"),
    ({"id": 7, "op": "subscribe", "channels": ["rain"]}, Code.BAD_PARAMETER, "rain"),
    ({"id": 7, "op": "subscribe", "channels": ["depth"]}, Code.BAD_PARAMETER, "depth"),
    ({"id": 7, "op": "subscribe", "channels": ["depth.a-b"]}, Code.UNKNOWN_MARKET, "a-b"),
    (
        {"id": 7, "op": "subscribe", "channels": ["kline.7m.btc-cny"]},
        Code.BAD_PARAMETER,
        "interval",
    ),
    ({"id": 7, "op": "subscribe", "channels": ["orders"]}, Code.NOT_AUTHENTICATED, ""),
    ({"id": 7, "op": "submit_orders", "orders": [{}]}, Code.NOT_AUTHENTICATED, ""),
]


async def test_what_is_wrong_is_said_with_the_id_of_the_request(sockets: Sockets) -> None:
    client = await sockets.client()
    for request, code, about in WRONG:
        answer = await client.say(request)
        assert answer["code"] == code, request
        assert about in answer["message"], request


UNREADABLE = ["", "{", "[]", "null", '{"op":"ping","op":"ping"}', '{"id":[1],"op":"ping"}', b"\x00"]


async def test_what_cannot_be_read_is_refused_without_an_id(sockets: Sockets) -> None:
    client = await sockets.client()
    for text in UNREADABLE:
        answer = await client.say(text, id=None)
        assert answer["code"] in (Code.BAD_PARAMETER, Code.MISSING_PARAMETER), text


async def test_text_that_is_no_utf8_ends_the_socket(sockets: Sockets) -> None:
    client = await sockets.client()
    await client.connection.send(b'{"id":"\xff","op":"ping"}', text=True)
    assert await client.closed() == 1007


async def test_a_message_may_come_in_fragments(sockets: Sockets) -> None:
    """And what comes right behind it is answered after it."""
    client = await sockets.client()
    answers = [client.answer_to("ping", id) for id in ("集", 2)]
    await client.connection.send(['{"id":"集","op":', '"ping"', "}"])
    await client.connection.send('{"id":2,"op":"ping"}')
    assert [(await answer)["code"] for answer in answers] == [0, 0]


async def test_messages_are_in_the_language_of_the_upgrade(sockets: Sockets) -> None:
    client = await sockets.client(accept_language="zh-CN")
    assert "参数" in (await client.ask("dance"))["message"]


async def test_nothing_is_joined_of_a_request_that_goes_too_far(sockets: Sockets) -> None:
    client = await sockets.client()
    answer = await client.ask("subscribe", channels=["depth.btc-cny", "depth.nowhere"])
    assert answer["code"] == Code.UNKNOWN_MARKET
    too_many = [f"depth.x{number}" for number in range(CHANNELS_MAX + 1)]
    assert (await client.ask("subscribe", channels=too_many))["code"] == Code.BAD_PARAMETER
    data = await client.done("unsubscribe", channels=["depth.btc-cny"])
    assert data == {"channels": ["depth.BTC-CNY"]}
    assert client.frames.empty()


async def test_a_plain_request_for_the_address_of_the_socket_is_no_url(
    exchange: Exchange,
) -> None:
    assert (await exchange.api.get("ws")).code == Code.UNKNOWN_PATH


async def test_everybody_is_told_before_the_exchange_stops(
    exchange: Exchange, sockets: Sockets
) -> None:
    client = await sockets.client()
    await client.joined("tickers")
    exchange.streams.close()
    assert (await client.next())["type"] == "closing"


async def test_who_does_not_read_is_dropped_and_nobody_waits_for_him(
    exchange: Exchange, sockets: Sockets, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "BACKLOG_BYTES_MAX", 10_000)
    reader, idler = await sockets.client(), await sockets.unread()
    await reader.joined("depth.BTC-CNY")
    subscribe = json.dumps({"op": "subscribe", "channels": ["depth.BTC-CNY"]})
    price = 0
    while not exchange.streams.resyncs:
        await idler.send(subscribe)
        price += 1
        await alice.place("buy", 1, price)
    seen = 0
    while seen < price:
        seen = max(level[0] for level in (await reader.next())["data"]["bids"])
    frames = []
    while not frames or frames[-1].get("type") != "resync":
        frames.append(json.loads(await idler.recv()))
    reader.contract.check_frame(frames[-1])
    await idler.close()


async def test_a_message_that_is_too_long_ends_the_socket(exchange: Exchange) -> None:
    async with served(exchange, ws_max_size=65_536) as sockets:
        client = await sockets.client()
        await client.connection.send(" " * 65_537)
        assert await client.closed() == 1009


async def test_who_answers_no_ping_is_gone_and_who_does_stays(exchange: Exchange) -> None:
    async with served(exchange, ws_ping_interval=0.02, ws_ping_timeout=1) as sockets:
        mute = await sockets.client()
        mute.connection.transport.pause_reading()
        awake = await sockets.client()
        while len(exchange.streams.sessions) > 1:
            await awake.done("ping")
        mute.connection.transport.resume_reading()
        assert await mute.closed() == 1011
        await awake.done("ping")


async def test_who_reads_nothing_of_what_waits_for_him_is_cut_off(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websockets, "WRITE_SECONDS_MAX", 0.05)
    monkeypatch.setattr(connections, "SWEEP_SECONDS", 0.01)
    async with served(exchange) as sockets:
        reader, idler = await sockets.client(), await sockets.unread()
        subscribe = json.dumps({"op": "subscribe", "channels": ["tickers"]})
        with pytest.raises(ConnectionClosed):
            while True:
                await idler.send(subscribe)
        while len(exchange.streams.sessions) > 1:
            await reader.done("ping")


PING = bytes([0x80 | Opcode.PING, 0x80 | 125, 0, 0, 0, 0]) + bytes(125)
MIB = 1 << 20


async def test_pings_of_who_reads_nothing_do_not_pile_up(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websockets, "WRITE_SECONDS_MAX", 0.5)
    monkeypatch.setattr(connections, "SWEEP_SECONDS", 0.01)
    async with served(exchange) as sockets:
        idler = await sockets.unread()
        (session,) = exchange.streams.sessions
        idler.transport.pause_reading()
        most = 0
        with pytest.raises(ConnectionError):
            while True:
                idler.transport.write(PING * 50)
                await asyncio.sleep(0)  # the server's turn
                most = max(most, session._socket.backlog)
                await idler.drain()
        assert 0 < most < MIB


async def test_who_reads_again_is_answered_again(exchange: Exchange) -> None:
    """The pings that were not read meanwhile among it."""
    async with served(exchange) as sockets:
        client = await sockets.client()
        client.connection.transport.pause_reading()
        for _ in range(40):
            client.connection.transport.write(PING * 500)
        client.connection.transport.resume_reading()
        await client.done("ping")


@pytest.mark.parametrize("fragment", [b"", b" "])
async def test_a_message_of_too_many_fragments_ends_the_socket(
    sockets: Sockets, fragment: bytes
) -> None:
    client = await sockets.client()
    more = [Frame(Opcode.CONT, fragment, fin=False).serialize(mask=True, extensions=[])]
    first = Frame(Opcode.TEXT, b"{", fin=False).serialize(mask=True, extensions=[])
    client.connection.transport.write(first + b"".join(more * websockets.FRAGMENTS_MAX))
    assert await client.closed() == 1009


async def test_a_message_may_come_in_as_many_fragments_as_are_allowed(sockets: Sockets) -> None:
    client = await sockets.client()
    answer = client.answer_to("ping", 1)
    text = '{"id":1,"op":"ping"}'
    spaces = websockets.FRAGMENTS_MAX - len(text) - 1  # the last one is empty
    await client.connection.send([*text, *[" "] * spaces])
    assert (await answer)["code"] == 0
