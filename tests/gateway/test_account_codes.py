"""One-time codes over HTTP: bound, asked for, unbound."""

from pathlib import Path

import pyotp
import pytest

from coinport.gateway.errors import Code
from tests.gateway.callers import basic
from tests.gateway.desk import Client, Desk

ALICE, BOB = "alice@example.com", "bob@example.com"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def browser_of(desk: Desk, email: str) -> Client:
    await desk.user(email)
    browser = desk.client()
    await browser.get("login", authorization=basic(email))
    browser.headers["x-xsrf-token"] = browser.cookies["XSRF-TOKEN"]
    return browser


async def bind(desk: Desk, browser: Client) -> pyotp.TOTP:
    """The device of the browser's user; the code of the present step is used up."""
    device = pyotp.TOTP((await browser.get("user/get_google_auth")).data["secret"])
    body = {"googlecode": desk.house.code(device)}
    answer = await browser.post("user/bind_google_auth", body)
    assert answer.data == {"googleAuthEnabled": True}
    return device


def test_codes_are_bound_asked_for_and_unbound(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        browser = await browser_of(desk, ALICE)
        seed = (await browser.get("user/get_google_auth")).data
        assert seed["authUrl"].startswith("otpauth://totp/")
        assert f"secret={seed['secret']}" in seed["authUrl"]
        device = await bind(desk, browser)
        assert (await browser.get("user/profile")).data["googleAuthEnabled"] is True

        desk.house.clock.now_ms += 30_000
        alice = desk.client(authorization=basic(ALICE))
        for path in ("login", "user/profile"):
            answer = await alice.get(path)
            assert (answer.status, answer.code) == (200, Code.ONE_TIME_CODE)
        code = desk.house.code(device)
        assert (await alice.get("login", x_coinport_otp=code)).code == 0
        assert (await alice.get("login", x_coinport_otp=code)).code == Code.ONE_TIME_CODE

        desk.house.clock.now_ms += 30_000
        wrong = await browser.post("user/unbind_google_auth", {"googlecode": code})
        assert wrong.code == Code.ONE_TIME_CODE
        right = {"googlecode": desk.house.code(device)}
        unbound = await browser.post("user/unbind_google_auth", right)
        assert unbound.data == {"googleAuthEnabled": False}
        assert (await desk.client().get("login", authorization=basic(ALICE))).code == 0

    desk.run(scenario)


def test_a_password_that_was_remembered_before_codes_were_bound_needs_one_too(
    desk: Desk,
) -> None:
    async def scenario(desk: Desk) -> None:
        browser = await browser_of(desk, ALICE)
        alice = desk.client(authorization=basic(ALICE))
        assert (await alice.get("user/profile")).code == 0
        await bind(desk, browser)
        assert (await alice.get("user/profile")).code == Code.ONE_TIME_CODE

    desk.run(scenario)


def test_a_wrong_password_is_not_told_that_a_code_is_missing(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        await bind(desk, await browser_of(desk, ALICE))
        wrong = await desk.client().get("login", authorization=basic(ALICE, "wrong"))
        unknown = await desk.client().get("login", authorization=basic(BOB))
        assert wrong.code == Code.NOT_AUTHENTICATED
        assert wrong.response.content == unknown.response.content

    desk.run(scenario)


def test_codes_cannot_be_guessed(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        browser = await browser_of(desk, ALICE)
        device = await bind(desk, browser)
        desk.house.clock.now_ms += 30_000
        right = desk.house.code(device)
        guesses = [f"{int(right) + at:06}"[-6:] for at in range(1, 12)]
        for guess in guesses:
            answer = await browser.post("user/unbind_google_auth", {"googlecode": guess})
            assert answer.code == Code.ONE_TIME_CODE
        late = await browser.post("user/unbind_google_auth", {"googlecode": right})
        assert late.code == Code.ONE_TIME_CODE

    desk.run(scenario)


def test_what_cannot_be_bound_or_unbound_says_why(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        browser = await browser_of(desk, ALICE)

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
        await bind(desk, browser)
        code, message = await refused("bind_google_auth", googlecode="000000")
        assert (code, "bound already" in message) == (Code.BAD_PARAMETER, True)
        again = await browser.get("user/get_google_auth")
        assert (again.code, "bound already" in again.message) == (Code.BAD_PARAMETER, True)

    desk.run(scenario)


def test_a_secret_of_the_clients_own_does_not_bind(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        browser = await browser_of(desk, ALICE)
        await browser.get("user/get_google_auth")
        own = pyotp.TOTP(pyotp.random_base32())
        body = {"googlesecret": own.secret, "googlecode": desk.house.code(own)}
        answer = await browser.post("user/bind_google_auth", body)
        assert answer.code == Code.ONE_TIME_CODE

    desk.run(scenario)


def test_the_device_of_one_user_does_not_open_the_account_of_another(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        await bind(desk, await browser_of(desk, ALICE))
        device = await bind(desk, await browser_of(desk, BOB))
        desk.house.clock.now_ms += 30_000
        code = desk.house.code(device)
        alice = await desk.client().get("login", authorization=basic(ALICE), x_coinport_otp=code)
        bob = await desk.client().get("login", authorization=basic(BOB), x_coinport_otp=code)
        assert (alice.code, bob.code) == (Code.ONE_TIME_CODE, 0)

    desk.run(scenario)
