"""A statement over HTTP."""

from decimal import Decimal

import pytest

from coinport.gateway.errors import Code
from tests.gateway.exchange import Exchange, Person

pytestmark = pytest.mark.anyio


async def test_a_statement_says_what_the_total_came_from(
    exchange: Exchange, alice: Person, bob: Person
) -> None:
    await alice.place("sell", 2, 100)
    exchange.clock.now_ms += 1000
    await bob.place("buy", 0.5, 100)
    await bob.deposit("BTC", 7, "BTC:tx:0")
    answer = (await bob.api.get("user/statement?currency=cny")).data
    assert (answer["currency"], answer["hasMore"]) == ("CNY", False)
    trade, credit = answer["entries"]
    assert answer["timestamp"] == trade["timestamp"] == exchange.clock()
    assert (credit["type"], credit["change"], credit["balance"]) == ("credit", 1e6, 1e6)
    assert (trade["type"], trade["change"], trade["balance"]) == ("trade", -50, 999_950)
    assert trade["market"] == "BTC-CNY"
    own = (await bob.api.get("user/trades")).data["trades"]
    assert trade["trade_id"] == own[0]["trade_id"]
    balance = (await bob.api.get("user/balance")).data
    assert balance["CNY"][3] == trade["balance"]
    deposit = (await bob.api.get("user/statement?currency=btc")).data["entries"][0]
    assert (deposit["type"], deposit["change"], deposit["trade_id"]) == ("deposit", 7, 0)
    assert deposit["balance"] == balance["BTC"][3] == 1007.5
    listed = (await bob.api.get("user/deposits")).data["deposits"]
    assert deposit["transfer_id"] == listed[0]["id"]


async def test_what_is_only_set_aside_is_no_entry(exchange: Exchange, alice: Person) -> None:
    await alice.place("sell", 2, 100)
    entries = (await alice.api.get("user/statement?currency=BTC")).data["entries"]
    assert [(each["type"], each["balance"]) for each in entries] == [("credit", 1000)]


async def test_a_statement_is_paged_and_cut_by_time(
    exchange: Exchange, alice: Person, bob: Person
) -> None:
    await alice.place("sell", 10, 100)
    times = []
    for _ in range(4):
        exchange.clock.now_ms += 1000
        times.append(exchange.clock())
        await bob.place("buy", 1, 100)
    whole = (await alice.api.get("user/statement?currency=BTC")).data["entries"]
    first = (await alice.api.get("user/statement?currency=BTC&limit=2")).data
    assert first["hasMore"] is True
    cursor = first["entries"][-1]["id"]
    rest = (await alice.api.get(f"user/statement?currency=BTC&cursor={cursor}")).data
    assert first["entries"] + rest["entries"] == whole
    path = f"user/statement?currency=BTC&start={times[1]}&end={times[2]}"
    assert (await alice.api.get(path)).data["entries"] == whole[1:3]


async def test_figures_come_as_strings_where_asked_for(exchange: Exchange, alice: Person) -> None:
    await alice.place("sell", "0.00010000", 100_000)
    bob = await exchange.person("bob", CNY=100)
    await bob.place("buy", "0.0001", 100_000)
    path = "user/statement?currency=btc&limit=1"
    (entry,) = (await alice.api.get(path, x_number_format="string")).data["entries"]
    assert entry["change"] == "-0.0001"
    assert Decimal(entry["balance"]) == Decimal("999.9999")


async def test_a_statement_is_ones_own_and_names_what_cannot_be(
    exchange: Exchange, alice: Person, bob: Person
) -> None:
    assert (await exchange.api.get("user/statement?currency=btc")).code == Code.NOT_AUTHENTICATED
    for query, code, named in [
        ("", Code.MISSING_PARAMETER, "currency"),
        ("?currency=XXX", Code.UNKNOWN_CURRENCY, "XXX"),
        ("?currency=btc&cursor=1-2-3", Code.BAD_PARAMETER, "cursor"),
        ("?currency=btc&cursor=" + "9" * 19, Code.BAD_PARAMETER, "cursor"),
        ("?currency=btc&limit=0", Code.BAD_PARAMETER, "limit"),
        ("?currency=btc&start=-1", Code.BAD_PARAMETER, "start"),
        ("?currency=btc&end=99999999999999999999", Code.BAD_PARAMETER, "end"),
    ]:
        answer = await alice.api.get("user/statement" + query)
        assert (answer.code, named in answer.message) == (code, True), (query, answer.message)
