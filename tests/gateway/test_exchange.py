"""What the exchange says of itself."""

from decimal import Decimal

import pytest

import coinport
from coinport.gateway.errors import Code
from coinport.gateway.ratelimit import Limit, Limits
from coinport.model.commands import SetMarketFees, SetMarketState, SetPriceBand
from coinport.model.trading import MarketState
from coinport.model.units import MarketId
from tests.gateway.conftest import Running
from tests.gateway.exchange import Exchange

pytestmark = pytest.mark.anyio


async def test_markets_and_currencies_are_listed_with_their_rules(exchange: Exchange) -> None:
    data = (await exchange.api.get("exchange_info")).data
    assert len(data["markets"]) == 14
    assert data["markets"]["BTC-CNY"] == {
        "base": "BTC",
        "quote": "CNY",
        "price_decimals": 4,
        "amount_decimals": 4,
        "minimum_value": 1,
        "minimum_reference": "",
        "maker_fee": 0,
        "taker_fee": 0,
        "price_band": 0,
        "state": "open",
    }
    doge = data["markets"]["DOGE-BTC"]
    assert (doge["price_decimals"], doge["amount_decimals"]) == (8, 0)
    assert (doge["minimum_value"], doge["minimum_reference"]) == (0.001, "BTC-CNY")
    assert data["markets"]["GOOC-CNY"]["maker_fee"] == 0.001
    assert len(data["currencies"]) == 12
    assert data["currencies"]["XRP"] == {
        "decimals": 6,
        "kind": "chain",
        "confirmations": 1,
        "minimum_deposit": Decimal("0.000001"),
        "minimum_withdrawal": 10,
        "withdrawal_fee": 1,
        "withdrawal_day_max": 100_000,
        "withdrawal_fee_rate": 0,
        "withdrawal_fee_rate_from": 0,
        "withdrawal_confirmations": 1,
        "memo": True,
        "simulated": True,
        "connected": True,
    }
    cny = data["currencies"]["CNY"]
    assert (cny["kind"], cny["confirmations"], cny["simulated"]) == ("fiat", 0, False)
    assert (cny["withdrawal_fee"], cny["withdrawal_fee_rate"]) == (2, 0.004)
    assert cny["withdrawal_fee_rate_from"] == 500
    assert (data["currencies"]["GOOC"]["kind"], data["currencies"]["BTC"]["memo"]) == (
        "off_chain",
        False,
    )


async def test_a_change_of_the_rules_is_seen_at_once(exchange: Exchange) -> None:
    market = MarketId(1)
    await exchange.tell(SetMarketFees(market, 1_000, 2_500, "tests", "why not"))
    await exchange.tell(SetPriceBand(market, 100_000, "tests", "why not"))
    await exchange.tell(SetMarketState(market, MarketState.CANCEL_ONLY, "tests", "why not"))
    listed = (await exchange.api.get("exchange_info")).data["markets"]["BTC-CNY"]
    figures = {name: listed[name] for name in ("maker_fee", "taker_fee", "price_band", "state")}
    assert figures == {
        "maker_fee": 0.001,
        "taker_fee": 0.0025,
        "price_band": 0.1,
        "state": "cancel_only",
    }


async def test_where_nothing_is_limited_that_is_published(exchange: Exchange) -> None:
    none = (await exchange.api.get("exchange_info")).data["rate_limits"]
    assert none == {"public": None, "private": None}


async def test_published_rate_limits_are_those_in_force(run_exchange: Running) -> None:
    limits = Limits(public=Limit(2.5, 20), private=Limit(50, 200))
    async with run_exchange(limits=limits) as exchange:
        assert (await exchange.api.get("exchange_info")).data["rate_limits"] == {
            "public": {"per_second": 2.5, "burst": 20},
            "private": {"per_second": 50, "burst": 200},
        }


async def test_the_time_is_the_servers(exchange: Exchange) -> None:
    answer = await exchange.api.get("time")
    assert answer.data == {"time": exchange.clock.now_ms}
    assert f'"time":{exchange.clock.now_ms},"data"' in answer.text


async def test_the_status_says_whether_the_exchange_may_be_used(exchange: Exchange) -> None:
    status = {
        "ready": True,
        "version": coinport.__version__,
        "engine": "python",
        "sequence": exchange.services.feed.last,
        "demo": False,
    }
    assert (await exchange.api.get("status")).data == status
    assert (await exchange.api.get("ready")).data == {"alive": True}
    exchange.ready = False
    assert (await exchange.api.get("status")).data == status | {"ready": False}
    not_ready = await exchange.api.get("ready")
    assert (not_ready.status, not_ready.code) == (503, Code.INTERNAL_ERROR)
    assert (await exchange.api.get("live")).data == {"alive": True}
