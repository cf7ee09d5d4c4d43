"""Who follows a server under load has exactly its book, by the program of docs/streams.md."""

import asyncio
import json
import random
import re
from collections.abc import Callable
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from coinport.app.admin.client import ask
from coinport.operations.requests import Done, Move
from tests.api import Api, Key
from tests.end_to_end.processes import PATIENCE_SECONDS, ServerProcess
from tests.frames import FrameContract

pytestmark = pytest.mark.anyio

DOCUMENT = Path(__file__).parents[2] / "docs" / "streams.md"
TRADERS, ORDERS = 4, 250


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def program() -> dict[str, Any]:
    """What the page's program defines."""
    (text,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    names: dict[str, Any] = {"__name__": "follow"}
    exec(compile(text, str(DOCUMENT), "exec"), names)
    return names


class Trader:
    """Places and cancels over one socket, without waiting for answers but in the end."""

    def __init__(self, server: ServerProcess, number: int) -> None:
        self._server = server
        self._email = f"trader{number}@example.com"
        self._dice = random.Random(number)

    async def prepare(self, api: Api) -> None:
        answer = await api.post("register", {"email": self._email, "pwdhash": "a long pa55word"})
        assert answer.code == 0, answer.message
        basic = httpx.BasicAuth(self._email, "a long pa55word")
        made = await api.http.post("/api/v2/user/add_api_token", json={"name": "x"}, auth=basic)
        self.key = Key(made.json()["data"]["token"], made.json()["data"]["secret"])
        for currency, amount in (("BTC", "1000"), ("CNY", "10000000")):
            move = Move("credit", self._email, currency, amount, "tests", "")
            assert isinstance(ask(self._server.data, move), Done)

    async def trade(self, api: Api, contract: FrameContract) -> None:
        signed = api.as_key(self.key).signature("GET", b"/api/v2/ws")
        url = self._server.address.replace("http", "ws", 1) + "/api/v2/ws"
        async with connect(url, additional_headers=signed) as socket:
            for number in range(ORDERS):
                await socket.send(self._order(number))
                answer = json.loads(await socket.recv())
                contract.check_answer(answer, "submit_orders")
                assert answer["code"] == 0, answer

    def _order(self, number: int) -> str:
        side = self._dice.choice(["buy", "sell"])
        price = 2000 + self._dice.randint(-30, 30) / 4
        item = {"market": "btc-cny", "type": side, "amount": 1, "price": price}
        return json.dumps({"id": number, "op": "submit_orders", "orders": [item]})


async def test_whoever_applies_the_differences_has_exactly_the_servers_book(
    tmp_path: Path,
) -> None:
    """One begins with the snapshot of the socket and one with REST, in the midst of trading."""
    follower = program()
    with ServerProcess(tmp_path / "data", "--no-rate-limit") as server:
        api = await Api.at(server.address)
        async with aclosing(api.http):
            contract = FrameContract((await api.http.get("/api/v2/asyncapi.json")).json())
            traders = [Trader(server, number) for number in range(TRADERS)]
            for trader in traders:
                await trader.prepare(api)
            seen: dict[str, Any] = {}
            url = server.address.replace("http", "ws", 1)
            following = asyncio.create_task(
                follower["follow"](url, "BTC-CNY", lambda book: seen.update(book=book))
            )
            trading = asyncio.gather(*(trader.trade(api, contract) for trader in traders))
            async with connect(f"{url}/api/v2/ws") as socket:
                book, messages = await followed(socket, trading, api, contract, follower["Book"])
            last = await rest_depth(api)
            while seen["book"].sequence < last["sequence"]:
                await asyncio.sleep(0.01)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
    assert messages > 3
    for mine in (book, seen["book"]):
        assert mine.sequence == last["sequence"]
        assert sorted(mine.asks.items()) == [tuple(level) for level in last["asks"]]
        assert sorted(mine.bids.items())[::-1] == [tuple(level) for level in last["bids"]]


async def followed(
    socket: ClientConnection,
    trading: asyncio.Future[Any],
    api: Api,
    contract: FrameContract,
    new_book: Callable[[Any], Any],
) -> tuple[Any, int]:
    """The book that REST showed amid the first updates, after all of them; and how many."""
    await socket.send('{"id": 1, "op": "subscribe", "channels": ["depth.BTC-CNY"]}')
    waking = asyncio.create_task(ping_after(trading, socket))
    book: Any = None
    messages, last = 0, None
    while last is None or book is None or book.sequence < last:
        text = await asyncio.wait_for(socket.recv(), PATIENCE_SECONDS)
        frame = json.loads(text, parse_float=Decimal)
        if frame.get("type") == "update":
            contract.check_frame(json.loads(text))
            messages += 1
            book = book or new_book(await rest_depth(api))
            assert book.apply(frame["data"])
        if trading.done() and last is None:
            await trading
            last = (await rest_depth(api))["sequence"]
    await waking
    return book, messages


async def ping_after(trading: asyncio.Future[Any], socket: ClientConnection) -> None:
    """So that something comes, even if the last update has come before the last answer."""
    await asyncio.wait({trading})
    await socket.send('{"op": "ping"}')


async def rest_depth(api: Api) -> Any:
    text = (await api.get("btc-cny/depth?limit=200")).text
    return json.loads(text, parse_float=Decimal)["data"]


async def test_a_follower_is_told_of_a_stop_and_goes_on_after_the_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ServerProcess(data, "--no-rate-limit") as server:
        url = server.address.replace("http", "ws", 1)
        async with connect(f"{url}/api/v2/ws") as socket:
            await socket.send('{"op": "ping"}')
            await socket.recv()
            server.process.terminate()
            assert json.loads(await socket.recv())["type"] == "closing"
            await socket.wait_closed()
            assert socket.close_code == 1012
    with ServerProcess(data) as server:
        url = server.address.replace("http", "ws", 1)
        async with connect(f"{url}/api/v2/ws") as socket:
            await socket.send('{"op": "subscribe", "channels": ["tickers"]}')
            assert json.loads(await socket.recv())["code"] == 0
