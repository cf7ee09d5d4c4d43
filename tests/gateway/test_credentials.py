"""Who sent a request: which credentials decide, and who is stopped in spite of them."""

import asyncio
from pathlib import Path

import pytest

from coinport.gateway.errors import Code
from coinport.gateway.ratelimit import UNLIMITED, Limit, Limits
from tests.gateway.callers import (
    SECURE,
    House,
    basic,
    code_of,
    hmac_headers,
    md5_token,
    refusal,
    request,
)


def test_who_is_remembered_is_recognized_without_waiting_for_anything(house: House) -> None:
    async def scenario() -> None:
        alice = await house.register("alice@example.com")
        token = await house.token(alice)
        session = await house.sessions.create(alice)
        by_password = request(authorization=basic("alice@example.com"))
        by_cookie = request(cookie=f"{SECURE}={session.id}")
        by_md5 = request(authorization=md5_token(token))
        for once in (by_password, by_cookie, by_md5):
            await house.credentials.authenticate(once)
        by_hmac = request(**hmac_headers(token, house.clock()))
        for each in (by_password, by_cookie, by_md5, by_hmac):
            with pytest.raises(StopIteration):
                house.credentials.authenticate(each).send(None)

    asyncio.run(scenario())


def test_a_wrong_authorization_header_fails_even_with_a_good_cookie(house: House) -> None:
    async def scenario() -> None:
        cookie, _ = await house.cookie()
        for wrong in (basic("alice@example.com", "wrong"), "Bearer x", "x", "Basic"):
            attempt = request(cookie=cookie, authorization=wrong)
            assert await house.answer(attempt) is Code.NOT_AUTHENTICATED
        for empty in ("", "   "):
            assert await house.answer(request(cookie=cookie, authorization=empty)) is None

    asyncio.run(scenario())


def test_a_wrong_authorization_header_fails_even_with_a_good_hmac(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        headers = hmac_headers(token, house.clock())
        attempt = request(authorization="Bearer x", **headers)
        assert await house.answer(attempt) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())


@pytest.mark.parametrize("kept", ["x_coinport_key", "x_coinport_timestamp", "x_coinport_signature"])
def test_a_part_of_an_hmac_fails_even_with_a_good_cookie(house: House, kept: str) -> None:
    async def scenario() -> None:
        session = await house.sessions.create(await house.register())
        token = await house.token(session.account)
        headers = {kept: hmac_headers(token, house.clock())[kept]}
        get = request(cookie=f"{SECURE}={session.id}", **headers)
        assert await house.answer(get) is Code.MISSING_PARAMETER

    asyncio.run(scenario())


def test_the_caller_is_whom_the_authorization_header_names_whatever_the_cookie_says(
    house: House,
) -> None:
    async def scenario() -> None:
        cookie, _ = await house.cookie()
        bob = await house.register("bob@example.com")
        both = request(cookie=cookie, authorization=basic("bob@example.com"))
        assert (await house.credentials.authenticate(both)).account == bob

    asyncio.run(scenario())


def test_right_credentials_of_a_suspended_account_say_so_and_wrong_ones_do_not(
    house: House,
) -> None:
    async def scenario() -> None:
        alice = await house.register("alice@example.com")
        session = await house.sessions.create(alice)
        token = await house.token(alice)
        house.suspended.add(alice)
        for right in (
            request(authorization=basic("alice@example.com")),
            request(authorization=md5_token(token)),
            request(**hmac_headers(token, house.clock())),
            request(cookie=f"{SECURE}={session.id}"),
        ):
            assert await house.answer(right) is Code.ACCOUNT_UNAVAILABLE
        log_in = house.credentials.log_in(request(authorization=basic("alice@example.com")))
        assert await code_of(log_in) is Code.ACCOUNT_UNAVAILABLE
        wrong = request(authorization=basic("alice@example.com", "wrong"))
        assert await house.answer(wrong) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())


def test_an_address_that_fails_too_often_is_stopped_before_it_costs_work(tmp_path: Path) -> None:
    house = House(tmp_path, Limits(failures=Limit(per_second=1, burst=3)))

    async def scenario() -> None:
        await house.register("alice@example.com")
        bob = await house.register("bob@example.com")
        known, unknown = await house.token(bob), await house.token(bob)
        session = await house.sessions.create(bob)
        await house.tokens.find(known.token)
        for _ in range(3):
            wrong = request(authorization=basic("a", "b"))
            assert await house.answer(wrong) is Code.NOT_AUTHENTICATED
        for costly in (
            request(authorization=basic("alice@example.com")),
            request(authorization=md5_token(unknown)),
            request(cookie=f"{SECURE}={session.id}"),
        ):
            error = await refusal(house.credentials.authenticate(costly))
            assert error
            assert (error.code, error.status) == (Code.RATE_LIMITED, 429)
            assert (b"retry-after", b"1") in error.headers
        remembered = request(authorization=md5_token(known))
        assert await house.answer(remembered) is None
        elsewhere = request(address="198.51.100.1", authorization=basic("alice@example.com"))
        assert await house.answer(elsewhere) is None
        house.clock.now_ms += 1_000
        again = request(authorization=basic("alice@example.com"))
        assert await house.answer(again) is None

    asyncio.run(scenario())
    house.close()


def test_requests_without_any_credentials_count_as_public_ones(tmp_path: Path) -> None:
    one = Limit(per_second=1, burst=1)
    house = House(tmp_path, Limits(public=one, failures=one))

    async def scenario() -> None:
        codes = [await house.answer(request()) for _ in range(2)]
        assert codes == [Code.NOT_AUTHENTICATED, Code.RATE_LIMITED]
        wrong = request(authorization="Bearer x")
        assert await house.answer(wrong) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())
    house.close()


def test_limits_of_failures_come_long_after_passwords_are_locked_out() -> None:
    failures = Limits().failures
    assert failures
    assert failures.burst >= 200
    assert UNLIMITED.failures is None
