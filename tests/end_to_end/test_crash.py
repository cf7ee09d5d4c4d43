"""A real server under load from several clients is killed at random moments, again and again.

How much happens before a kill is counted, not timed, so that a busy machine proves as much.

Each client keeps a ledger of its own: what it was told, and what it never heard back about. After
each restart it compares. At the end the journal itself is audited.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from coinport.engine.accounting import FROZEN
from coinport.engine.rulebook import Rulebook
from coinport.journal.reading import LogReader
from coinport.model.events import OrderPlaced, Traded
from coinport.model.records import decode_record
from coinport.model.units import Sequence
from tests.end_to_end.processes import PATIENCE_SECONDS, ServerProcess

KILLS = 25
CLIENTS = 6
ANSWERS = (1, 60)
"""To orders and cancels of all clients, from a start to the kill."""
STRAY_SECONDS_MAX = 0.02
"""From the last of these answers to the kill: wherever the server is by then."""
CANCELABLE = 3
"""Of a client's orders: the newest, for older ones are mostly filled."""
CREDITED = {"BTC": Decimal(1000), "CNY": Decimal(10_000_000)}
"""To each client."""


class Client:
    def __init__(self, number: int) -> None:
        self.email, self.password = f"client{number}@example.com", f"secret of client {number}"
        self.dice = random.Random(number)
        self.sent = 0
        self.placed: dict[int, dict[str, str]] = {}
        """By order id, what was acknowledged as placed."""
        self.canceled: set[int] = set()
        """Acknowledged as canceled."""
        self.unheard: list[dict[str, str]] = []
        """Sent, and the server died before it answered."""
        self.ids: set[str] = set()
        """Client order ids of everything that must exist exactly once."""

    async def trade(self, http: httpx.AsyncClient, answered: Callable[[], None]) -> None:
        """Orders and cancels until the server dies."""
        try:
            while True:
                if self.placed and self.dice.random() < 0.3:
                    await self.cancel(http)
                else:
                    await self.place(http)
                answered()
        except httpx.TransportError:
            pass

    async def place(self, http: httpx.AsyncClient) -> None:
        orders = [self.new_order() for _ in range(self.dice.choice((1, 1, 3)))]
        self.unheard = orders
        data = await self.post(http, "submit_orders", {"orders": orders})
        self.heard(data["results"])

    def heard(self, results: list[dict[str, Any]]) -> None:
        for order, result in zip(self.unheard, results, strict=True):
            assert result["order_id"], result
            self.placed[result["order_id"]] = order
            self.ids.add(order["client_order_id"])
        self.unheard = []

    async def cancel(self, http: httpx.AsyncClient) -> None:
        order = self.dice.choice(list(self.placed)[-CANCELABLE:])
        data = await self.post(http, "cancel_orders", {"order_ids": [order]})
        self.canceled.update(data["cancelled"])

    def new_order(self) -> dict[str, str]:
        self.sent += 1
        return {
            "market": "BTC-CNY",
            "type": self.dice.choice(("buy", "sell")),
            "price": f"{self.dice.randint(1990, 2010)}",
            "amount": f"0.0{self.dice.randint(10, 99)}",
            "client_order_id": f"{self.email[:7]}-{self.sent}",
        }

    async def compare(self, http: httpx.AsyncClient) -> None:
        """After a restart: nothing is lost, nothing is doubled."""
        if self.unheard:
            # The same ids with the same contents: whether they had arrived or not, now they have.
            data = await self.post(http, "submit_orders", {"orders": self.unheard})
            self.heard(data["results"])
        listed = await self.orders(http)
        found = {int(order["order_id"]): order for order in listed}
        assert len(found) == len(listed), "an order id stands twice"
        for order_id, sent in self.placed.items():
            kept = found.get(order_id)
            assert kept is not None, f"acknowledged order {order_id} is lost"
            assert kept["client_order_id"] == sent["client_order_id"]
            assert (kept["type"], kept["market"]) == (sent["type"], sent["market"])
            assert Decimal(kept["price"]) == Decimal(sent["price"])
            assert Decimal(kept["amount"]) == Decimal(sent["amount"])
        for order_id in self.canceled:
            assert found[order_id]["status"] == 3, f"acknowledged cancel of {order_id} is lost"
        names = Counter(order["client_order_id"] for order in listed)
        assert names == Counter(self.ids), "an order was doubled, or one came from nowhere"

    async def orders(self, http: httpx.AsyncClient) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        cursor = -1
        while True:
            page = await self.fetch(http, f"orders?limit=200&cursor={cursor}")
            rows += page["orders"]
            if not page["hasMore"]:
                return rows
            cursor = int(rows[-1]["order_id"])

    async def fetch(self, http: httpx.AsyncClient, path: str) -> Any:
        auth = httpx.BasicAuth(self.email, self.password)
        headers = {"X-Number-Format": "string"}
        return data_of(await http.get(f"/api/v2/user/{path}", auth=auth, headers=headers))

    async def post(self, http: httpx.AsyncClient, path: str, body: object) -> Any:
        auth = httpx.BasicAuth(self.email, self.password)
        return data_of(await http.post(f"/api/v2/user/{path}", json=body, auth=auth))


def data_of(response: httpx.Response) -> Any:
    answer = response.json()
    assert answer["code"] == 0, answer
    return answer["data"]


@pytest.mark.timeout(1800)  # it takes one minute where nothing else runs
def test_nothing_acknowledged_is_lost_or_doubled_however_often_the_server_is_killed(
    tmp_path: Path,
) -> None:
    clients = [Client(number) for number in range(CLIENTS)]
    dice = random.Random(25)
    for kill in range(KILLS):
        with ServerProcess(tmp_path, "--no-rate-limit") as server:
            if kill == 0:
                open_accounts(server, clients)
            stray_seconds = dice.uniform(0, STRAY_SECONDS_MAX)
            answered = kill_after(server, dice.randint(*ANSWERS), stray_seconds)
            asyncio.run(compare_and_trade(server, clients, answered))
            assert server.killed, f"it ended by itself:\n{server.log()}"
    with ServerProcess(tmp_path, "--no-rate-limit") as server:
        asyncio.run(final_audit(server, clients))
    audit_journal(tmp_path)
    assert sum(len(client.placed) for client in clients) > KILLS * CLIENTS
    assert sum(len(client.canceled) for client in clients) > KILLS


def open_accounts(server: ServerProcess, clients: list[Client]) -> None:
    for client in clients:
        body = {"email": client.email, "pwdhash": client.password}
        url = f"{server.address}/api/v2/register"
        data_of(httpx.post(url, json=body, timeout=PATIENCE_SECONDS, trust_env=False))
        for currency, amount in CREDITED.items():
            server.admin(
                "credit",
                "--user",
                client.email,
                "--currency",
                currency,
                "--amount",
                str(amount),
                "--reason",
                "test funds",
            )


def kill_after(server: ServerProcess, answers: int, stray_seconds: float) -> Callable[[], None]:
    """To be called with every answer; kills the server a little after so many."""
    left = answers

    def answered() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            asyncio.get_running_loop().call_later(stray_seconds, server.kill)

    return answered


async def compare_and_trade(
    server: ServerProcess, clients: list[Client], answered: Callable[[], None]
) -> None:
    async with connected(server) as http:
        await asyncio.gather(*(client.compare(http) for client in clients))
        await asyncio.gather(*(client.trade(http, answered) for client in clients))


async def final_audit(server: ServerProcess, clients: list[Client]) -> None:
    async with connected(server) as http:
        await asyncio.gather(*(client.compare(http) for client in clients))
        totals: dict[str, Decimal] = dict.fromkeys(CREDITED, Decimal(0))
        for client in clients:
            balance = await client.fetch(http, "balance")
            open_orders = [row for row in await client.orders(http) if row["status"] in (0, 2)]
            for currency in CREDITED:
                available, frozen, pending, total = map(Decimal, balance[currency])
                assert min(available, frozen, pending) >= 0
                assert available + frozen + pending == total
                assert frozen == held(open_orders, currency)
                totals[currency] += total
        # BTC-CNY charges no fee, so all that was credited is still with the clients.
        assert totals == {name: amount * len(clients) for name, amount in CREDITED.items()}


def held(open_orders: list[dict[str, Any]], currency: str) -> Decimal:
    total = Decimal(0)
    for order in open_orders:
        leaves = Decimal(order["amount"]) - Decimal(order["value"])
        if order["type"] == "buy" and currency == "CNY":
            total += leaves * Decimal(order["price"])
        elif order["type"] == "sell" and currency == "BTC":
            total += leaves
    return total


def connected(server: ServerProcess) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.address, timeout=PATIENCE_SECONDS, trust_env=False)


def audit_journal(directory: Path) -> None:
    """Ids never repeat, and what the engine holds as frozen is what open orders need."""
    orders: Counter[int] = Counter()
    trades: Counter[int] = Counter()
    engine = Rulebook()
    for data in LogReader(directory / "journal").read(Sequence(0)):
        engine.replay([data])
        for event in decode_record(data).events:
            if isinstance(event, OrderPlaced):
                orders[event.order] += 1
            elif isinstance(event, Traded):
                trades[event.trade] += 1
    assert max(orders.values()) == 1
    assert max(trades.values()) == 1
    frozen: Counter[tuple[int, int]] = Counter()
    sums: Counter[int] = Counter()
    for currency, pocket, balance in engine.state.ledger.rows():
        sums[currency] += balance
        if pocket % 4 == FROZEN:
            frozen[currency, pocket // 4] += balance
    assert not any(sums.values())
    needed: Counter[tuple[int, int]] = Counter()
    for order in engine.state.orders.values():
        market = engine.state.listings.markets[order.market]
        if order.side == 1:
            needed[market.quote, order.account] += market.value(order.price, order.leaves)
        else:
            needed[market.base, order.account] += order.leaves * market.lot
    assert frozen == needed
