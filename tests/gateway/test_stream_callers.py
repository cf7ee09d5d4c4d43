"""Who is at the other end of a socket: how he proves it, what he may, and when it is over."""

import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from coinport.gateway.errors import Code
from coinport.gateway.ratelimit import Limit, Limits
from coinport.model.commands import ResumeAccount, SuspendAccount
from tests.api import Key
from tests.gateway.callers import md5_token
from tests.gateway.conftest import Running
from tests.gateway.exchange import Exchange, Person
from tests.gateway.streaming import (
    BUY,
    PRIVATE,
    Sockets,
    served,
    signature_of,
    socket_of,
)

pytestmark = pytest.mark.anyio


def signed_fields(exchange: Exchange, person: Person) -> dict[str, Any]:
    """Of `authenticate`."""
    headers = signature_of(exchange, person.key)
    fields: dict[str, Any] = {
        name.removeprefix("x_coinport_"): value for name, value in headers.items()
    }
    return fields | {"timestamp": int(fields["timestamp"])}


async def cookie_of(exchange: Exchange, person: Person) -> tuple[str, str]:
    """The header and the session's id, as over plain HTTP on this machine."""
    session = await exchange.services.sessions.create(person.account)
    return f"coinport_session={session.id}", session.id


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
    fields = signed_fields(exchange, alice)
    assert await client.done("authenticate", **fields) == {"uid": alice.account}
    await client.joined(*PRIVATE)
    assert (await client.ask("authenticate", **fields))["code"] == Code.WRONG_SIGNATURE


async def test_an_order_right_behind_it_is_his(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    """What needs no waiting waits all the same for what came before it and does."""
    client = await sockets.client()
    requests = [
        {"id": 1, "op": "authenticate", **signed_fields(exchange, alice)},
        {"id": 2, "op": "submit_orders", "orders": [BUY]},
        {"id": 3, "op": "cancel_all_orders"},
    ]
    answers = [client.answer_to(request["op"], request["id"]) for request in requests]
    for request in requests:
        await client.connection.send(json.dumps(request))
    _, placed, cancelled = [(await answer)["data"] for answer in answers]
    assert cancelled["cancelled"] == [placed["results"][0]["order_id"]]


async def test_the_old_signature_is_good_here_too(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    header: Any = md5_token(alice.key)  # type: ignore[arg-type]
    client = await sockets.client(authorization=header)
    await client.joined("orders")
    later = await sockets.client()
    assert await later.done("authenticate", authorization=header) == {"uid": alice.account}
    assert (await later.ask("authenticate"))["code"] == Code.MISSING_PARAMETER


async def test_who_has_seen_an_old_signature_cannot_trade_by_it(
    exchange: Exchange, sockets: Sockets, alice: Person
) -> None:
    """It is the same for every request without parameters, and for ever."""
    client = await sockets.client(authorization=md5_token(alice.key))  # type: ignore[arg-type]
    answer = await client.ask("submit_orders", orders=[BUY])
    assert answer["code"] == Code.NOT_PERMITTED


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


async def test_what_cannot_be_read_counts_as_well(
    run_exchange: Running, anyio_backend: str
) -> None:
    limits = Limits(public=Limit(per_second=1, burst=3), private=None, failures=None)
    async with run_exchange(limits=limits) as exchange, served(exchange) as sockets:
        client = await sockets.client()
        codes = [(await client.say(text, id=None))["code"] for text in ("{", b"\x00", "{")]
        assert codes == [Code.BAD_PARAMETER, Code.BAD_PARAMETER, Code.RATE_LIMITED]


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
