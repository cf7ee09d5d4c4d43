"""Sparklines over HTTP."""

import pytest

from coinport.gateway.errors import Code
from tests.gateway.exchange import Exchange, Person

pytestmark = pytest.mark.anyio

HOUR_MS = 60 * 60 * 1000


async def test_every_market_has_its_latest_closing_prices(
    exchange: Exchange, alice: Person, bob: Person
) -> None:
    exchange.clock.now_ms += HOUR_MS - exchange.clock() % HOUR_MS
    for price, hours in ((100, 1), (90, 2), (95, 0)):
        await alice.place("sell", 1, price)
        await bob.place("buy", 1, price)
        exchange.clock.now_ms += hours * HOUR_MS
    answer = (await exchange.api.get("sparklines")).data
    listed = (await exchange.api.get("exchange_info")).data["markets"]
    assert answer["markets"].keys() == listed.keys()
    assert answer["markets"]["BTC-CNY"] == [100, 90, 90, 95]
    assert answer["markets"]["LTC-CNY"] == []
    assert answer["interval_ms"] == HOUR_MS
    assert answer["timestamp"] == exchange.clock() // HOUR_MS * HOUR_MS
    short = (await exchange.api.get("sparklines?points=2")).data
    assert short["markets"]["BTC-CNY"] == [90, 95]


async def test_an_interval_that_there_is_not_is_refused(exchange: Exchange) -> None:
    answer = await exchange.api.get("sparklines?interval=7m")
    assert (answer.code, "interval" in answer.message) == (Code.BAD_PARAMETER, True)
