"""One-time codes over HTTP: bound, asked for, unbound."""

import pyotp
import pytest

from coinport.gateway.errors import Code
from tests.api import Api
from tests.gateway.callers import basic
from tests.gateway.clients import registered, visitor
from tests.gateway.exchange import Exchange

ALICE, BOB = "alice@example.com", "bob@example.com"


pytestmark = pytest.mark.anyio


async def browser_of(exchange: Exchange, email: str) -> Api:
    await registered(exchange, email)
    browser = visitor(exchange)
    await browser.get("login", authorization=basic(email))
    browser.http.headers["x-xsrf-token"] = browser.http.cookies["XSRF-TOKEN"]
    return browser


async def bind(exchange: Exchange, browser: Api) -> pyotp.TOTP:
    """The device of the browser's user; the code of the present step is used up."""
    device = pyotp.TOTP((await browser.get("user/get_google_auth")).data["secret"])
    body = {"googlecode": exchange.house.code(device)}
    answer = await browser.post("user/bind_google_auth", body)
    assert answer.data == {"googleAuthEnabled": True}
    return device


async def test_codes_are_bound_asked_for_and_unbound(exchange: Exchange) -> None:
    browser = await browser_of(exchange, ALICE)
    seed = (await browser.get("user/get_google_auth")).data
    assert seed["authUrl"].startswith("otpauth://totp/")
    assert f"secret={seed['secret']}" in seed["authUrl"]
    device = await bind(exchange, browser)
    assert (await browser.get("user/profile")).data["googleAuthEnabled"] is True

    exchange.house.clock.now_ms += 30_000
    alice = visitor(exchange, authorization=basic(ALICE))
    for path in ("login", "user/profile"):
        answer = await alice.get(path)
        assert (answer.status, answer.code) == (200, Code.ONE_TIME_CODE)
    code = exchange.house.code(device)
    assert (await alice.get("login", x_coinport_otp=code)).code == 0
    assert (await alice.get("login", x_coinport_otp=code)).code == Code.ONE_TIME_CODE

    exchange.house.clock.now_ms += 30_000
    wrong = await browser.post("user/unbind_google_auth", {"googlecode": code})
    assert wrong.code == Code.ONE_TIME_CODE
    right = {"googlecode": exchange.house.code(device)}
    unbound = await browser.post("user/unbind_google_auth", right)
    assert unbound.data == {"googleAuthEnabled": False}
    assert (await visitor(exchange).get("login", authorization=basic(ALICE))).code == 0


async def test_a_password_that_was_remembered_before_codes_were_bound_needs_one_too(
    exchange: Exchange,
) -> None:
    browser = await browser_of(exchange, ALICE)
    alice = visitor(exchange, authorization=basic(ALICE))
    assert (await alice.get("user/profile")).code == 0
    await bind(exchange, browser)
    assert (await alice.get("user/profile")).code == Code.ONE_TIME_CODE


async def test_a_wrong_password_is_not_told_that_a_code_is_missing(exchange: Exchange) -> None:
    await bind(exchange, await browser_of(exchange, ALICE))
    wrong = await visitor(exchange).get("login", authorization=basic(ALICE, "wrong"))
    unknown = await visitor(exchange).get("login", authorization=basic(BOB))
    assert wrong.code == Code.NOT_AUTHENTICATED
    assert wrong.text == unknown.text


async def test_codes_cannot_be_guessed(exchange: Exchange) -> None:
    browser = await browser_of(exchange, ALICE)
    device = await bind(exchange, browser)
    exchange.house.clock.now_ms += 30_000
    right = exchange.house.code(device)
    guesses = [f"{int(right) + at:06}"[-6:] for at in range(1, 12)]
    for guess in guesses:
        answer = await browser.post("user/unbind_google_auth", {"googlecode": guess})
        assert answer.code == Code.ONE_TIME_CODE
    late = await browser.post("user/unbind_google_auth", {"googlecode": right})
    assert late.code == Code.ONE_TIME_CODE


async def test_what_cannot_be_bound_or_unbound_says_why(exchange: Exchange) -> None:
    browser = await browser_of(exchange, ALICE)

    async def refused(path: str, **body: str) -> tuple[int, str]:
        answer = await browser.post(f"user/{path}", body)
        return answer.code, answer.message

    assert await refused("bind_google_auth") == (
        Code.MISSING_PARAMETER,
        "Missing parameter: googlecode",
    )
    code, message = await refused("bind_google_auth", googlecode="000000")
    assert (code, "get_google_auth first" in message) == (Code.BAD_PARAMETER, True)
    code, message = await refused("unbind_google_auth", googlecode="000000")
    assert (code, "not bound" in message) == (Code.BAD_PARAMETER, True)
    await bind(exchange, browser)
    code, message = await refused("bind_google_auth", googlecode="000000")
    assert (code, "bound already" in message) == (Code.BAD_PARAMETER, True)
    again = await browser.get("user/get_google_auth")
    assert (again.code, "bound already" in again.message) == (Code.BAD_PARAMETER, True)


async def test_a_secret_of_the_clients_own_does_not_bind(exchange: Exchange) -> None:
    browser = await browser_of(exchange, ALICE)
    await browser.get("user/get_google_auth")
    own = pyotp.TOTP(pyotp.random_base32())
    body = {"googlesecret": own.secret, "googlecode": exchange.house.code(own)}
    answer = await browser.post("user/bind_google_auth", body)
    assert answer.code == Code.ONE_TIME_CODE


async def test_the_device_of_one_user_does_not_open_the_account_of_another(
    exchange: Exchange,
) -> None:
    await bind(exchange, await browser_of(exchange, ALICE))
    device = await bind(exchange, await browser_of(exchange, BOB))
    exchange.house.clock.now_ms += 30_000
    code = exchange.house.code(device)
    alice = await visitor(exchange).get("login", authorization=basic(ALICE), x_coinport_otp=code)
    bob = await visitor(exchange).get("login", authorization=basic(BOB), x_coinport_otp=code)
    assert (alice.code, bob.code) == (Code.ONE_TIME_CODE, 0)
