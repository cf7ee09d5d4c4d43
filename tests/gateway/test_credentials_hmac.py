"""By HMAC: what the signature covers, and that it counts once and soon."""

import asyncio

import pytest

from coinport.gateway.credentials import AHEAD_MAX_MS, WINDOW_MAX_MS, WINDOW_MS
from coinport.gateway.errors import Code
from coinport.gateway.requests import Permission, Scheme
from tests.gateway.callers import ALL, BODY, ORDERS, House, code_of, hmac_headers, refusal, request


def test_an_hmac_covers_time_method_target_and_body(house: House) -> None:
    async def scenario() -> None:
        alice = await house.register()
        token = await house.token(alice)
        now = house.clock()
        headers = hmac_headers(token, now, "POST", ORDERS, BODY)
        for forged in (
            request("GET", ORDERS, body=BODY, **headers),
            request("POST", ORDERS + b"x", body=BODY, **headers),
            request("POST", ORDERS, b"a=1", body=BODY, **headers),
            request("POST", ORDERS, body=BODY + b" ", **headers),
            request("POST", ORDERS, body=BODY, **headers | {"x_coinport_timestamp": str(now + 1)}),
        ):
            assert await house.answer(forged) is Code.WRONG_SIGNATURE
        signed = request("POST", ORDERS, body=BODY, **headers)
        assert await house.credentials.authenticate(signed) == (
            alice,
            ALL - {Permission.OWNER},
            Scheme.HMAC,
            False,
        )

    asyncio.run(scenario())


def test_an_hmac_covers_the_query_as_it_was_sent(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        target = b"/api/v2/user/profile?ids=1%2C2&a="
        headers = hmac_headers(token, house.clock(), target=target)
        decoded = request(query=b"ids=1,2&a=", **headers)
        as_sent = request(query=b"ids=1%2C2&a=", **headers)
        assert await house.answer(decoded) is Code.WRONG_SIGNATURE
        assert await house.answer(as_sent) is None

    asyncio.run(scenario())


def test_a_captured_hmac_request_cannot_be_replayed(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        captured = request(**hmac_headers(token, house.clock()))
        assert await house.answer(captured) is None
        for later_ms in (0, 1, WINDOW_MS - 1, 1):
            house.clock.now_ms += later_ms
            assert await house.answer(captured) is Code.WRONG_SIGNATURE

    asyncio.run(scenario())


def test_a_captured_hmac_request_cannot_be_replayed_with_a_longer_window(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        headers = hmac_headers(token, house.clock(), window_ms=1_000)
        assert await house.answer(request(**headers)) is None
        replayed = request(**headers | {"x_coinport_window": str(WINDOW_MAX_MS)})
        for later_ms in (500, 2_000, 50_000):
            house.clock.now_ms += later_ms
            assert await house.answer(replayed) is Code.WRONG_SIGNATURE

    asyncio.run(scenario())


def test_of_one_hmac_request_sent_many_times_at_once_one_counts(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        captured = request(**hmac_headers(token, house.clock()))
        codes = await asyncio.gather(*(house.answer(captured) for _ in range(10)))
        assert sorted(codes, key=str) == [Code.WRONG_SIGNATURE] * 9 + [None]

    asyncio.run(scenario())


@pytest.mark.parametrize("ahead_ms", [0, AHEAD_MAX_MS])
def test_a_captured_hmac_request_cannot_be_replayed_after_a_restart(
    house: House, ahead_ms: int
) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        sent_ms = house.clock() + ahead_ms
        captured = request(**hmac_headers(token, sent_ms, window_ms=WINDOW_MAX_MS))
        assert await house.answer(captured) is None
        restarted = house.restarted()
        for later_ms in (0, 1, ahead_ms, 2_000):
            house.clock.now_ms += later_ms
            attempt = restarted.authenticate(captured)
            assert await code_of(attempt) is Code.WRONG_SIGNATURE

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("sent_ms_ago", "window_ms", "answer"),
    [
        (WINDOW_MS, None, None),
        (WINDOW_MS + 1, None, Code.WRONG_SIGNATURE),
        (-AHEAD_MAX_MS, None, None),
        (-AHEAD_MAX_MS - 1, None, Code.WRONG_SIGNATURE),
        (-AHEAD_MAX_MS - 1, WINDOW_MAX_MS, Code.WRONG_SIGNATURE),
        (WINDOW_MAX_MS, WINDOW_MAX_MS, None),
        (WINDOW_MAX_MS + 1, WINDOW_MAX_MS, Code.WRONG_SIGNATURE),
        (101, 100, Code.WRONG_SIGNATURE),
    ],
)
def test_a_timestamp_counts_within_its_window_only(
    house: House, sent_ms_ago: int, window_ms: int | None, answer: Code | None
) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        house.clock.now_ms += 2 * WINDOW_MAX_MS
        headers = hmac_headers(token, house.clock() - sent_ms_ago, window_ms=window_ms)
        assert await house.answer(request(**headers)) is answer

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("x_coinport_key", "", Code.MISSING_PARAMETER),
        ("x_coinport_timestamp", "", Code.MISSING_PARAMETER),
        ("x_coinport_signature", "", Code.MISSING_PARAMETER),
        ("x_coinport_timestamp", "soon", Code.BAD_PARAMETER),
        ("x_coinport_timestamp", "-1", Code.BAD_PARAMETER),
        ("x_coinport_timestamp", "1e12", Code.BAD_PARAMETER),
        ("x_coinport_timestamp", "9" * 5000, Code.BAD_PARAMETER),
        ("x_coinport_window", "0", Code.BAD_PARAMETER),
        ("x_coinport_window", str(WINDOW_MAX_MS + 1), Code.BAD_PARAMETER),
        ("x_coinport_window", "\xb2", Code.BAD_PARAMETER),
        ("x_coinport_key", "0" * 32, Code.NOT_AUTHENTICATED),
        ("x_coinport_key", "\xff", Code.NOT_AUTHENTICATED),
        ("x_coinport_signature", "\xff", Code.WRONG_SIGNATURE),
    ],
)
def test_headers_of_an_hmac_that_cannot_be_used_are_named(
    house: House, header: str, value: str, code: Code
) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        headers = hmac_headers(token, house.clock()) | {header: value}
        error = await refusal(house.credentials.authenticate(request(**headers)))
        assert error
        assert error.code is code
        if code in {Code.MISSING_PARAMETER, Code.BAD_PARAMETER}:
            assert error.subject == header.replace("_", "-")

    asyncio.run(scenario())
