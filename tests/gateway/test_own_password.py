"""A changed password: who may change it, and who is out then."""

import hashlib
from typing import Any

import pyotp
import pytest

from coinport.gateway.errors import Code
from coinport.identity.sessions import Session
from tests.api import Api
from tests.gateway.callers import PASSWORD, basic
from tests.gateway.clients import registered, visitor
from tests.gateway.exchange import Exchange

ALICE = "alice@example.com"
NEW = "battery staple"
CHANGE = {"old_pwdhash": PASSWORD, "new_pwdhash": NEW}

pytestmark = pytest.mark.anyio


async def logged_in(exchange: Exchange, password: str = PASSWORD) -> Api:
    """With nothing but the cookies of a new session."""
    client = visitor(exchange, sec_fetch_site="same-origin")
    answer = await client.get("login", authorization=basic(ALICE, password))
    assert answer.code == 0, answer.message
    return client


async def opens(exchange: Exchange, password: str) -> bool:
    answer = await visitor(exchange).get("login", authorization=basic(ALICE, password))
    return answer.code == 0


async def test_the_new_password_opens_and_the_old_one_does_not(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
    own, other = await logged_in(exchange), await logged_in(exchange)
    assert (await own.post("user/change_password", CHANGE)).data == {"ended": 1}
    assert (await own.get("user/profile")).code == 0
    assert (await other.get("user/profile")).code == Code.NOT_AUTHENTICATED
    assert await opens(exchange, NEW)
    assert not await opens(exchange, PASSWORD)


async def test_who_comes_by_password_ends_every_session(exchange: Exchange) -> None:
    alice = await registered(exchange, ALICE)
    others = [await logged_in(exchange) for _ in range(2)]
    assert (await alice.post("user/change_password", CHANGE)).data == {"ended": 2}
    for other in others:
        assert (await other.get("user/profile")).code == Code.NOT_AUTHENTICATED
    assert (await alice.get("user/profile")).code == Code.NOT_AUTHENTICATED


async def test_who_logs_in_while_it_is_changed_is_out_as_well(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await registered(exchange, ALICE)
    sessions = exchange.services.sessions
    create = sessions.create

    async def create_late(*args: Any, **kwargs: Any) -> Session:
        """The old password is verified; before its session exists, the change is over."""
        assert (await alice.post("user/change_password", CHANGE)).code == 0
        return await create(*args, **kwargs)

    monkeypatch.setattr(sessions, "create", create_late)
    late = visitor(exchange, sec_fetch_site="same-origin")
    answer = await late.get("login", authorization=basic(ALICE, PASSWORD))
    assert answer.code == Code.NOT_AUTHENTICATED
    profile = await exchange.services.people.find(ALICE)
    assert profile is not None
    assert await sessions.of(profile.account) == []


async def test_the_old_and_the_new_password_may_be_hashed(exchange: Exchange) -> None:
    old, new = (hashlib.md5(text.encode()).hexdigest() for text in (PASSWORD, NEW))
    await visitor(exchange).post("register", {"email": ALICE, "pwdhash": old})
    own = await logged_in(exchange)
    change = {"old_pwdhash": old, "new_pwdhash": new}
    assert (await own.post("user/change_password", change)).code == 0
    assert await opens(exchange, NEW)


async def test_what_cannot_be_says_why_and_changes_nothing(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
    own, other = await logged_in(exchange), await logged_in(exchange)
    for body, code, named in [
        ({"new_pwdhash": NEW}, Code.MISSING_PARAMETER, "old_pwdhash"),
        ({"old_pwdhash": PASSWORD}, Code.MISSING_PARAMETER, "new_pwdhash"),
        (CHANGE | {"old_pwdhash": "wrong"}, Code.BAD_PARAMETER, "old_pwdhash (is not the password"),
        (CHANGE | {"new_pwdhash": ""}, Code.BAD_PARAMETER, "new_pwdhash (must have 1 to 128"),
        (CHANGE | {"new_pwdhash": "x" * 129}, Code.BAD_PARAMETER, "new_pwdhash (must have"),
    ]:
        answer = await own.post("user/change_password", body)
        assert (answer.status, answer.code) == (200, code), body
        assert named in answer.message
    assert (await other.get("user/profile")).code == 0
    assert await opens(exchange, PASSWORD)
    assert not await opens(exchange, NEW)


async def test_the_old_password_cannot_be_guessed_by_whoever_has_a_session(
    exchange: Exchange,
) -> None:
    await registered(exchange, ALICE)
    own = await logged_in(exchange)
    for guess in range(10):
        answer = await own.post("user/change_password", CHANGE | {"old_pwdhash": str(guess)})
        assert answer.code == Code.BAD_PARAMETER
    late = await own.post("user/change_password", CHANGE)
    assert late.code == Code.BAD_PARAMETER
    assert not await opens(exchange, NEW)


async def test_of_a_session_whose_account_has_codes_one_is_needed(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
    own = await logged_in(exchange)
    device = pyotp.TOTP((await own.get("user/get_google_auth")).data["secret"])
    await own.post("user/bind_google_auth", {"googlecode": exchange.house.code(device)})
    exchange.clock.now_ms += 30_000
    code = {"googlecode": exchange.house.code(device)}
    assert (await own.post("user/change_password", CHANGE)).code == Code.ONE_TIME_CODE
    # What is refused for another reason uses no code up.
    mistyped = CHANGE | code | {"old_pwdhash": "wrong"}
    assert (await own.post("user/change_password", mistyped)).code == Code.BAD_PARAMETER
    assert (await own.post("user/change_password", CHANGE | code)).code == 0
    again = {"old_pwdhash": NEW, "new_pwdhash": PASSWORD} | code
    assert (await own.post("user/change_password", again)).code == Code.ONE_TIME_CODE
