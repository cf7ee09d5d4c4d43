"""Sessions over HTTP: listed, and ended one by one or all but the own."""

import pytest

from coinport.gateway.errors import Code
from tests.api import Api
from tests.gateway.callers import basic
from tests.gateway.clients import registered, visitor
from tests.gateway.exchange import Exchange

ALICE, BOB = "alice@example.com", "bob@example.com"

pytestmark = pytest.mark.anyio


async def logged_in(exchange: Exchange, email: str, address: str, browser: str) -> Api:
    """With nothing but the cookies of a new session."""
    client = visitor(exchange, address, user_agent=browser, sec_fetch_site="same-origin")
    answer = await client.get("login", authorization=basic(email))
    assert answer.code == 0, answer.message
    exchange.clock.now_ms += 1000
    return client


async def test_sessions_are_listed_with_where_they_began_and_which_is_ones_own(
    exchange: Exchange,
) -> None:
    await registered(exchange, ALICE)
    began = exchange.clock()
    await logged_in(exchange, ALICE, "192.0.2.7", "Firefox")
    phone = await logged_in(exchange, ALICE, "198.51.100.9", "A phone")
    sessions = (await phone.get("user/sessions")).data["sessions"]
    assert [
        (each["address"], each["user_agent"], each["created"] - began, each["current"])
        for each in sessions
    ] == [("198.51.100.9", "A phone", 1000, True), ("192.0.2.7", "Firefox", 0, False)]
    assert sessions[0]["last_used"] == exchange.clock()


async def test_a_session_is_ended_by_its_name_and_only_by_its_owner(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
    await registered(exchange, BOB)
    lost = await logged_in(exchange, ALICE, "192.0.2.7", "Firefox")
    kept = await logged_in(exchange, ALICE, "192.0.2.8", "Firefox")
    foreign = await logged_in(exchange, BOB, "192.0.2.9", "Firefox")
    name = (await lost.get("user/sessions")).data["sessions"][0]["session"]
    answer = await foreign.post("user/end_session", {"session": name})
    assert (answer.code, "session" in answer.message) == (Code.BAD_PARAMETER, True)
    assert (await lost.get("user/profile")).code == 0
    assert (await kept.post("user/end_session", {"session": name})).data == {"ended": 1}
    assert (await lost.get("user/profile")).code == Code.NOT_AUTHENTICATED
    assert (await kept.get("user/profile")).code == 0


async def test_all_others_end_at_once_and_ones_own_goes_on(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
    others = [await logged_in(exchange, ALICE, "192.0.2.7", str(number)) for number in range(3)]
    own = await logged_in(exchange, ALICE, "192.0.2.8", "own")
    assert (await own.post("user/end_other_sessions", {})).data == {"ended": 3}
    for other in others:
        assert (await other.get("user/profile")).code == Code.NOT_AUTHENTICATED
    assert len((await own.get("user/sessions")).data["sessions"]) == 1


async def test_what_a_session_is_called_opens_nothing(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
    own = await logged_in(exchange, ALICE, "192.0.2.8", "own")
    answer = await own.get("user/sessions")
    (session,) = answer.data["sessions"]
    thief = visitor(exchange, cookie=f"__Host-coinport_session={session['session']}")
    assert (await thief.get("user/profile")).code == Code.NOT_AUTHENTICATED
    for secret in dict(own.http.cookies).values():
        assert secret not in answer.text


async def test_no_token_looks_at_sessions(exchange: Exchange) -> None:
    alice = await exchange.person("alice")
    assert (await alice.api.get("user/sessions")).code == Code.NOT_PERMITTED
    assert (await alice.api.post("user/end_other_sessions", {})).code == Code.NOT_PERMITTED
