"""By a token's signature by MD5; and what holds for tokens however they sign."""

import asyncio

import pytest

from coinport.gateway.errors import Code
from coinport.gateway.requests import Permission, Scheme
from tests.gateway.callers import (
    ALL,
    BODY,
    ORDERS,
    House,
    hmac_headers,
    md5_token,
    refusal,
    request,
)


def test_a_token_signs_the_query_of_a_get_and_the_body_of_a_post(house: House) -> None:
    async def scenario() -> None:
        alice = await house.register()
        token = await house.token(alice, permissions=frozenset({"read"}))
        get = request(query=b"b=2&a=1", authorization=md5_token(token, b"a=1&b=2"))
        post = request("POST", ORDERS, body=BODY, authorization=md5_token(token, BODY))
        for signed in (get, post):
            caller = await house.credentials.authenticate(signed)
            assert caller == (alice, frozenset({Permission.READ}), Scheme.TOKEN, False)

    asyncio.run(scenario())


def test_a_signature_made_without_the_secret_is_refused(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        stolen = type(token)(token.token, "")
        for forged in (
            request(authorization=md5_token(stolen)),
            request(query=b"a=1", authorization=md5_token(stolen, b"a=1")),
            request("POST", ORDERS, body=BODY, authorization=md5_token(stolen, BODY)),
        ):
            assert await house.answer(forged) is Code.WRONG_SIGNATURE

    asyncio.run(scenario())


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_signature_of_an_empty_request_does_not_cover_a_query(house: House, method: str) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        attempt = request(method, query=b"a=1", authorization=md5_token(token))
        assert await house.answer(attempt) is Code.WRONG_SIGNATURE

    asyncio.run(scenario())


def test_a_repeated_parameter_of_a_signed_query_is_named(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        twice = request(query=b"a=1&a=2", authorization=md5_token(token, b"a=1&a=2"))
        error = await refusal(house.credentials.authenticate(twice))
        assert error
        assert (error.code, error.subject) == (Code.BAD_PARAMETER, "a")

    asyncio.run(scenario())


def test_md5_is_refused_where_the_token_does_not_accept_it_and_hmac_goes_on(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register(), md5=False)
        assert await house.answer(request(authorization=md5_token(token))) is Code.NOT_PERMITTED
        by_hmac = request(**hmac_headers(token, house.clock()))
        assert await house.answer(by_hmac) is None

    asyncio.run(scenario())


def test_a_token_is_refused_from_addresses_that_it_does_not_allow(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register(), ip_allow=("192.0.2.0/24",))
        for address, answer in [("192.0.2.7", None), ("198.51.100.1", Code.NOT_PERMITTED)]:
            now = house.clock()
            by_md5 = request(address=address, authorization=md5_token(token))
            by_hmac = request(address=address, **hmac_headers(token, now))
            assert await house.answer(by_md5) is answer
            assert await house.answer(by_hmac) is answer

    asyncio.run(scenario())


def test_a_deleted_token_is_refused_at_once(house: House) -> None:
    async def scenario() -> None:
        alice = await house.register()
        token = await house.token(alice)
        signed = request(authorization=md5_token(token))
        assert await house.answer(signed) is None
        await house.tokens.delete(alice, token.token)
        assert await house.answer(signed) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())


def test_no_token_has_what_only_its_owner_may(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        caller = await house.credentials.authenticate(request(authorization=md5_token(token)))
        assert caller.permissions == ALL - {Permission.OWNER}

    asyncio.run(scenario())
