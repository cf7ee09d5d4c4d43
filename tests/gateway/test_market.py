"""Market data over HTTP."""

import pytest

from tests.gateway.exchange import Exchange

pytestmark = pytest.mark.anyio


async def test_depth_is_summed_by_price_with_the_best_first(exchange: Exchange) -> None:
    alice = await exchange.person("alice", CNY=100_000, BTC=10)
    await alice.place("buy", "0.5", "2000")
    await alice.place("buy", "0.25", "2000")
    await alice.place("buy", "1", "2000.5")
    await alice.place("sell", "0.1", "2010.1234")
    await alice.place("sell", "0.2", "2009")
    answer = await exchange.api.get("btc-cny/depth")
    assert answer.data["asks"] == [[2009, 0.2], [2010.1234, 0.1]]
