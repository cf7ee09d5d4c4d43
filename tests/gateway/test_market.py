"""Market data over HTTP."""

from decimal import Decimal

import pytest

from coinport.gateway.errors import Code
from coinport.readmodels.candles import CANDLES_MAX, INTERVALS
from tests.gateway.exchange import Exchange, Person

pytestmark = pytest.mark.anyio

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
QUIET = [0, 0, 0, 0, 0, 0]


@pytest.fixture
async def alice(exchange: Exchange) -> Person:
    return await exchange.person("alice", CNY=1_000_000, BTC=1_000, LTC=1_000)


async def trade(person: Person, price: object, amount: object, market: str = "btc-cny") -> None:
    """With himself."""
    await person.place("sell", amount, price, market=market)
    await person.place("buy", amount, price, market=market)


# Depth.


async def test_depth_is_summed_by_price_with_the_best_first(
    exchange: Exchange, alice: Person
) -> None:
    await alice.place("buy", "0.5", "2000")
    await alice.place("buy", "0.25", "2000")
    await alice.place("buy", "1", "2000.5")
    await alice.place("sell", "0.1", "2010.1234")
    exchange.clock.now_ms += 5
    await alice.place("sell", "0.2", "2009")
    answer = await exchange.api.get("btc-cny/depth")
    assert answer.data == {
        "asks": [[2009, 0.2], [2010.1234, 0.1]],
        "bids": [[2000.5, 1], [2000, 0.75]],
        "sequence": 5,
        "timestamp": exchange.clock.now_ms,
    }


async def test_depth_follows_the_book_at_once(exchange: Exchange, alice: Person) -> None:
    order = await alice.place("buy", 1, 2000)
    first = await exchange.api.get("btc-cny/depth")
    assert first.data["bids"] == [[2000, 1]]
    assert (await exchange.api.get("btc-cny/depth")).data == first.data
    await alice.place("sell", "0.4", 2000)
    assert (await exchange.api.get("btc-cny/depth")).data["bids"] == [[2000, 0.6]]
    await alice.api.post("user/cancel_orders", {"order_ids": [order]})
    last = await exchange.api.get("btc-cny/depth")
    assert last.data["bids"] == []
    assert last.data["sequence"] == first.data["sequence"] + 2


async def test_depth_has_as_many_levels_as_wanted_and_at_most_200(
    exchange: Exchange, alice: Person
) -> None:
    for first in range(0, 210, 10):
        items = [
            {"market": "btc-cny", "type": "buy", "amount": "0.01", "price": 1000 + first + number}
            for number in range(10)
        ]
        assert all(result["order_id"] for result in await alice.submit(*items))

    async def bids(query: str) -> list[list[int]]:
        return list((await exchange.api.get(f"btc-cny/depth{query}")).data["bids"])

    assert len(await bids("")) == 100
    assert len(await bids("?limit=201")) == 200
    assert len(await bids("?limit=99999999999999999999")) == 200
    assert [price for price, _ in await bids("?limit=2")] == [1209, 1208]


async def test_figures_come_as_strings_to_those_who_ask(exchange: Exchange, alice: Person) -> None:
    await alice.place("buy", "0.5", "2000.10")
    plain = await exchange.api.get("btc-cny/depth")
    assert '"bids":[[2000.1,0.5]]' in plain.text
    for value in ("string", "STRING"):
        quoted = await exchange.api.get("btc-cny/depth", x_number_format=value)
        assert '"bids":[["2000.1","0.5"]]' in quoted.text
    other = await exchange.api.get("btc-cny/depth", x_number_format="number")
    assert other.data == plain.data


async def test_small_figures_have_no_exponent(exchange: Exchange, alice: Person) -> None:
    await exchange.person("bob")
    await alice.credit("DOGE", 1_000_000)
    await alice.place("sell", 100_000, "0.00000123", market="doge-btc")
    answer = await exchange.api.get("doge-btc/depth")
    assert '"asks":[[0.00000123,100000]]' in answer.text
    assert answer.data["asks"] == [[Decimal("0.00000123"), 100_000]]


async def test_a_wrong_limit_is_refused(exchange: Exchange) -> None:
    wrong = ["limit=0", "limit=-1", "limit=x", "limit=1.5", "limit=", "limit=1&limit=2", "other=1"]
    for path in ("btc-cny/depth", "btc-cny/trades"):
        for query in wrong:
            answer = await exchange.api.get(f"{path}?{query}")
            assert answer.code == Code.BAD_PARAMETER, query
            assert query.partition("=")[0] in answer.message


# Names.


async def test_a_market_is_named_in_any_case_and_by_its_alias(exchange: Exchange) -> None:
    for name in ("blk-btc", "BLK-BTC", "bc-btc", "Bc-Btc"):
        assert (await exchange.api.get(f"{name}/ticker")).data == {"BLK-BTC": QUIET}


async def test_an_unknown_market_is_refused(exchange: Exchange) -> None:
    for name in ("btc-btc", "cny-btc", "btc", "x", "btc%2Dusd", "-", "％"):
        for what in ("ticker", "depth", "trades", "kline"):
            answer = await exchange.api.get(f"{name}/{what}")
            assert (answer.status, answer.code) == (200, Code.UNKNOWN_MARKET), (name, what)
    assert "x-y" in (await exchange.api.get("x-y/ticker")).message


# Tickers.


async def test_a_ticker_has_bid_ask_high_low_last_and_volume(
    exchange: Exchange, alice: Person
) -> None:
    for price in ("2000", "2100.5", "1990.25"):
        await trade(alice, price, "0.5")
    await alice.place("buy", 1, 1980)
    await alice.place("sell", 1, 2200)
    ticker = [1980, 2200, 2100.5, 1990.25, 1990.25, 1.5]
    assert (await exchange.api.get("btc-cny/ticker")).data == {"BTC-CNY": ticker}
    assert (await exchange.api.get("tickers")).data["BTC-CNY"] == ticker


async def test_all_markets_have_a_ticker_traded_or_not(exchange: Exchange) -> None:
    tickers = (await exchange.api.get("tickers")).data
    assert len(tickers) == 14
    assert set(map(tuple, tickers.values())) == {tuple(QUIET)}
    cny = (await exchange.api.get("cny/tickers")).data
    btc = (await exchange.api.get("BTC/tickers")).data
    assert (len(cny), len(btc)) == (5, 9)
    assert tickers == cny | btc


async def test_the_24_hours_of_a_ticker_go_by_without_a_trade(
    exchange: Exchange, alice: Person
) -> None:
    await trade(alice, 2000, 1)
    exchange.clock.now_ms += HOUR
    await trade(alice, 1000, 2)

    async def ticker() -> list[object]:
        return list((await exchange.api.get("btc-cny/ticker")).data["BTC-CNY"])

    exchange.clock.now_ms += DAY - HOUR - 1
    assert await ticker() == [0, 0, 2000, 1000, 1000, 3]
    exchange.clock.now_ms += 1
    assert await ticker() == [0, 0, 1000, 1000, 1000, 2]
    exchange.clock.now_ms += HOUR
    assert await ticker() == [0, 0, 0, 0, 1000, 0]


async def test_tickers_are_of_cny_or_btc_only(exchange: Exchange) -> None:
    for currency in ("ltc", "gooc", "bc"):
        answer = await exchange.api.get(f"{currency}/tickers")
        assert (answer.code, "currency" in answer.message) == (Code.BAD_PARAMETER, True)
    for currency in ("usd", "btc-cny"):
        answer = await exchange.api.get(f"{currency}/tickers")
        assert (answer.code, currency in answer.message) == (Code.UNKNOWN_CURRENCY, True)


# Trades.


async def test_trades_are_newest_first_with_the_takers_order_and_side(
    exchange: Exchange, alice: Person
) -> None:
    await alice.place("sell", 1, 2000)
    buy = await alice.place("buy", "0.25", 2000)
    exchange.clock.now_ms += 10
    await alice.place("buy", 1, "1999.5")
    sell = await alice.place("sell", "0.5", 1999)
    now = exchange.clock.now_ms
    assert (await exchange.api.get("btc-cny/trades")).data == {
        "timestamp": now,
        "hasMore": False,
        "market": "BTC-CNY",
        "trades": [
            {
                "trade_id": 1_000_000_000_002,
                "order_id": sell,
                "taker": "sell",
                "price": 1999.5,
                "amount": 0.5,
                "timestamp": now,
            },
            {
                "trade_id": 1_000_000_000_001,
                "order_id": buy,
                "taker": "buy",
                "price": 2000,
                "amount": 0.25,
                "timestamp": now - 10,
            },
        ],
    }


async def test_a_market_that_never_traded_has_no_trades(exchange: Exchange) -> None:
    assert (await exchange.api.get("zet-btc/trades")).data == {
        "timestamp": 0,
        "hasMore": False,
        "market": "ZET-BTC",
        "trades": [],
    }


async def test_trades_are_paged_below_a_cursor(exchange: Exchange, alice: Person) -> None:
    await alice.place("sell", 1, 2000)
    for _ in range(5):
        await alice.place("buy", "0.2", 2000)

    async def page(query: str) -> tuple[list[int], bool]:
        data = (await exchange.api.get(f"btc-cny/trades?{query}")).data
        return [trade["trade_id"] % 100 for trade in data["trades"]], data["hasMore"]

    assert await page("limit=2") == ([5, 4], True)
    assert await page("limit=2&cursor=-1") == ([5, 4], True)
    assert await page("limit=2&cursor=1000000000004") == ([3, 2], True)
    assert await page("limit=1&cursor=1000000000002") == ([1], False)
    assert await page("limit=5") == ([5, 4, 3, 2, 1], False)
    assert await page("limit=4") == ([5, 4, 3, 2], True)
    assert await page("cursor=0") == ([], False)
    assert await page("cursor=99999999999999999999999") == ([5, 4, 3, 2, 1], False)


async def test_trades_are_100_by_default_and_200_at_most(exchange: Exchange, alice: Person) -> None:
    await alice.place("sell", 3, 2000)
    item = {"market": "btc-cny", "type": "buy", "price": 2000, "amount": "0.01"}
    for _ in range(21):
        await alice.submit(*[item] * 10)
    for query, count in (("", 100), ("?limit=1000", 200)):
        data = (await exchange.api.get(f"btc-cny/trades{query}")).data
        assert (len(data["trades"]), data["hasMore"]) == (count, True)


async def test_a_wrong_cursor_is_refused(exchange: Exchange) -> None:
    for cursor in ("-2", "x", "1.5", ""):
        answer = await exchange.api.get(f"btc-cny/trades?cursor={cursor}")
        assert (answer.code, "cursor" in answer.message) == (Code.BAD_PARAMETER, True)


# Candles.


async def test_candles_ascend_and_the_empty_ones_are_filled(
    exchange: Exchange, alice: Person
) -> None:
    exchange.clock.now_ms += DAY - exchange.clock.now_ms % DAY
    start = exchange.clock.now_ms // 1000
    for price in (2000, 2100, 1900, 1950):
        await trade(alice, price, "0.5")
    exchange.clock.now_ms += 3 * MINUTE
    await trade(alice, 2050, 1)
    exchange.clock.now_ms += MINUTE
    answer = await exchange.api.get("btc-cny/kline?interval=1m")
    assert answer.data["items"] == [
        [start, 2000, 2100, 1900, 1950, 2],
        [start + 60, 1950, 1950, 1950, 1950, 0],
        [start + 120, 1950, 1950, 1950, 1950, 0],
        [start + 180, 2050, 2050, 2050, 2050, 1],
        [start + 240, 2050, 2050, 2050, 2050, 0],
    ]


async def test_start_is_exclusive_and_end_inclusive_in_seconds_or_milliseconds(
    exchange: Exchange, alice: Person
) -> None:
    exchange.clock.now_ms += DAY - exchange.clock.now_ms % DAY
    start = exchange.clock.now_ms // 1000
    await trade(alice, 2000, 1)
    exchange.clock.now_ms += 10 * MINUTE

    async def minutes(query: str) -> list[int]:
        answer = await exchange.api.get(f"btc-cny/kline?interval=1m&{query}")
        return [(item[0] - start) // 60 for item in answer.data["items"]]

    assert await minutes(f"start={start + 120}&end={start + 240}") == [3, 4]
    assert await minutes(f"start={start + 119}&end={start + 239}") == [2, 3]
    assert await minutes(f"start={start * 1000 + 120_000}&end={start * 1000 + 240_000}") == [3, 4]
    assert await minutes(f"start={start + 240}&end={start + 240}") == []
    assert await minutes(f"start={start + 500}&end=0") == []
    assert await minutes(f"end={start - 1}") == []
    assert await minutes("end=99999999999999999999") == list(range(11))
    assert await minutes("start=99999999999999999999") == []


async def test_every_interval_is_on_the_utc_grid(exchange: Exchange, alice: Person) -> None:
    await trade(alice, 2000, 1)
    for name, seconds in INTERVALS.items():
        ((start, *_),) = (await exchange.api.get(f"btc-cny/kline?interval={name}")).data["items"]
        assert start % seconds == 0
        assert 0 <= exchange.clock.now_ms // 1000 - start < seconds


async def test_five_minutes_is_the_default(exchange: Exchange, alice: Person) -> None:
    await trade(alice, 2000, 1)
    plain = await exchange.api.get("btc-cny/kline")
    assert plain.data == (await exchange.api.get("btc-cny/kline?interval=5m")).data


async def test_there_are_at_most_2000_candles_the_newest(exchange: Exchange, alice: Person) -> None:
    await trade(alice, 2000, 1)
    exchange.clock.now_ms += 3000 * MINUTE
    items = (await exchange.api.get("btc-cny/kline?interval=1m")).data["items"]
    assert len(items) == CANDLES_MAX
    assert items[-1][0] == exchange.clock.now_ms // MINUTE * 60


async def test_a_market_that_never_traded_has_no_candles(exchange: Exchange) -> None:
    assert (await exchange.api.get("btc-cny/kline")).data == {"items": []}


async def test_a_wrong_interval_or_moment_is_refused(exchange: Exchange) -> None:
    wrong = [
        "interval=2m",
        "interval=5M",
        "interval=",
        "start=-1",
        "start=x",
        "start=1.5",
        "end=-1",
    ]
    for query in wrong:
        answer = await exchange.api.get(f"btc-cny/kline?{query}")
        assert answer.code == Code.BAD_PARAMETER, query
        assert query.partition("=")[0] in answer.message
