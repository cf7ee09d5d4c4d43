"""Registration, log-in, log-out, profile, balance: over HTTP."""

import base64
import hashlib
from pathlib import Path

import pytest

from coinport.gateway.errors import Code
from coinport.identity.tokens import NewToken
from tests.gateway.callers import ADDRESS, PASSWORD, basic, md5_token
from tests.gateway.desk import Client, Desk, uid_of

ALICE, BOB = "alice@example.com", "bob@example.com"
SESSION = "__Host-coinport_session"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def log_in(client: Client, user: str = ALICE, **headers: str) -> int:
    return (await client.get("login", authorization=basic(user), **headers)).code


# Registration.


def test_who_registers_has_a_profile_and_no_money(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        registered = await desk.client().post(
            "register", {"email": " Alice@Example.com ", "pwdhash": PASSWORD, "lang": "zh-CN"}
        )
        assert registered.data == {
            "uid": 1_000_000_001,
            "name": "",
            "email": ALICE,
            "mobile": "",
            "apiToken": "",
            "emailVerified": False,
            "mobileVerified": False,
            "googleAuthEnabled": False,
            "lang": "zh-CN",
            "created": desk.house.clock(),
        }
        alice = desk.client(authorization=basic(ALICE))
        assert (await alice.get("user/profile")).data == registered.data
        balance = await alice.get("user/balance")
        assert len(balance.data) == 12
        assert all(figures == [0, 0, 0, 0] for figures in balance.data.values())

    desk.run(scenario)


@pytest.mark.parametrize(
    "pwdhash",
    [
        hashlib.md5(PASSWORD.encode()).hexdigest(),
        base64.b64encode(hashlib.sha256(PASSWORD.encode()).digest()).decode(),
        PASSWORD,
    ],
    ids=["md5", "sha256", "plain"],
)
def test_the_password_and_what_was_registered_of_it_both_log_in(desk: Desk, pwdhash: str) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.client().post("register", {"email": ALICE, "pwdhash": pwdhash})
        for password in (PASSWORD, pwdhash):
            answer = await desk.client().get("login", authorization=basic(ALICE, password))
            assert answer.code == 0
        wrong = await desk.client().get("login", authorization=basic(ALICE, PASSWORD + "x"))
        assert wrong.code == Code.NOT_AUTHENTICATED

    desk.run(scenario)


def test_a_registration_that_cannot_be_names_what_is_wrong(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.user(ALICE)
        for body, code, named in [
            ({"pwdhash": PASSWORD}, Code.MISSING_PARAMETER, "email"),
            ({"email": BOB}, Code.MISSING_PARAMETER, "pwdhash"),
            ({"email": ALICE, "pwdhash": PASSWORD}, Code.BAD_PARAMETER, "email"),
            ({"email": "ALICE@example.com", "pwdhash": PASSWORD}, Code.BAD_PARAMETER, "email"),
            ({"email": "nobody", "pwdhash": PASSWORD}, Code.BAD_PARAMETER, "email"),
            ({"email": BOB, "pwdhash": ""}, Code.BAD_PARAMETER, "pwdhash"),
            ({"email": BOB, "pwdhash": "x" * 10_000}, Code.BAD_PARAMETER, "pwdhash"),
            ({"email": BOB, "pwdhash": PASSWORD, "lang": "\n"}, Code.BAD_PARAMETER, "lang"),
            ({"email": BOB, "pwdhash": 1}, Code.BAD_PARAMETER, "pwdhash"),
            ({"email": BOB, "pwdhash": PASSWORD, "uid": 1}, Code.BAD_PARAMETER, "uid"),
        ]:
            answer = await desk.client().post("register", body)
            assert (answer.status, answer.code) == (200, code), body
            assert named in answer.message

    desk.run(scenario)


# The session.


def test_a_log_in_sets_cookies_that_stand_for_the_password_until_the_log_out(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.user(ALICE)
        browser = desk.client()
        assert await log_in(browser) == 0
        assert (await browser.get("user/profile")).data["email"] == ALICE
        stolen = browser.cookies[SESSION]
        assert (await browser.get("logout")).code == 0
        assert not dict(browser.cookies)
        browser.cookies.set(SESSION, stolen)
        assert (await browser.get("user/profile")).code == Code.NOT_AUTHENTICATED

    desk.run(scenario)


def test_the_cookies_are_guarded_as_well_as_a_browser_can(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.user(ALICE)
        answer = await desk.client().get("login", authorization=basic(ALICE))
        session, xsrf = answer.response.headers.get_list("set-cookie")
        assert session.startswith(f"{SESSION}=")
        assert session.partition("; ")[2] == "Path=/; SameSite=Lax; Secure; HttpOnly"
        assert xsrf.startswith("XSRF-TOKEN=")
        assert xsrf.partition("; ")[2] == "Path=/; SameSite=Lax; Secure"
        assert answer.response.headers["cache-control"] == "no-store"

    desk.run(scenario)


def test_on_loopback_without_https_the_cookies_are_not_secure_ones(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.user(ALICE)
        desk.base_url = "http://localhost:8000"
        browser = desk.client("127.0.0.1")
        answer = await browser.get("login", authorization=basic(ALICE))
        session, xsrf = answer.response.headers.get_list("set-cookie")
        assert "Secure" not in session + xsrf
        assert session.startswith("coinport_session=")
        assert (await browser.get("user/profile")).code == 0
        same_origin = await browser.post("user/add_api_token", {}, origin=desk.base_url)
        assert same_origin.code == 0

    desk.run(scenario)


def test_a_session_ends_an_hour_after_its_last_use(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.user(ALICE)
        browser = desk.client()
        await log_in(browser)
        for minutes, code in [(59, 0), (59, 0), (60, Code.NOT_AUTHENTICATED)]:
            desk.house.clock.now_ms += minutes * 60_000
            assert (await browser.get("user/profile")).code == code

    desk.run(scenario)


def test_a_session_that_another_chose_or_knew_before_the_log_in_is_not_the_callers(
    desk: Desk,
) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.user(ALICE)
        await desk.user(BOB)
        mallory, victim = desk.client(), desk.client()
        await log_in(mallory, BOB)
        known = mallory.cookies[SESSION]
        for planted in (known, "chosen"):
            victim.cookies.clear()
            victim.cookies.set(SESSION, planted, domain="coinport.example", path="/")
            await log_in(victim, ALICE)
            assert victim.cookies[SESSION] != planted
            assert (await victim.get("user/profile")).data["email"] == ALICE
        assert (await mallory.get("user/profile")).code == Code.NOT_AUTHENTICATED

    desk.run(scenario)


def test_every_log_in_has_a_session_of_its_own(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.user(ALICE)
        phone, laptop = desk.client(), desk.client()
        await log_in(phone)
        await log_in(laptop)
        assert phone.cookies[SESSION] != laptop.cookies[SESSION]
        await phone.post("logout")
        assert (await phone.get("user/profile")).code == Code.NOT_AUTHENTICATED
        assert (await laptop.get("user/profile")).code == 0

    desk.run(scenario)


def test_a_log_out_that_another_site_caused_is_refused(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.user(ALICE)
        browser = desk.client()
        await log_in(browser)
        for send in (browser.get, browser.post):
            answer = await send("logout", sec_fetch_site="cross-site")
            assert answer.code == Code.NOT_AUTHENTICATED
        assert (await browser.get("user/profile")).code == 0

    desk.run(scenario)


def test_who_is_not_logged_in_may_log_out(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        for send in (desk.client().get, desk.client().post):
            answer = await send("logout")
            assert (answer.code, answer.data) == (0, None)

    desk.run(scenario)


def test_a_post_from_our_page_counts_and_one_from_another_site_does_not(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.user(ALICE)
        page = desk.client()
        await log_in(page)
        path = "user/add_api_token"
        forged = await page.post(path, {}, origin="https://evil.example")
        assert (forged.status, forged.code) == (200, Code.NOT_AUTHENTICATED)
        assert "X-XSRF-TOKEN" in forged.message
        form = await page.post(
            path, {}, x_xsrf_token=page.cookies["XSRF-TOKEN"], content_type="text/plain"
        )
        assert form.code == Code.NOT_AUTHENTICATED
        ours = await page.post(path, {}, x_xsrf_token=page.cookies["XSRF-TOKEN"])
        assert ours.code == 0

    desk.run(scenario)


# Who one is, and is not.


def test_failures_are_never_401_and_cannot_be_told_apart(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.user(ALICE)
        answers = [
            await desk.client().get(path, authorization=authorization)
            for path in ("login", "user/profile", "user/balance")
            for authorization in (
                basic(ALICE, "wrong"),
                basic("nobody@example.com"),
                basic("1000000077"),
                "Bearer x",
                "Basic %%%",
                "",
            )
        ]
        assert {answer.status for answer in answers} == {200}
        times = {answer.response.json().pop("time") for answer in answers}
        bodies = {answer.response.text for answer in answers}
        headers = {tuple(answer.response.headers.items()) for answer in answers}
        assert len(times) == len(bodies) == len(headers) == 1
        assert answers[0].code == Code.NOT_AUTHENTICATED

    desk.run(scenario)


def test_a_suspended_account_is_refused_until_it_is_resumed(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        alice = await desk.user(ALICE)
        uid = await uid_of(alice)
        await desk.suspend(uid)
        assert (await alice.get("user/profile")).code == Code.ACCOUNT_UNAVAILABLE
        assert await log_in(desk.client()) == Code.ACCOUNT_UNAVAILABLE
        await desk.resume(uid)
        assert (await alice.get("user/profile")).code == 0

    desk.run(scenario)


def test_an_address_of_the_clients_own_making_does_not_get_around_a_lock_out(
    tmp_path: Path,
) -> None:
    async def wrong_then_right(desk: Desk, client: Client) -> int:
        for at in range(10):
            forged = f"198.51.100.{at}"
            await client.get("login", authorization=basic(ALICE, "wrong"), x_forwarded_for=forged)
        return await log_in(client, x_forwarded_for="198.51.100.99")

    async def scenario(desk: Desk) -> None:
        await desk.user(ALICE)
        code = await wrong_then_right(desk, desk.client("203.0.113.9"))
        assert code == Code.NOT_AUTHENTICATED

    async def behind_a_proxy(desk: Desk) -> None:
        await desk.user(ALICE)
        proxied = desk.client("10.0.0.1")
        assert await wrong_then_right(desk, proxied) == 0
        for _ in range(10):
            await proxied.get(
                "login",
                authorization=basic(ALICE, "wrong"),
                x_forwarded_for="1.1.1.1, 198.51.100.7",
            )
        forged = "2.2.2.2, 198.51.100.7"
        assert await log_in(proxied, x_forwarded_for=forged) == Code.NOT_AUTHENTICATED

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    Desk(tmp_path / "a").run(scenario)
    Desk(tmp_path / "b", proxies=["10.0.0.0/8"]).run(behind_a_proxy)


# Money.


def test_the_balance_is_ones_own_and_exact(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        alice, bob = await desk.user(ALICE), await desk.user(BOB)
        await desk.credit(await uid_of(alice), "BTC", 1)
        await desk.credit(await uid_of(alice), "XRP", 2**53 + 1)
        await desk.credit(await uid_of(bob), "CNY", 150_000_000)
        answer = await alice.get("user/balance")
        assert '"XRP":[9007199254.740993,0,0,9007199254.740993]' in answer.response.text
        assert '"BTC":[0.00000001,0,0,0.00000001]' in answer.response.text
        assert '"CNY":[0,0,0,0]' in answer.response.text
        as_text = await bob.get("user/balance", x_number_format="string")
        assert as_text.data["CNY"] == ["1.5", "0", "0", "1.5"]
        assert as_text.data["BTC"] == ["0", "0", "0", "0"]

    desk.run(scenario)


def test_what_is_frozen_for_an_order_is_not_available(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        alice = await desk.user(ALICE)
        await desk.credit(await uid_of(alice), "CNY", 10_000_000_000)
        order = {"market": "BTC-CNY", "type": "buy", "price": 30, "amount": 0.5}
        placed = await alice.post("user/submit_orders", {"orders": [order]})
        assert placed.code == 0
        assert (await alice.get("user/balance")).data["CNY"] == [85, 15, 0, 100]

    desk.run(scenario)


def test_the_address_of_a_client_is_not_what_it_says_where_no_proxy_is_named(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        alice = await desk.user(ALICE)
        made = await alice.post("user/add_api_token", {"ip_allow": [ADDRESS]})
        token = NewToken(**made.data)
        thief = desk.client("203.0.113.9")
        answer = await thief.get(
            "user/profile", authorization=md5_token(token), x_forwarded_for=ADDRESS
        )
        assert answer.code == Code.NOT_PERMITTED

    desk.run(scenario)
