"""Canceling orders and looking them up, over HTTP."""

from typing import Any

import pytest

from coinport.gateway.errors import Code
from coinport.model.commands import SetMarketState
from coinport.model.trading import MarketState
from coinport.model.units import MarketId
from tests.gateway.exchange import Exchange, Person

pytestmark = pytest.mark.anyio


async def cancel(person: Person, *orders: object) -> Any:
    answer = await person.api.post("user/cancel_orders", {"order_ids": orders})
    assert answer.code == 0, answer.message
    return answer.data


async def listed(person: Person, query: str = "") -> list[int]:
    answer = await person.api.get("user/orders" + (query and f"?{query}"))
    assert answer.code == 0, answer.message
    return [int(order["order_id"]) for order in answer.data["orders"]]


# Cancel.


async def test_own_open_orders_are_canceled(alice: Person) -> None:
    first, second = await alice.place("buy", 1, 2000), await alice.place("sell", 1, 2100)
    assert await cancel(alice, str(second), first) == {"cancelled": [second, first], "failed": {}}
    for order in (await alice.api.get("user/orders")).data["orders"]:
        assert (order["status"], order["reason"]) == (3, "requested")


async def test_what_cannot_be_canceled_is_in_failed_and_all_of_it_looks_the_same(
    alice: Person, bob: Person
) -> None:
    filled = await alice.place("buy", 1, 2000)
    await bob.place("sell", 1, 2000)
    canceled = await alice.place("buy", 1, 2000)
    await cancel(alice, canceled)
    bobs, mine = await bob.place("buy", 1, 1900), await alice.place("buy", 1, 1900)
    wrong = [filled, canceled, bobs, 10_000_099_999, 0, -5, 10**30]
    data = await cancel(alice, *wrong, mine)
    assert data["cancelled"] == [mine]
    assert list(data["failed"]) == [str(order) for order in wrong]
    assert {tuple(failed.items()) for failed in data["failed"].values()} == {
        (("code", Code.UNKNOWN_ORDER), ("message", "No such open order"))
    }


async def test_an_order_named_twice_is_canceled_once(alice: Person) -> None:
    order = await alice.place("buy", 1, 2000)
    assert await cancel(alice, order, order) == {"cancelled": [order], "failed": {}}


async def test_up_to_100_orders_are_canceled_at_once(alice: Person) -> None:
    for ids in ([], list(range(101))):
        answer = await alice.api.post("user/cancel_orders", {"order_ids": ids})
        assert (answer.code, "order_ids" in answer.message) == (Code.BAD_PARAMETER, True)
    assert len((await cancel(alice, *range(100)))["failed"]) == 100


async def test_ids_that_are_no_numbers_are_refused(alice: Person) -> None:
    for ids in (["x"], [1.5], [True], [None], ["1_0"], 5, "5"):
        answer = await alice.api.post("user/cancel_orders", {"order_ids": ids})
        assert (answer.code, "order_ids" in answer.message) == (Code.BAD_PARAMETER, True), ids


async def test_nothing_is_canceled_in_a_halted_market(exchange: Exchange, alice: Person) -> None:
    order = await alice.place("buy", 1, 2000)
    await exchange.tell(SetMarketState(MarketId(1), MarketState.HALTED, "tests", "why not"))
    failed = (await cancel(alice, order))["failed"]
    assert failed[str(order)]["code"] == Code.MARKET_CLOSED
    answer = await alice.api.post("user/cancel_all_orders", {"market": "btc-cny"})
    assert answer.code == Code.MARKET_CLOSED
    await exchange.tell(SetMarketState(MarketId(1), MarketState.CANCEL_ONLY, "tests", "why not"))
    assert (await cancel(alice, order))["cancelled"] == [order]


async def test_all_orders_of_a_market_or_of_all_are_canceled(alice: Person, bob: Person) -> None:
    first, second = await alice.place("buy", 1, 2000), await alice.place("buy", 1, 2001)
    ltc = await alice.place("buy", 1, "0.01", market="ltc-btc")
    bobs = await bob.place("buy", 1, 2000)

    async def cancel_all(body: object = None) -> list[int]:
        return list((await alice.api.post("user/cancel_all_orders", body)).data["cancelled"])

    assert await cancel_all({"market": "LTC-BTC"}) == [ltc]
    assert await cancel_all() == [first, second]
    assert await cancel_all({}) == []
    assert await listed(bob, "order_status=0") == [bobs]
    wrong = await alice.api.post("user/cancel_all_orders", {"market": "x"})
    assert wrong.code == Code.UNKNOWN_MARKET


# Look up.


async def test_orders_are_newest_first_and_only_ones_own(alice: Person, bob: Person) -> None:
    mine = [await alice.place("buy", 1, 2000) for _ in range(3)]
    await bob.place("buy", 1, 2000)
    assert await listed(alice) == mine[::-1]


async def test_orders_are_paged_below_a_cursor(alice: Person) -> None:
    ids = [await alice.place("buy", 1, 2000) for _ in range(5)][::-1]
    for query, expected, more in (
        ("limit=2", ids[:2], True),
        (f"limit=2&cursor={ids[1]}", ids[2:4], True),
        (f"limit=2&cursor={ids[3]}", ids[4:], False),
        ("limit=5", ids, False),
        ("cursor=-1&limit=4", ids[:4], True),
        ("cursor=0", [], False),
    ):
        answer = await alice.api.get(f"user/orders?{query}")
        assert [int(order["order_id"]) for order in answer.data["orders"]] == expected
        assert answer.data["hasMore"] is more


async def test_orders_are_50_by_default_and_200_at_most(alice: Person) -> None:
    item = {"market": "btc-cny", "type": "buy", "price": 1000, "amount": "0.01"}
    for _ in range(21):
        await alice.submit(*[item] * 10)
    assert len(await listed(alice)) == 50
    assert len(await listed(alice, "limit=1000")) == 200


async def test_orders_are_filtered_by_market_and_by_their_exact_status(
    alice: Person, bob: Person
) -> None:
    opened = await alice.place("buy", 1, 1900)
    filled = await alice.place("buy", 1, 2000)
    partly = await alice.place("buy", 1, 2000)
    await bob.place("sell", "1.5", 2000)
    canceled = await alice.place("buy", 1, 1900)
    partly_canceled = await alice.place("sell", 1, 2050)
    await bob.place("buy", "0.5", 2050)
    await cancel(alice, canceled, partly_canceled)
    ltc = await alice.place("buy", 1, "0.01", market="ltc-btc")
    assert await listed(alice, "order_status=0") == [ltc, opened]
    assert await listed(alice, "order_status=1") == [filled]
    assert await listed(alice, "order_status=2") == [partly]
    assert await listed(alice, "order_status=3") == [partly_canceled, canceled]
    assert await listed(alice, "market=LTC-btc") == [ltc]
    assert await listed(alice, "market=btc-cny&order_status=0") == [opened]


async def test_ids_override_all_other_filters_and_leave_out_what_is_not_ones_own(
    alice: Person, bob: Person
) -> None:
    first, second = await alice.place("buy", 1, 2000), await alice.place("buy", 1, 2000)
    bobs = await bob.place("buy", 1, 2000)
    ids = f"ids={first},{bobs},{second},12345,{10**30}"
    assert await listed(alice, ids) == [second, first]
    assert await listed(alice, f"{ids}&order_status=3&limit=1&cursor=0&market=ltc-btc") == [
        second,
        first,
    ]
    assert await listed(alice, f"ids={bobs}") == []


async def test_wrong_filters_are_named(alice: Person) -> None:
    for query, code in (
        ("order_status=4", Code.BAD_PARAMETER),
        ("order_status=-1", Code.BAD_PARAMETER),
        ("order_status=x", Code.BAD_PARAMETER),
        ("ids=", Code.BAD_PARAMETER),
        ("ids=1,x", Code.BAD_PARAMETER),
        ("ids=" + ",".join(map(str, range(201))), Code.BAD_PARAMETER),
        ("limit=0", Code.BAD_PARAMETER),
        ("cursor=-2", Code.BAD_PARAMETER),
        ("status=1", Code.BAD_PARAMETER),
        ("market=btc-usd", Code.UNKNOWN_MARKET),
    ):
        answer = await alice.api.get(f"user/orders?{query}")
        assert answer.code == code, query
        assert query.partition("=")[0] in answer.message or code == Code.UNKNOWN_MARKET


async def test_the_timestamp_is_that_of_the_last_change(
    exchange: Exchange, alice: Person, bob: Person
) -> None:
    assert (await alice.api.get("user/orders")).data["timestamp"] == 0
    await alice.place("buy", 1, 2000)
    await alice.place("buy", 1, 1900)
    exchange.clock.now_ms += 1234
    await bob.place("sell", "0.5", 2000)
    answer = await alice.api.get("user/orders")
    assert answer.data["timestamp"] == exchange.clock.now_ms
    assert [order["last_updated_ms"] - order["created_ms"] for order in answer.data["orders"]] == [
        0,
        1234,
    ]
