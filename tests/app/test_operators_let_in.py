"""Nobody gets into the console but an operator with a one-time code, whatever else he may do."""

import json
import time
from pathlib import Path

import pytest

from coinport.gateway.app import FEATURES
from coinport.gateway.errors import Code
from coinport.gateway.requests import Permission
from coinport.gateway.routes import declared
from coinport.operations.actors import Actor
from coinport.operations.house_requests import Grant, Revoke
from coinport.operations.requests import Failed, Resume
from tests.api import Api, Key
from tests.app.consoles import ORIGIN, PASSWORD, WHY, house
from tests.gateway.callers import basic, md5_token

ENDPOINTS = [
    (endpoint.method, endpoint.path.removeprefix("/"))
    for feature in FEATURES
    for endpoint in declared(feature)
    if endpoint.permission is Permission.OPERATOR
]
OPERATOR, USER = "olga@example.com", "ursula@example.com"

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


async def codes(browser: Api, **headers: str) -> set[int]:
    """What every endpoint of the console answers; a POST with what could be done."""
    found = set()
    for method, path in ENDPOINTS:
        body = json.dumps(WHY).encode() if method == "POST" else b""
        found.add((await browser.send(method, path, body, headers)).code)
    return found


async def test_every_endpoint_under_operator_needs_the_role_and_no_other_does() -> None:
    every = [endpoint for feature in FEATURES for endpoint in declared(feature)]
    under = [each for each in every if each.path.startswith("/operator/")]
    assert [each.permission for each in under] == [Permission.OPERATOR] * len(ENDPOINTS)
    assert len(ENDPOINTS) > 25


async def test_who_is_not_logged_in_is_told_so(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        assert await codes(exchange.browser()) == {Code.NOT_AUTHENTICATED}


async def test_a_user_is_not_let_in_even_with_a_one_time_code(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        account = await exchange.running.register(USER)
        device = await exchange.device(account)
        user = await exchange.logged_in(USER, device.at(time.time()))
        assert await codes(user) == {Code.NOT_PERMITTED}


async def test_no_token_is_let_in_not_even_an_operators_that_permits_everything(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as exchange:
        await exchange.operator(OPERATOR)
        profile = await exchange.services.people.find(OPERATOR)
        assert profile
        everything = frozenset({"read", "trade", "withdraw"})
        token = await exchange.services.tokens.create(profile.account, "", everything, (), True)
        stranger = exchange.browser()
        # An exchange takes no signature from before it was started: its clock may be ahead by 1 s.
        later = Api(stranger.http, stranger.contract.document, lambda: _now_ms() + 990)
        signing = later.as_key(Key(token.token, token.secret))
        body = json.dumps(WHY).encode()
        for method, path in ENDPOINTS:
            sent = body if method == "POST" else b""
            by_hmac = await signing.send(method, path, sent)
            assert by_hmac.code == Code.NOT_PERMITTED, by_hmac.message
            by_md5 = {"authorization": md5_token(token, sent)}
            assert (await stranger.send(method, path, sent, by_md5)).code == Code.NOT_PERMITTED


async def test_a_password_is_not_enough_not_even_with_a_code(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        account = await exchange.running.register(OPERATOR)
        by_password = {"authorization": basic(OPERATOR, PASSWORD)}
        assert await codes(exchange.browser(), **by_password) == {Code.NOT_PERMITTED}
        device = await exchange.device(account)
        await exchange.grant(OPERATOR)
        with_code = by_password | {"x_coinport_otp": device.at(time.time())}
        answer = await exchange.browser().get("operator/dashboard", **with_code)
        assert answer.code == Code.NOT_PERMITTED


async def test_nobody_gets_the_role_before_he_has_bound_one_time_codes(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        account = await exchange.running.register(OPERATOR)
        grant = Grant(OPERATOR, "she starts today")
        answer = await exchange.running.administration.act(grant, Actor("root"))
        assert isinstance(answer, Failed)
        assert "binds them first" in answer.message
        assert not await exchange.services.operators.has(account)


async def test_a_session_that_began_before_there_were_codes_gets_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        account = await exchange.running.register(OPERATOR)
        operator = await exchange.logged_in(OPERATOR)
        await exchange.device(account)
        await exchange.grant(OPERATOR)
        assert await codes(operator) == {Code.NOT_PERMITTED}


async def test_an_operator_is_let_in_and_out_at_once_without_role_or_codes(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as exchange:
        operator = await exchange.operator(OPERATOR)
        assert (await operator.get("operator/myself")).data["email"] == OPERATOR
        profile = await exchange.services.people.find(OPERATOR)
        assert profile
        await exchange.services.operators.revoke(profile.account)
        assert await codes(operator) == {Code.NOT_PERMITTED}
        await exchange.grant(OPERATOR)
        assert (await operator.get("operator/myself")).code == 0
        await exchange.running.administration.perform(Revoke(OPERATOR, "gone"), Actor("root"))
        assert await codes(operator) == {Code.NOT_AUTHENTICATED}


async def test_who_unbinds_his_codes_is_out(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        account = await exchange.running.register(OPERATOR)
        device = await exchange.device(account)
        await exchange.grant(OPERATOR)
        operator = await exchange.logged_in(OPERATOR, device.at(time.time()))
        assert (await operator.get("operator/myself")).code == 0
        code = {"googlecode": device.at(time.time() + 30)}
        assert (await operator.post("user/unbind_google_auth", code)).code == 0
        assert await codes(operator) == {Code.NOT_PERMITTED}


async def test_another_site_can_make_an_operators_browser_do_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as exchange:
        operator = await exchange.operator(OPERATOR)
        for headers in (
            {"sec_fetch_site": "cross-site"},
            {"sec_fetch_site": "", "origin": "https://evil.example"},
            {"sec_fetch_site": "", "content_type": "text/plain", "origin": ORIGIN},
        ):
            answer = await operator.post("operator/publish", WHY, **headers)
            assert answer.code == Code.NOT_AUTHENTICATED, headers


async def test_a_suspended_operator_is_out_and_no_operator_lets_him_in_again(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as exchange:
        other = await exchange.operator("otto@example.com")
        olga = await exchange.operator(OPERATOR)
        body = {"user": OPERATOR, **WHY}
        assert (await other.post("operator/suspend", body)).code == 0
        assert await codes(olga) == {Code.NOT_AUTHENTICATED}
        refused = await other.post("operator/resume", body)
        assert (refused.code, "coinport admin" in refused.message) == (Code.BAD_PARAMETER, True)
        await exchange.running.administration.perform(Resume(OPERATOR, "ok"), Actor("root"))
