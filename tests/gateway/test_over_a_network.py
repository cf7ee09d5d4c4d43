"""The same over a real connection, as far as that makes a difference."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import uvicorn

from coinport.gateway.errors import Code
from tests.api import Api
from tests.gateway.exchange import Exchange

pytestmark = pytest.mark.anyio

MIB = 1 << 20


@pytest.fixture
async def url(exchange: Exchange) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            exchange.app, lifespan="off", ws="none", log_config=None, access_log=False
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


async def test_a_client_that_knows_only_the_url_trades(exchange: Exchange, url: str) -> None:
    alice = await exchange.person("alice", CNY=10_000)
    everybody = await Api.at(url, exchange.clock)
    async with aclosing(everybody.http):
        api = everybody.as_key(alice.key)
        item = {"market": "btc-cny", "type": "buy", "price": "2000.5", "amount": 1}
        answer = await api.post("user/submit_orders", {"orders": [item]})
        (result,) = answer.data["results"]
        assert (await api.get("user/orders")).data["orders"] == [result["order"]]
        assert (await everybody.get("btc-cny/depth")).data["bids"] == [[2000.5, 1]]
        assert (await everybody.get("user/orders")).code == Code.NOT_AUTHENTICATED


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_of_100_mib_is_refused_before_it_has_come(url: str, chunked: bool) -> None:
    """The answer is here while the client has sent next to nothing."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {100 * MIB}"
    head = f"POST /api/v2/register HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n"
    chunk = b"%x\r\n" % 66_000 + b"[" * 66_000 + b"\r\n" if chunked else b"[" * 66_000
    writer.write(head.encode() + chunk)
    assert (await reader.readline()).split()[1] == b"413"
    answer = await reader.readuntil(b"}")
    assert b'"code":1007' in answer
    writer.close()
    await writer.wait_closed()
