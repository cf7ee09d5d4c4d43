"""What holds for every endpoint: the envelope, statuses, headers, limits and languages."""

from typing import Any

import pytest

from coinport.gateway import services
from coinport.gateway.errors import Code
from coinport.gateway.ratelimit import Limit, Limits
from tests.api import Key
from tests.gateway.conftest import Running
from tests.gateway.exchange import Exchange

pytestmark = pytest.mark.anyio

ITEM = {"market": "btc-cny", "type": "buy", "price": 2000, "amount": 1}


async def test_every_answer_is_in_the_envelope(exchange: Exchange) -> None:
    good = await exchange.api.get("tickers")
    assert good.text.startswith(f'{{"code":0,"time":{exchange.clock.now_ms},"data":{{')
    bad = await exchange.api.get("tickers?x=1")
    assert bad.text == (
        f'{{"code":1007,"time":{exchange.clock.now_ms},'
        '"message":"Incorrect or superfluous parameter: x (unknown here)","data":null}'
    )


async def test_answers_are_json_that_nobody_keeps(exchange: Exchange) -> None:
    for answer in (
        await exchange.api.get("time"),
        await exchange.api.get("nothing"),
        await exchange.api.get("user/balance"),
    ):
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert int(answer.headers["content-length"]) == len(answer.text.encode())


@pytest.mark.parametrize("language", ["zh-CN,zh;q=0.9", "fr"])
async def test_messages_are_in_the_callers_language(exchange: Exchange, language: str) -> None:
    said = {
        "nothing": ("请求url不正确", "No such URL"),
        "tickers?x=1": (
            "不正确或多余的参数：x（多余的参数）",
            "Incorrect or superfluous parameter: x (unknown here)",
        ),
        "user/balance": ("认证失败", "Authentication failed"),
        "x/ticker": ("不支持的交易对：x", "Unknown market: x"),
    }
    for path, (chinese, english) in said.items():
        answer = await exchange.api.get(path, accept_language=language)
        assert answer.message == (chinese if language.startswith("zh") else english)


# Unknown.


async def test_an_unknown_path_is_404_and_a_wrong_method_405_both_with_1012(
    exchange: Exchange,
) -> None:
    for path in [
        "",
        "nothing",
        "user",
        "user/nothing",
        "time/",
        "a/b/c",
        "btc-cny/depth/x",
        "TIME",
    ]:
        answer = await exchange.api.get(path)
        assert (answer.status, answer.code) == (404, Code.UNKNOWN_PATH), path
    for method, path in (
        ("POST", "time"),
        ("GET", "user/submit_orders"),
        ("DELETE", "user/orders"),
        ("PUT", "btc-cny/depth"),
        ("OPTIONS", "tickers"),
    ):
        answer = await exchange.api.send(method, path)
        assert (answer.status, answer.code) == (405, Code.UNKNOWN_PATH), path
        assert "allow" in answer.headers


async def test_outside_of_the_api_there_is_nothing_either(exchange: Exchange) -> None:
    for path in ("/api", "/api/v1/time", "/x/depth", "/api/v2x/depth", "/api/v2//depth"):
        response = await exchange.api.http.get(path)
        assert (response.status_code, response.json()["code"]) == (404, Code.UNKNOWN_PATH), path


async def test_a_head_is_a_get_without_the_body(exchange: Exchange) -> None:
    response = await exchange.api.http.head("/api/v2/time")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"


# Parameters.


async def test_a_post_takes_no_query(exchange: Exchange) -> None:
    alice = await exchange.person("alice", CNY=10_000)
    for query in ("market=btc-cny", "x", "a=1&b=2", "%ff=1"):
        for path in ("submit_orders", "cancel_orders", "cancel_all_orders"):
            answer = await alice.api.post(f"user/{path}?{query}", {"orders": [ITEM]})
            assert answer.code == Code.BAD_PARAMETER, query
    assert "(unknown here)" in answer.message


async def test_a_parameter_of_the_path_is_not_in_the_query_too(exchange: Exchange) -> None:
    answer = await exchange.api.get("btc-cny/ticker?market=ltc-cny")
    assert (answer.code, "market" in answer.message) == (Code.BAD_PARAMETER, True)


async def test_a_missing_parameter_is_named(exchange: Exchange) -> None:
    alice = await exchange.person("alice")
    answer = await alice.api.post("user/cancel_orders")
    assert answer.message == "Missing parameter: order_ids"
    assert answer.code == Code.MISSING_PARAMETER


async def test_bodies_that_are_bombs_are_refused(exchange: Exchange) -> None:
    alice = await exchange.person("alice")
    for body in (
        b"[" * 65_000,
        b'{"a":' * 10_000,
        b'{"orders":' + b"[" * 60_000,
        b'{"orders":[{"price":' + b"[" * 30_000 + b"]" * 30_000 + b"}]}",
        b'{"orders":[],"orders":[]}',
        b'{"orders":[{"price":1,"price":2}]}',
        b'{"orders":[NaN]}',
        b'{"orders":["\xff\xfe"]}',
        b'{"order_ids":[1e1000000]}',
        b"\x00" * 1000,
        b"\x1f\x8b\x08\x00",
    ):
        for path in ("submit_orders", "cancel_orders", "cancel_all_orders"):
            answer = await alice.api.send("POST", f"user/{path}", body)
            assert (answer.status, answer.code) == (200, Code.BAD_PARAMETER), body[:40]


async def test_a_body_of_more_than_64_kib_is_refused_with_413_and_ends_the_connection(
    exchange: Exchange,
) -> None:
    alice = await exchange.person("alice")
    for size in (65_537, 1_000_000):
        answer = await alice.api.send("POST", "user/submit_orders", b" " * size)
        assert (answer.status, answer.code) == (413, Code.BAD_PARAMETER)
        assert answer.headers["connection"] == "close"
    answer = await alice.api.send("POST", "user/submit_orders", b" " * 65_536)
    assert answer.status == 200


# Who asks.


async def test_private_endpoints_need_credentials_and_never_answer_401(exchange: Exchange) -> None:
    private = [
        (method.upper(), path.removeprefix("/api/v2/"))
        for path, methods in exchange.api.contract.document["paths"].items()
        for method, operation in methods.items()
        if "security" in operation
    ]
    assert len(private) > 10
    for method, path in private:
        for headers in ({}, {"authorization": "Basic xxxx"}, {"authorization": "Bearer x"}):
            answer = await exchange.api.send(method, path, headers=headers)
            assert (answer.status, answer.code) == (200, Code.NOT_AUTHENTICATED), path


async def test_a_wrong_signature_is_1006(exchange: Exchange) -> None:
    alice = await exchange.person("alice")
    forger = exchange.api.as_key(Key(alice.key.token, "not the secret"))
    assert (await forger.get("user/orders")).code == Code.WRONG_SIGNATURE


async def test_a_token_may_do_what_it_is_for_only(exchange: Exchange) -> None:
    alice = await exchange.person("alice", CNY=10_000)
    token = await exchange.house.token(alice.account, permissions=frozenset({"read"}))
    reader = exchange.api.as_key(Key(token.token, token.secret))
    assert (await reader.get("user/orders")).code == 0
    answer = await reader.post("user/submit_orders", {"orders": [ITEM]})
    assert (answer.status, answer.code) == (200, Code.NOT_PERMITTED)
    assert "trade" in answer.message
    assert (await reader.get("user/orders")).data["orders"] == []


async def test_credentials_are_looked_at_before_parameters(exchange: Exchange) -> None:
    answer = await exchange.api.post("user/submit_orders?x=1", {"orders": []})
    assert answer.code == Code.NOT_AUTHENTICATED


# How often.


async def test_over_the_rate_limit_is_429_with_retry_after(run_exchange: Running) -> None:
    async with run_exchange(limits=Limits(public=Limit(1, 2), private=Limit(1, 3))) as exchange:
        remaining = [
            (await exchange.api.get("time")).headers["x-ratelimit-remaining"] for _ in range(2)
        ]
        assert remaining == ["1", "0"]
        over = await exchange.api.get("tickers")
        assert (over.status, over.code) == (429, Code.RATE_LIMITED)
        assert over.headers["retry-after"] == "1"
        assert over.headers["x-ratelimit-limit"] == "2"
        assert (await exchange.from_address("192.0.2.2").get("time")).status == 200
        exchange.clock.now_ms += 1000
        assert (await exchange.api.get("time")).status == 200


async def test_private_calls_are_limited_by_account_not_by_address(run_exchange: Running) -> None:
    async with run_exchange(limits=Limits(public=None, private=Limit(1, 3))) as exchange:
        alice, bob = await exchange.person("alice"), await exchange.person("bob")
        statuses = [(await alice.api.get("user/orders")).status for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        other = exchange.from_address("192.0.2.2").as_key(alice.key)
        assert (await other.get("user/orders")).status == 429
        answer = await bob.api.get("user/orders")
        assert answer.headers["x-ratelimit-remaining"] == "2"


async def test_status_checks_are_never_limited(run_exchange: Running) -> None:
    async with run_exchange(limits=Limits(public=Limit(1, 1))) as exchange:
        for path in ["status", "live", "ready"] * 3:
            assert (await exchange.api.get(path)).status == 200


async def test_refused_calls_count_as_well(run_exchange: Running) -> None:
    async with run_exchange(limits=Limits(public=Limit(1, 2))) as exchange:
        statuses = [(await exchange.api.get("x/ticker")).status for _ in range(3)]
        assert statuses == [200, 200, 429]


# When it goes wrong.


async def test_our_own_fault_is_1003_without_a_word_about_it(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(exchange.services.live.tickers, "ticker", broken)
    monkeypatch.setattr(exchange.services.sequencer, "submit_all", broken)
    answer = await exchange.api.get("btc-cny/ticker")
    assert (answer.status, answer.code) == (500, Code.INTERNAL_ERROR)
    assert answer.message == "Internal error"


async def test_an_exchange_that_stops_takes_no_orders_but_says_so(exchange: Exchange) -> None:
    alice = await exchange.person("alice", CNY=10_000)
    await exchange.services.sequencer.stop()
    answer = await alice.api.post("user/submit_orders", {"orders": [ITEM]})
    assert (answer.status, answer.code) == (503, Code.INTERNAL_ERROR)
    assert answer.headers["retry-after"] == "1"
    assert (await exchange.api.get("tickers")).status == 200


async def test_an_exchange_with_too_many_commands_waiting_says_so(run_exchange: Running) -> None:
    async with run_exchange(queue_max=3) as exchange:
        alice = await exchange.person("alice", CNY=10_000)
        answer = await alice.api.post("user/submit_orders", {"orders": [ITEM] * 4})
        assert (answer.status, answer.code) == (503, Code.INTERNAL_ERROR)
        assert (await alice.api.post("user/submit_orders", {"orders": [ITEM] * 3})).code == 0


async def test_read_models_that_lag_too_far_behind_are_not_waited_for(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await exchange.person("alice", CNY=10_000)
    await exchange.stop_projecting()
    await alice.place("buy", 1, 2000)
    monkeypatch.setattr(services, "READ_S_MAX", 0.01)
    answer = await alice.api.get("user/orders")
    assert (answer.status, answer.code) == (503, Code.INTERNAL_ERROR)
    assert (await exchange.api.get("btc-cny/depth")).data["bids"] == [[2000, 1]]


async def test_a_short_way_and_the_long_one_lead_to_the_same_place(exchange: Exchange) -> None:
    """`Shortcut` finds an endpoint by itself; a HEAD goes the whole way through Starlette."""
    for path in exchange.api.contract.document["paths"]:
        if "get" in exchange.api.contract.document["paths"][path]:
            url = path.replace("{market}", "btc-cny").replace("{currency}", "btc")
            short = await exchange.api.http.get(url)
            long = await exchange.api.http.head(url)
            assert (short.status_code, short.headers) == (long.status_code, long.headers), path
