"""By password: whose it is, what stands beside it, and the log-in."""

import asyncio
import base64

import pytest

from coinport.gateway.errors import Code, Language
from coinport.gateway.requests import Scheme
from tests.gateway.callers import (
    ALL,
    PASSWORD,
    House,
    basic,
    code_of,
    hmac_headers,
    md5_token,
    refusal,
    request,
)


def test_a_password_is_known_by_email_and_by_uid(house: House) -> None:
    async def scenario() -> None:
        alice = await house.register("alice@example.com")
        for user in ("alice@example.com", " ALICE@example.com", str(alice)):
            caller = await house.credentials.authenticate(request(authorization=basic(user)))
            assert caller == (alice, ALL, Scheme.BASIC, False)

    asyncio.run(scenario())


def test_whatever_is_wrong_with_authorization_the_refusal_is_the_same(house: House) -> None:
    async def scenario() -> None:
        alice = await house.register("alice@example.com")
        token = await house.token(alice)
        await house.tokens.delete(alice, token.token)
        wrong = [
            basic("alice@example.com", "wrong"),
            basic("nobody@example.com"),
            basic("1000009999"),
            basic("99999999999999999999999"),
            md5_token(token),
            md5_token(token, token_name="0" * 32),
            "Bearer abc",
            "Basic !!!",
            "Basic",
            "x",
        ]
        errors = [
            await refusal(house.credentials.authenticate(request(authorization=each)))
            for each in [*wrong, ""]
        ]
        said = {
            (error.code, error.status, error.message(Language.EN), tuple(error.headers))
            for error in errors
            if error
        }
        assert len(errors) == len(wrong) + 1
        assert None not in errors
        assert said == {(Code.NOT_AUTHENTICATED, 200, "Authentication failed", ())}

    asyncio.run(scenario())


def test_after_ten_wrong_passwords_the_right_one_is_refused_alike(house: House) -> None:
    async def scenario() -> None:
        await house.register("alice@example.com")
        for _ in range(10):
            attempt = request(authorization=basic("alice@example.com", "wrong"))
            assert await house.answer(attempt) is Code.NOT_AUTHENTICATED
        right = request(authorization=basic("alice@example.com"))
        error = await refusal(house.credentials.authenticate(right))
        assert error
        assert error.message(Language.EN) == "Authentication failed"
        elsewhere = request(authorization=basic("alice@example.com"), address="198.51.100.1")
        assert await house.answer(elsewhere) is None

    asyncio.run(scenario())


def test_with_one_time_codes_a_password_alone_is_not_enough(house: House) -> None:
    async def scenario() -> None:
        alice = await house.register("alice@example.com")
        device = await house.bind_codes(alice)
        house.clock.now_ms += 30_000
        code = house.code(device)

        async def answer(password: str = PASSWORD, **headers: str) -> Code | None:
            authorization = basic("alice@example.com", password)
            given = request(authorization=authorization, **headers)
            return await code_of(house.credentials.log_in(given))

        assert await answer() is Code.ONE_TIME_CODE
        assert await answer(x_coinport_otp="000000") is Code.ONE_TIME_CODE
        assert await answer("wrong", x_coinport_otp=code) is Code.NOT_AUTHENTICATED
        assert await answer(x_coinport_otp=code) is None
        assert await answer(x_coinport_otp=code) is Code.ONE_TIME_CODE

    asyncio.run(scenario())


def test_one_time_codes_guard_every_use_of_the_password_not_only_the_log_in(house: House) -> None:
    async def scenario() -> None:
        await house.bind_codes(await house.register("alice@example.com"))
        attempt = request(authorization=basic("alice@example.com"))
        assert await house.answer(attempt) is Code.ONE_TIME_CODE

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none", "sec_fetch_mode": "navigate"},
        {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"},
    ],
)
def test_a_log_in_that_another_site_or_a_link_caused_is_refused(
    house: House, headers: dict[str, str]
) -> None:
    async def scenario() -> None:
        await house.register("mallory@example.com")
        link = request(authorization=basic("mallory@example.com"), **headers)
        assert await code_of(house.credentials.log_in(link)) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())


def test_a_log_in_takes_a_password_and_neither_a_token_nor_a_session(house: House) -> None:
    async def scenario() -> None:
        cookie, _ = await house.cookie()
        token = await house.token(await house.register("bob@example.com"))
        for other in (
            request(cookie=cookie),
            request(authorization=md5_token(token)),
            request(**hmac_headers(token, house.clock())),
            request(),
        ):
            attempt = house.credentials.log_in(other)
            assert await code_of(attempt) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())


def test_a_password_with_broken_text_is_just_wrong(house: House) -> None:
    async def scenario() -> None:
        await house.register("alice@example.com")
        for text in (b"alice@example.com:\xff", b"\xff:x", b"alice@example.com:\0"):
            header = "Basic " + base64.b64encode(text).decode()
            assert await house.answer(request(authorization=header)) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())
