"""Submitting orders over HTTP: what is accepted, what is refused and how, and the state after."""

from typing import Any

import pytest

from coinport.gateway.errors import Code
from coinport.model.commands import (
    CancelOrder,
    SetMarketFees,
    SetMarketState,
    SetPriceBand,
)
from coinport.model.trading import MarketState
from coinport.model.units import MarketId
from tests.gateway.exchange import Exchange, Person

pytestmark = pytest.mark.anyio

BTC_CNY = MarketId(1)
BUY: dict[str, Any] = {"market": "btc-cny", "type": "buy", "price": 2000, "amount": 1}
SELL = BUY | {"type": "sell"}


@pytest.fixture
async def alice(exchange: Exchange) -> Person:
    return await exchange.person("alice", CNY=100_000, BTC=100)


@pytest.fixture
async def bob(exchange: Exchange) -> Person:
    return await exchange.person("bob", CNY=100_000, BTC=100)


async def one(person: Person, **item: Any) -> dict[str, Any]:
    (result,) = await person.submit(item)
    return dict(result)


async def code_of(person: Person, **changes: Any) -> int:
    """Of `BUY` with changes; None takes a field out. 0: accepted."""
    item = {name: value for name, value in (BUY | changes).items() if value is not None}
    result = await one(person, **item)
    assert (result["order_id"] == 0) == ("code" in result) == ("message" in result)
    return int(result.get("code", 0))


# The state after matching.


async def test_an_order_that_rests_is_answered_with_its_state(
    exchange: Exchange, alice: Person
) -> None:
    result = await one(alice, **BUY | {"price": "2010.30", "client_order_id": "my-1"})
    now = exchange.clock.now_ms
    assert result == {
        "order_id": 10_000_000_001,
        "order": {
            "order_id": "10000000001",
            "type": "buy",
            "status": 0,
            "market": "BTC-CNY",
            "price": 2010.3,
            "amount": 1,
            "value": 0,
            "created": now // 1000,
            "last_updated": now // 1000,
            "created_ms": now,
            "last_updated_ms": now,
            "executed_value": 0,
            "fee": 0,
            "fee_currency": "BTC",
            "client_order_id": "my-1",
            "order_type": "limit",
            "time_in_force": "gtc",
            "post_only": False,
            "stop_price": 0,
            "self_trade_prevention": "none",
            "reason": "",
        },
    }


async def test_what_trades_at_once_is_in_the_answer_and_orders_agree(
    exchange: Exchange, alice: Person, bob: Person
) -> None:
    await exchange.tell(SetMarketFees(BTC_CNY, 1_000, 2_000, "tests", "why not"))
    await bob.place("sell", "0.4", 2000)
    await bob.place("sell", "0.4", "2001.5")
    order = (await one(alice, **BUY | {"price": 2002}))["order"]
    assert (order["status"], order["value"], order["executed_value"]) == (2, 0.8, 1600.6)
    assert (order["fee"], order["fee_currency"]) == (0.0016, "BTC")
    assert (await alice.api.get("user/orders")).data["orders"] == [order]
    filled = (await one(bob, **SELL | {"price": 2000, "amount": "0.2"}))["order"]
    assert (filled["status"], filled["value"], filled["fee"]) == (1, 0.2, 0.8008)
    assert filled["fee_currency"] == "CNY"


async def test_an_immediate_order_says_why_its_rest_was_canceled(
    alice: Person, bob: Person
) -> None:
    await bob.place("sell", "0.4", 2000)
    order = (await one(alice, **BUY | {"time_in_force": "IOC"}))["order"]
    assert (order["status"], order["value"], order["reason"]) == (3, 0.4, "immediate_or_cancel")
    assert order["time_in_force"] == "ioc"


async def test_a_market_order_takes_what_is_there(alice: Person, bob: Person) -> None:
    await bob.place("sell", "0.5", 2000)
    order = (await one(alice, market="btc-cny", type="buy", order_type="market", amount="0.25"))[
        "order"
    ]
    assert (order["status"], order["price"], order["executed_value"]) == (1, 0, 500)
    assert order["order_type"] == "market"
    by_value = (await one(alice, market="btc-cny", type="buy", order_type="MARKET", value=400))[
        "order"
    ]
    assert (by_value["status"], by_value["value"], by_value["executed_value"]) == (1, 0.2, 400)


async def test_a_stop_order_waits_for_its_price(alice: Person, bob: Person) -> None:
    order = (await one(alice, **BUY | {"stop_price": "2100.5", "price": 2200}))["order"]
    assert (order["status"], order["stop_price"]) == (0, 2100.5)
    await bob.place("sell", 5, "2100.5")
    assert (await alice.api.get("user/orders")).data["orders"][0]["status"] == 0
    await bob.place("buy", 1, "2100.5")
    assert (await alice.api.get("user/orders")).data["orders"][0]["status"] == 1


async def test_self_trade_prevention_is_as_the_item_says(alice: Person) -> None:
    await alice.place("sell", 1, 2000)
    order = (await one(alice, **BUY | {"self_trade_prevention": "expire_taker"}))["order"]
    assert (order["status"], order["reason"]) == (3, "self_trade")
    order = (await one(alice, **BUY | {"self_trade_prevention": "none", "amount": "0.5"}))["order"]
    assert order["status"] == 1


async def test_figures_come_as_strings_to_those_who_ask(alice: Person) -> None:
    answer = await alice.api.post("user/submit_orders", {"orders": [BUY]}, x_number_format="string")
    order = answer.data["results"][0]["order"]
    assert (order["price"], order["amount"], order["fee"]) == ("2000", "1", "0")
    assert answer.data["results"][0]["order_id"] == 10_000_000_001


# Many at once.


async def test_a_bad_item_spoils_nothing_and_results_are_in_order(alice: Person) -> None:
    results = await alice.submit(
        BUY,
        "nonsense",
        BUY | {"price": -1},
        BUY | {"market": "btc-usd"},
        {},
        BUY | {"amount": 1_000_000},
        BUY | {"price": "0.5", "amount": "0.1"},
        SELL | {"price": 2100},
    )
    assert [result.get("code", 0) for result in results] == [
        0,
        Code.BAD_PARAMETER,
        Code.BAD_PARAMETER,
        Code.UNKNOWN_MARKET,
        Code.MISSING_PARAMETER,
        Code.INSUFFICIENT_BALANCE,
        Code.BELOW_MINIMUM,
        0,
    ]
    assert [result["order_id"] > 0 for result in results] == [True, *[False] * 6, True]


async def test_a_figure_that_is_a_bomb_spoils_its_own_item_only(alice: Person) -> None:
    good = '{"market":"btc-cny","type":"buy","price":2000,"amount":1}'
    bombs = [good.replace("2000", bomb) for bomb in ("1e999999999", "1e999", "9" * 5_000, '"NaN"')]
    body = f'{{"orders":[{",".join([good, *bombs, good])}]}}'.encode()
    answer = await alice.api.send("POST", "user/submit_orders", body)
    codes = [result.get("code", 0) for result in answer.data["results"]]
    assert codes == [0, *[Code.BAD_PARAMETER] * 4, 0]


async def test_ten_orders_are_taken_and_eleven_are_not(alice: Person) -> None:
    item = BUY | {"price": 1000, "amount": "0.1"}
    assert len({result["order_id"] for result in await alice.submit(*[item] * 10)} - {0}) == 10
    for orders in ([item] * 11, []):
        answer = await alice.api.post("user/submit_orders", {"orders": orders})
        assert (answer.code, "orders" in answer.message) == (Code.BAD_PARAMETER, True)
    assert len((await alice.api.get("user/orders")).data["orders"]) == 10


async def test_the_body_must_be_as_declared(alice: Person) -> None:
    for body, code, named in (
        (None, Code.MISSING_PARAMETER, "orders"),
        ({}, Code.MISSING_PARAMETER, "orders"),
        ({"orders": BUY}, Code.BAD_PARAMETER, "orders"),
        ({"orders": [BUY], "order": 1}, Code.BAD_PARAMETER, "order"),
        ([BUY], Code.BAD_PARAMETER, "body"),
    ):
        answer = await alice.api.post("user/submit_orders", body)
        assert (answer.code, named in answer.message) == (code, True), body


# What an item may say.


async def test_type_and_operation_are_the_same_in_any_case(alice: Person) -> None:
    assert await code_of(alice, type="Buy") == 0
    assert await code_of(alice, type=None, operation="SELL", price=2100) == 0
    assert await code_of(alice, operation="buy") == Code.BAD_PARAMETER
    assert await code_of(alice, type=None) == Code.MISSING_PARAMETER
    for wrong in ("", "b", "bid", 1, None, ["buy"]):
        assert await code_of(alice, type=wrong) in (Code.BAD_PARAMETER, Code.MISSING_PARAMETER)


async def test_figures_may_be_numbers_or_strings(alice: Person) -> None:
    for price in (2000, "2000", "2000.5000", 2000.5, "2e3"):
        assert await code_of(alice, price=price, amount="0.1") == 0, price


async def test_the_parameter_that_is_wrong_is_named(alice: Person) -> None:
    wrong = {
        "market": [1, "", "btc"],
        "type": ["x"],
        "price": [0, -1, "", "x", "1_000", "2000.00001", True, [], "NaN", "１"],
        "amount": [0, -1, "0.00001", "1e30", {}],
        "order_type": ["stop", "", 1],
        "time_in_force": ["gtd", 1],
        "post_only": ["perhaps", 2],
        "client_order_id": ["", "x" * 37, "a b", "订单", "a\n", 1],
        "stop_price": [0, -1, "0.00001"],
        "self_trade_prevention": ["always", ""],
        "value": [1],
        "quantity": [1],
    }
    for name, values in wrong.items():
        for value in values:
            result = await one(alice, **BUY | {name: value})
            code = Code.UNKNOWN_MARKET if name == "market" else Code.BAD_PARAMETER
            assert result["code"] in (code, Code.BAD_PARAMETER), (name, value, result)
            assert name in result["message"] or name == "market", (name, value, result)
    assert (await alice.api.get("user/orders")).data["orders"] == []


async def test_what_an_order_type_needs_is_missing_and_what_it_cannot_use_superfluous(
    alice: Person,
) -> None:
    market = {"order_type": "market", "price": None}
    assert await code_of(alice, price=None) == Code.MISSING_PARAMETER
    assert await code_of(alice, amount=None) == Code.MISSING_PARAMETER
    assert await code_of(alice, market=None) == Code.MISSING_PARAMETER
    assert await code_of(alice, order_type="market") == Code.BAD_PARAMETER
    assert await code_of(alice, **market, amount=None) == Code.MISSING_PARAMETER
    assert await code_of(alice, **market, value=100) == Code.BAD_PARAMETER
    assert await code_of(alice, **market, amount=None, value=1, type="sell") == Code.BAD_PARAMETER
    assert await code_of(alice, **market, post_only=True) == Code.BAD_PARAMETER
    assert await code_of(alice, post_only=True, time_in_force="ioc") == Code.BAD_PARAMETER


async def test_the_decimals_of_the_market_are_the_limit(alice: Person) -> None:
    assert await code_of(alice, price="2000.1234", amount="0.1234") == 0
    assert await code_of(alice, price="2000.12340") == 0
    assert await code_of(alice, price="2000.12345") == Code.BAD_PARAMETER
    doge = {"market": "doge-btc", "price": "0.00001234"}
    assert await code_of(alice, **doge, amount=100_000) == 0
    assert await code_of(alice, **doge, amount="100000.5") == Code.BAD_PARAMETER


# What the rules refuse.


async def test_each_refusal_has_its_code(exchange: Exchange, alice: Person, bob: Person) -> None:
    assert await code_of(alice, amount=51) == Code.INSUFFICIENT_BALANCE
    assert await code_of(alice, type="sell", amount=101) == Code.INSUFFICIENT_BALANCE
    assert await code_of(alice, order_type="market", price=None) == Code.NO_LIQUIDITY
    await bob.place("sell", "0.5", 2000)
    assert await code_of(alice, post_only=True) == Code.POST_ONLY_WOULD_MATCH
    assert await code_of(alice, time_in_force="fok") == Code.NOT_FILLABLE
    await alice.place("buy", "0.5", 2000)
    await exchange.tell(SetPriceBand(BTC_CNY, 100_000, "tests", "why not"))
    assert await code_of(alice, price="1799.9999") == Code.OUTSIDE_PRICE_BAND
    assert await code_of(alice, price=1800) == 0


async def test_an_order_is_worth_one_yuan_exactly(alice: Person) -> None:
    assert await code_of(alice, price="0.9999", amount=1) == Code.BELOW_MINIMUM
    assert await code_of(alice, price=1, amount=1) == 0
    assert await code_of(alice, price="0.5", amount=2) == 0


async def test_an_order_in_a_btc_market_is_worth_what_one_yuan_is(
    alice: Person, bob: Person
) -> None:
    ltc = {"market": "ltc-btc", "price": "0.01"}
    assert await code_of(alice, **ltc, amount="0.0999") == Code.BELOW_MINIMUM
    assert await code_of(alice, **ltc, amount="0.1") == 0
    await bob.place("sell", 1, 2000)
    await alice.place("buy", 1, 2000)
    assert await code_of(alice, **ltc, amount="0.0499") == Code.BELOW_MINIMUM
    assert await code_of(alice, **ltc, amount="0.05") == 0


@pytest.mark.parametrize("state", [MarketState.CANCEL_ONLY, MarketState.HALTED])
async def test_a_market_that_is_not_open_takes_no_orders(
    exchange: Exchange, alice: Person, state: MarketState
) -> None:
    await exchange.tell(SetMarketState(BTC_CNY, state, "tests", "why not"))
    assert await code_of(alice) == Code.MARKET_CLOSED


async def test_errors_are_told_in_the_callers_language(alice: Person) -> None:
    body = {"orders": [BUY | {"price": 0}, BUY | {"amount": 1_000}]}
    answer = await alice.api.post("user/submit_orders", body, accept_language="zh-CN")
    messages = [result["message"] for result in answer.data["results"]]
    assert messages == ["不正确或多余的参数：price（超出范围）", "余额不足"]
    answer = await alice.api.post("user/submit_orders", body)
    assert answer.data["results"][1]["message"] == "Not enough available balance"


# Client order ids.


async def test_the_same_order_again_is_answered_as_it_now_is(alice: Person, bob: Person) -> None:
    named = BUY | {"client_order_id": "once"}
    first = await one(alice, **named)
    await bob.place("sell", "0.25", 2000)
    again = await one(alice, **named)
    assert again["order_id"] == first["order_id"]
    assert (first["order"]["value"], again["order"]["value"]) == (0, 0.25)
    assert len((await alice.api.get("user/orders")).data["orders"]) == 1


async def test_the_same_id_with_other_contents_is_refused(alice: Person, bob: Person) -> None:
    assert await code_of(alice, client_order_id="once") == 0
    assert await code_of(alice, client_order_id="once", price=1999) == Code.CLIENT_ORDER_ID_REUSED
    assert await code_of(bob, client_order_id="once", price=1999) == 0


async def test_twice_in_one_request_is_once(alice: Person) -> None:
    named = BUY | {"client_order_id": "once"}
    first, second = await alice.submit(named, named)
    assert first == second


async def test_the_id_is_kept_for_24_hours_even_when_the_order_is_gone(
    exchange: Exchange, alice: Person
) -> None:
    named = BUY | {"client_order_id": "once"}
    first = await one(alice, **named)
    await exchange.tell(CancelOrder(alice.account, first["order_id"]))
    again = await one(alice, **named)
    assert (again["order_id"], again["order"]["status"]) == (first["order_id"], 3)
    exchange.clock.now_ms += 24 * 60 * 60 * 1000
    assert (await one(alice, **named))["order_id"] != first["order_id"]
