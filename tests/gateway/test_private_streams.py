"""Private streams: who may hear them, that they say what REST says, and when they end."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from coinport.gateway.errors import Code
from coinport.gateway.ratelimit import Limit, Limits
from coinport.model.commands import ResumeAccount, SuspendAccount
from tests.api import Key
from tests.gateway.callers import hmac_headers, md5_token
from tests.gateway.conftest import Running
from tests.gateway.exchange import Exchange, Person
from tests.gateway.streaming import Client, Sockets, served

pytestmark = pytest.mark.anyio

WS = b"/api/v2/ws"
PRIVATE = ("orders", "fills", "balances", "transfers")
BUY = {"market": "btc-cny", "type": "buy", "amount": 1, "price": 2000}


@pytest.fixture
async def sockets(exchange: Exchange, anyio_backend: str) -> AsyncIterator[Sockets]:
    async with served(exchange) as sockets:
        yield sockets


def signature_of(exchange: Exchange, key: Key, **window: Any) -> dict[str, str]:
    exchange.clock.now_ms += 1  # no signature is accepted twice
    return hmac_headers(key, exchange.clock.now_ms, target=WS, **window)  # type: ignore[arg-type]


async def socket_of(sockets: Sockets, exchange: Exchange, person: Person) -> Client:
    return await sockets.client(**signature_of(exchange, person.key))


async def cookie_of(exchange: Exchange, person: Person) -> tuple[str, str]:
    """The header and the session's id, as over plain HTTP on this machine."""
    session = await exchange.services.sessions.create(person.account)
    return f"coinport_session={session.id}", session.id


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


@pytest.mark.parametrize("op", ["submit_orders", "cancel_orders", "cancel_all_orders"])
async def test_a_token_that_may_not_trade_does_not(
    exchange: Exchange, sockets: Sockets, alice: Person, op: str
) -> None:
    token = await exchange.house.token(alice.account, permissions=frozenset({"read"}))
    client = await sockets.client(**signature_of(exchange, Key(token.token, token.secret)))
    await client.joined("orders")
    fields = {"submit_orders": {"orders": [BUY]}, "cancel_orders": {"order_ids": [1]}}
    answer = await client.ask(op, **fields.get(op, {}))
    assert answer["code"] == Code.NOT_PERMITTED


async def test_one_says_later_who_one_is(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    client = await sockets.client()
    headers = signature_of(exchange, alice.key)
    fields = {name.removeprefix("x_coinport_"): value for name, value in headers.items()}
    fields["timestamp"] = int(fields["timestamp"])  # type: ignore[assignment]
    assert await client.done("authenticate", **fields) == {"uid": alice.account}
    await client.joined(*PRIVATE)
    assert (await client.ask("authenticate", **fields))["code"] == Code.WRONG_SIGNATURE


async def test_the_old_signature_is_good_here_too(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    header: Any = md5_token(alice.key)  # type: ignore[arg-type]
    client = await sockets.client(authorization=header)
    await client.joined("orders")
    later = await sockets.client()
    assert await later.done("authenticate", authorization=header) == {"uid": alice.account}
    assert (await later.ask("authenticate"))["code"] == Code.MISSING_PARAMETER


async def test_a_wrong_signature_opens_no_socket(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    wrong = signature_of(exchange, alice.key) | {"x_coinport_signature": "00" * 32}
    with pytest.raises(InvalidStatus) as refused:
        await sockets.client(**wrong)
    assert refused.value.response.status_code == 403
    assert b'"code":1006' in bytes(refused.value.response.body)


async def test_a_session_counts_for_our_own_page(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    cookie, _ = await cookie_of(exchange, alice)
    client = await sockets.client(cookie=cookie, origin=f"http://{sockets.host}")
    await client.joined(*PRIVATE)
    data = await client.done("submit_orders", orders=[BUY])
    assert data["results"][0]["order_id"]


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "https://{host}", "null", ""])
async def test_a_session_does_not_count_for_another_page(
    exchange: Exchange, sockets: Sockets, alice: Person, origin: str
) -> None:
    """It hears what everybody may hear."""
    cookie, _ = await cookie_of(exchange, alice)
    origins = {"origin": origin.format(host=sockets.host)} if origin else {}
    client = await sockets.client(cookie=cookie, **origins)
    await client.joined("tickers")
    answer = await client.ask("subscribe", channels=["orders"])
    assert answer["code"] == Code.NOT_AUTHENTICATED


async def test_a_deleted_token_hears_nothing_more(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    client = await socket_of(sockets, exchange, alice)
    await client.joined("tickers", *PRIVATE)
    await exchange.services.tokens.delete(alice.account, alice.key.token)
    ended = [await client.next(kind="ended") for _ in PRIVATE]
    assert {(frame["channel"], frame["code"]) for frame in ended} == {
        (name, Code.NOT_AUTHENTICATED) for name in PRIVATE
    }
    answer = await client.ask("submit_orders", orders=[BUY])
    assert answer["code"] == Code.NOT_AUTHENTICATED
    await client.done("ping")


async def test_a_session_that_is_over_hears_nothing_more(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    cookie, session = await cookie_of(exchange, alice)
    client = await sockets.client(cookie=cookie, origin=f"http://{sockets.host}")
    await client.joined("balances")
    await exchange.services.sessions.end(session)
    assert (await client.next(kind="ended"))["code"] == Code.NOT_AUTHENTICATED


async def test_to_listen_prolongs_no_session(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    cookie, _ = await cookie_of(exchange, alice)
    client = await sockets.client(cookie=cookie, origin=f"http://{sockets.host}")
    await client.joined("balances")
    exchange.clock.now_ms += 59 * 60_000
    await client.done("ping")
    exchange.clock.now_ms += 60_000
    assert (await client.next(kind="ended"))["code"] == Code.NOT_AUTHENTICATED


async def test_a_suspended_account_hears_nothing_more(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    client = await socket_of(sockets, exchange, alice)
    await client.joined("balances", "tickers")
    await exchange.tell(SuspendAccount(alice.account, "tests", "to see"))
    ended = await client.next()
    assert (ended["type"], ended["channel"], ended["code"]) == (
        *("ended", "balances"),
        Code.ACCOUNT_UNAVAILABLE,
    )
    await exchange.tell(ResumeAccount(alice.account, "tests", "seen"))


async def test_requests_count_towards_the_limits_of_their_account(
    run_exchange: Running, anyio_backend: str
) -> None:
    limits = Limits(public=None, private=Limit(per_second=1, burst=3), failures=None)
    async with run_exchange(limits=limits) as exchange, served(exchange) as sockets:
        alice = await exchange.person("alice", CNY=10_000)
        client = await socket_of(sockets, exchange, alice)
        codes = [(await client.ask("submit_orders", orders=[BUY]))["code"] for _ in range(4)]
        assert codes == [0, 0, 0, Code.RATE_LIMITED]
        over_http = await alice.api.post("user/submit_orders", {"orders": [BUY]})
        assert over_http.code == Code.RATE_LIMITED


async def test_requests_of_anybody_count_towards_the_limits_of_their_address(
    run_exchange: Running, anyio_backend: str
) -> None:
    """The upgrade is one of them."""
    limits = Limits(public=Limit(per_second=1, burst=3), private=None, failures=None)
    async with run_exchange(limits=limits) as exchange, served(exchange) as sockets:
        client = await sockets.client()
        codes = [(await client.ask("ping"))["code"] for _ in range(3)]
        assert codes == [0, 0, Code.RATE_LIMITED]
        with pytest.raises(InvalidStatus) as refused:
            await sockets.client()
        assert refused.value.response.status_code == 429
