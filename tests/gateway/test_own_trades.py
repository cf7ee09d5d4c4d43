"""The caller's own trades, over HTTP."""

import pytest

from coinport.gateway.errors import Code
from coinport.model.commands import SetMarketFees
from coinport.model.units import MarketId
from tests.gateway.exchange import Exchange, Person

pytestmark = pytest.mark.anyio


async def listed(person: Person, query: str = "") -> list[int]:
    answer = await person.api.get("user/trades" + (query and f"?{query}"))
    assert answer.code == 0, answer.message
    return [trade["trade_id"] for trade in answer.data["trades"]]


async def test_each_side_sees_a_trade_from_its_own(
    exchange: Exchange, alice: Person, bob: Person
) -> None:
    await exchange.tell(SetMarketFees(MarketId(1), 1_000, 2_000, "tests", "why not"))
    sell = await alice.place("sell", 1, "2000.5")
    buy = await bob.place("buy", "0.5", 2001)
    same = {
        "trade_id": 1_000_000_000_001,
        "market": "BTC-CNY",
        "taker": "buy",
        "price": 2000.5,
        "amount": 0.5,
        "value": 1000.25,
        "timestamp": exchange.clock.now_ms,
    }
    alices = {"order_id": sell, "type": "sell", "role": "maker"}
    assert (await alice.api.get("user/trades")).data == {
        "timestamp": exchange.clock.now_ms,
        "hasMore": False,
        "trades": [same | alices | {"fee": 1.00025, "fee_currency": "CNY"}],
    }
    bobs = {"order_id": buy, "type": "buy", "role": "taker", "fee": 0.001, "fee_currency": "BTC"}
    assert (await bob.api.get("user/trades")).data["trades"] == [same | bobs]


async def test_a_trade_with_oneself_is_two_rows(alice: Person) -> None:
    sell, buy = await alice.place("sell", 1, 2000), await alice.place("buy", 1, 2000)
    rows = (await alice.api.get("user/trades")).data["trades"]
    assert [(row["role"], row["type"], row["order_id"]) for row in rows] == [
        ("taker", "buy", buy),
        ("maker", "sell", sell),
    ]
    assert rows[0]["trade_id"] == rows[1]["trade_id"]


async def test_trades_are_paged_and_filtered(
    exchange: Exchange, alice: Person, bob: Person
) -> None:
    carol = await exchange.person("carol")
    await alice.place("sell", 1, 2000)
    for _ in range(4):
        await bob.place("buy", "0.25", 2000)
    await bob.place("buy", 1, "0.01", market="ltc-btc")
    await alice.credit("LTC", 5)
    await alice.place("sell", 1, "0.01", market="ltc-btc")
    ids = await listed(alice)
    assert len(ids) == 5
    assert ids == sorted(ids, reverse=True)
    assert await listed(bob) == ids
    assert await listed(carol) == []
    assert await listed(alice, "limit=2") == ids[:2]
    assert await listed(alice, f"limit=2&cursor={ids[1]}") == ids[2:4]
    assert await listed(alice, "market=LTC-BTC") == ids[:1]
    assert await listed(alice, f"ids={ids[4]},{ids[0]},7&market=btc-cny&limit=1") == [
        ids[0],
        ids[4],
    ]
    assert await listed(carol, f"ids={ids[0]}") == []
    more = [(await alice.api.get(f"user/trades?limit={limit}")).data["hasMore"] for limit in (4, 5)]
    assert more == [True, False]


async def test_trades_are_100_by_default_and_200_at_most(alice: Person, bob: Person) -> None:
    await alice.place("sell", 5, 2000)
    item = {"market": "btc-cny", "type": "buy", "price": 2000, "amount": "0.01"}
    for _ in range(21):
        await bob.submit(*[item] * 10)
    assert len(await listed(bob)) == 100
    assert len(await listed(bob, "limit=1000")) == 200


async def test_wrong_filters_are_named(alice: Person) -> None:
    for query, code in (
        ("ids=x", Code.BAD_PARAMETER),
        ("limit=-1", Code.BAD_PARAMETER),
        ("cursor=x", Code.BAD_PARAMETER),
        ("order_status=1", Code.BAD_PARAMETER),
        ("market=", Code.UNKNOWN_MARKET),
    ):
        answer = await alice.api.get(f"user/trades?{query}")
        assert answer.code == code, query
