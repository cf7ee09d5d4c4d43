"""Private streams: that they say what REST says, and orders over the socket."""

import pytest

from coinport.gateway.errors import Code
from coinport.model.units import Amount
from tests.gateway.exchange import Exchange, Person
from tests.gateway.streaming import BUY, PRIVATE, Sockets, socket_of

pytestmark = pytest.mark.anyio


async def test_own_orders_are_told_as_rest_tells_them(
    exchange: Exchange, sockets: Sockets, alice: Person, bob: Person
) -> None:
    resting = await alice.place("buy", 3, 2000)
    client = await socket_of(sockets, exchange, alice)
    (snapshot,) = await client.joined("orders")
    assert snapshot["orders"] == (await alice.api.get("user/orders")).data["orders"]
    await bob.place("sell", 1, 2000)
    (order,) = (await client.next())["data"]["orders"]
    assert (order["order_id"], order["status"], order["value"]) == (str(resting), 2, 1)
    assert [order] == (await alice.api.get("user/orders")).data["orders"]
    await client.done("cancel_orders", order_ids=[resting])
    (order,) = (await client.next("orders"))["data"]["orders"]
    assert (order["status"], order["reason"]) == (3, "requested")
    (snapshot,) = await client.joined("orders")
    assert snapshot["orders"] == []


async def test_own_fills_are_told_as_rest_tells_them(
    exchange: Exchange, sockets: Sockets, alice: Person, bob: Person
) -> None:
    await alice.place("buy", 3, 2000)
    await bob.place("sell", 1, 2000)
    maker, taker = [await socket_of(sockets, exchange, each) for each in (alice, bob)]
    (snapshot,) = await maker.joined("fills")
    assert snapshot["trades"] == (await alice.api.get("user/trades")).data["trades"]
    await taker.joined("fills")
    await bob.place("sell", 1.5, 2000)
    for client, person, role in ((maker, alice, "maker"), (taker, bob, "taker")):
        (fill,) = (await client.next())["data"]["trades"]
        assert (fill["role"], fill["amount"]) == (role, 1.5)
        assert fill == (await person.api.get("user/trades")).data["trades"][0]


async def test_a_trade_with_oneself_is_two_fills(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    await alice.place("buy", 1, 2000)
    client = await socket_of(sockets, exchange, alice)
    await client.joined("fills")
    await alice.place("sell", 1, 2000)
    fills = (await client.next())["data"]["trades"]
    assert fills == (await alice.api.get("user/trades")).data["trades"]
    assert len(fills) == 2


async def test_own_balances_are_told_as_rest_tells_them(
    exchange: Exchange, sockets: Sockets, alice: Person, bob: Person
) -> None:
    client = await socket_of(sockets, exchange, alice)
    (balances,) = await client.joined("balances")
    assert balances == (await alice.api.get("user/balance")).data
    await alice.place("buy", 2, 2000)
    update = (await client.next())["data"]
    assert update == {"CNY": [996_000, 4_000, 0, 1_000_000]}
    balances |= update
    await bob.place("sell", 1, 2000)
    balances |= await client.until(lambda data: "BTC" in data, "balances")
    assert balances == (await alice.api.get("user/balance")).data


async def test_deposits_are_told_while_they_move(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    await alice.deposit("LTC", 3, "earlier")
    client = await socket_of(sockets, exchange, alice)
    (snapshot,) = await client.joined("transfers")
    assert snapshot["deposits"] == (await alice.api.get("user/deposits")).data["deposits"]
    transfer = await alice.deposit("LTC", 5, "later")
    (deposit,) = (
        await client.until(lambda data: data["deposits"][0]["status"] == "Succeeded", "transfers")
    )["deposits"]
    assert (deposit["id"], deposit["quantity"]) == (transfer, 5)


async def test_confirmations_are_told_while_the_chain_grows(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    deposits, chain = await exchange.deposits("LTC"), exchange.wallets.networks["LTC"]
    address = (await alice.api.post("user/create_deposit_addr/ltc")).data["LTC"]
    client = await socket_of(sockets, exchange, alice)
    await client.joined("transfers")
    txid = chain.pay(address, Amount(5 * 10**8))
    for confirmations in range(4):
        await deposits.poll()
        (deposit,) = (
            await client.until(
                lambda data: data["deposits"][0]["confirmations"] == confirmations,  # noqa: B023
                "transfers",
            )
        )["deposits"]
        assert (deposit["status"], deposit["txid"]) == ("Confirming", txid)
        chain.mine()


async def test_nobody_hears_what_is_anothers(
    exchange: Exchange, sockets: Sockets, alice: Person, bob: Person
) -> None:
    client = await socket_of(sockets, exchange, bob)
    await client.joined(*PRIVATE)
    await alice.place("buy", 1, 2000)
    await alice.place("sell", 1, 1999)
    await alice.deposit("LTC", 5, "key")
    await bob.place("buy", 1, 1000)
    assert [(await client.next())["channel"] for _ in range(2)] == ["orders", "balances"]
    assert client.frames.empty()


async def test_orders_are_answered_as_over_http(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    client = await socket_of(sockets, exchange, alice)
    bad = {**BUY, "price": "2000.00001"}
    data = await client.done("submit_orders", orders=[BUY, bad, {**BUY, "amount": 1e9}])
    good, *refused = data["results"]
    assert [good["order"]] == (await alice.api.get("user/orders")).data["orders"]
    over_http = await alice.submit(bad, {**BUY, "amount": 1e9})
    assert refused == over_http
    unknown = await client.done("cancel_orders", order_ids=[good["order_id"], 1])
    assert unknown["cancelled"] == [good["order_id"]]
    assert unknown["failed"]["1"]["code"] == Code.UNKNOWN_ORDER
    first, second = await alice.place("buy", 1, 1), await alice.place("buy", 1, 2)
    data = await client.done("cancel_all_orders", market="BTC-CNY")
    assert data == {"cancelled": [first, second]}
    answer = await client.ask("cancel_all_orders", market="x-y")
    assert answer["code"] == Code.UNKNOWN_MARKET


async def test_orders_sent_at_once_are_decided_in_their_order(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    """Many more than are answered at the same time."""
    client = await socket_of(sockets, exchange, alice)
    await client.joined("orders")
    for number in range(300):
        text = {"op": "submit_orders", "orders": [{**BUY, "price": 1 + number}]}
        await client.send_only(text)
    prices: list[int] = []
    while len(prices) < 300:
        prices += [order["price"] for order in (await client.next("orders"))["data"]["orders"]]
    assert prices == list(range(1, 301))
