"""Registration, log-in, log-out, profile, balance: over HTTP."""

import base64
import hashlib

import pytest

from coinport.gateway.errors import Code
from coinport.identity.tokens import NewToken
from coinport.model.commands import (
    AnnounceDeposit,
    CreditDeposit,
    HoldDeposit,
    ResumeAccount,
    SuspendAccount,
)
from coinport.model.events import DepositAnnounced
from coinport.model.units import Amount
from tests.api import Api
from tests.databases import read_only
from tests.gateway.callers import ADDRESS, PASSWORD, basic, md5_token
from tests.gateway.clients import credit, registered, uid_of, visitor
from tests.gateway.conftest import Running
from tests.gateway.exchange import Exchange

ALICE, BOB = "alice@example.com", "bob@example.com"
SESSION = "__Host-coinport_session"


pytestmark = pytest.mark.anyio


async def log_in(client: Api, user: str = ALICE, **headers: str) -> int:
    return (await client.get("login", authorization=basic(user), **headers)).code


# Registration.


async def test_who_registers_has_a_profile_and_no_money(exchange: Exchange) -> None:
    registered = await visitor(exchange).post(
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
        "created": exchange.house.clock(),
    }
    alice = visitor(exchange, authorization=basic(ALICE))
    assert (await alice.get("user/profile")).data == registered.data
    balance = await alice.get("user/balance")
    assert len(balance.data) == 12
    assert all(figures == [0, 0, 0, 0] for figures in balance.data.values())


@pytest.mark.parametrize(
    "pwdhash",
    [
        hashlib.md5(PASSWORD.encode()).hexdigest(),
        base64.b64encode(hashlib.sha256(PASSWORD.encode()).digest()).decode(),
        PASSWORD,
    ],
    ids=["md5", "sha256", "plain"],
)
async def test_the_password_and_what_was_registered_of_it_both_log_in(
    exchange: Exchange, pwdhash: str
) -> None:
    await visitor(exchange).post("register", {"email": ALICE, "pwdhash": pwdhash})
    for password in (PASSWORD, pwdhash):
        answer = await visitor(exchange).get("login", authorization=basic(ALICE, password))
        assert answer.code == 0
    wrong = await visitor(exchange).get("login", authorization=basic(ALICE, PASSWORD + "x"))
    assert wrong.code == Code.NOT_AUTHENTICATED


async def test_a_registration_that_cannot_be_names_what_is_wrong(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
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
        answer = await visitor(exchange).post("register", body)
        assert (answer.status, answer.code) == (200, code), body
        assert named in answer.message


async def test_where_identity_cannot_be_written_who_registers_or_logs_in_is_to_try_again(
    exchange: Exchange,
) -> None:
    await registered(exchange, ALICE)
    bob = {"email": BOB, "pwdhash": PASSWORD}
    with read_only(exchange.house.database):
        for answer in (
            await visitor(exchange).post("register", bob),
            await visitor(exchange).get("login", authorization=basic(ALICE)),
        ):
            assert (answer.status, answer.code) == (503, Code.INTERNAL_ERROR)
            assert answer.headers["retry-after"] == "1"
            assert "try again" in answer.message
    assert (await visitor(exchange).post("register", bob)).data["uid"] == 1_000_000_002
    assert await log_in(visitor(exchange)) == 0


# The session.


async def test_a_log_in_sets_cookies_that_stand_for_the_password_until_the_log_out(
    exchange: Exchange,
) -> None:
    await registered(exchange, ALICE)
    browser = visitor(exchange)
    assert await log_in(browser) == 0
    assert (await browser.get("user/profile")).data["email"] == ALICE
    stolen = browser.http.cookies[SESSION]
    assert (await browser.get("logout")).code == 0
    assert not dict(browser.http.cookies)
    browser.http.cookies.set(SESSION, stolen)
    assert (await browser.get("user/profile")).code == Code.NOT_AUTHENTICATED


async def test_the_cookies_are_guarded_as_well_as_a_browser_can(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
    answer = await visitor(exchange).get("login", authorization=basic(ALICE))
    session, xsrf = answer.headers.get_list("set-cookie")
    assert session.startswith(f"{SESSION}=")
    assert session.partition("; ")[2] == "Path=/; SameSite=Lax; Secure; HttpOnly"
    assert xsrf.startswith("XSRF-TOKEN=")
    assert xsrf.partition("; ")[2] == "Path=/; SameSite=Lax; Secure"
    assert answer.headers["cache-control"] == "no-store"


async def test_on_loopback_without_https_the_cookies_are_not_secure_ones(
    exchange: Exchange,
) -> None:
    await registered(exchange, ALICE)
    origin = "http://localhost:8000"
    browser = visitor(exchange, "127.0.0.1", origin)
    answer = await browser.get("login", authorization=basic(ALICE))
    session, xsrf = answer.headers.get_list("set-cookie")
    assert "Secure" not in session + xsrf
    assert session.startswith("coinport_session=")
    assert (await browser.get("user/profile")).code == 0
    same_origin = await browser.post("user/add_api_token", {}, origin=origin)
    assert same_origin.code == 0


async def test_a_session_ends_an_hour_after_its_last_use(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
    browser = visitor(exchange)
    await log_in(browser)
    for minutes, code in [(59, 0), (59, 0), (60, Code.NOT_AUTHENTICATED)]:
        exchange.house.clock.now_ms += minutes * 60_000
        assert (await browser.get("user/profile")).code == code


async def test_a_session_that_another_chose_or_knew_before_the_log_in_is_not_the_callers(
    exchange: Exchange,
) -> None:
    await registered(exchange, ALICE)
    await registered(exchange, BOB)
    mallory, victim = visitor(exchange), visitor(exchange)
    await log_in(mallory, BOB)
    known = mallory.http.cookies[SESSION]
    for planted in (known, "chosen"):
        victim.http.cookies.clear()
        victim.http.cookies.set(SESSION, planted, domain="coinport.example", path="/")
        await log_in(victim, ALICE)
        assert victim.http.cookies[SESSION] != planted
        assert (await victim.get("user/profile")).data["email"] == ALICE
    assert (await mallory.get("user/profile")).code == Code.NOT_AUTHENTICATED


async def test_every_log_in_has_a_session_of_its_own(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
    phone, laptop = visitor(exchange), visitor(exchange)
    await log_in(phone)
    await log_in(laptop)
    assert phone.http.cookies[SESSION] != laptop.http.cookies[SESSION]
    await phone.post("logout")
    assert (await phone.get("user/profile")).code == Code.NOT_AUTHENTICATED
    assert (await laptop.get("user/profile")).code == 0


async def test_a_log_out_that_another_site_caused_is_refused(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
    browser = visitor(exchange)
    await log_in(browser)
    for send in (browser.get, browser.post):
        answer = await send("logout", sec_fetch_site="cross-site")
        assert answer.code == Code.NOT_AUTHENTICATED
    assert (await browser.get("user/profile")).code == 0


async def test_who_is_not_logged_in_may_log_out(exchange: Exchange) -> None:
    for send in (visitor(exchange).get, visitor(exchange).post):
        answer = await send("logout")
        assert (answer.code, answer.data) == (0, None)


async def test_a_post_from_our_page_counts_and_one_from_another_site_does_not(
    exchange: Exchange,
) -> None:
    await registered(exchange, ALICE)
    page = visitor(exchange)
    await log_in(page)
    path = "user/add_api_token"
    forged = await page.post(path, {}, origin="https://evil.example")
    assert (forged.status, forged.code) == (200, Code.NOT_AUTHENTICATED)
    assert "X-XSRF-TOKEN" in forged.message
    form = await page.post(
        path, {}, x_xsrf_token=page.http.cookies["XSRF-TOKEN"], content_type="text/plain"
    )
    assert form.code == Code.NOT_AUTHENTICATED
    ours = await page.post(path, {}, x_xsrf_token=page.http.cookies["XSRF-TOKEN"])
    assert ours.code == 0


# Who one is, and is not.


async def test_failures_are_never_401_and_cannot_be_told_apart(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
    answers = [
        await visitor(exchange).get(path, authorization=authorization)
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
    bodies = {answer.text for answer in answers}
    headers = {tuple(answer.headers.items()) for answer in answers}
    assert len(bodies) == len(headers) == 1
    assert answers[0].code == Code.NOT_AUTHENTICATED


async def test_a_suspended_account_is_refused_until_it_is_resumed(exchange: Exchange) -> None:
    alice = await registered(exchange, ALICE)
    uid = await uid_of(alice)
    await exchange.tell(SuspendAccount(uid, "tests", "why not"))
    assert (await alice.get("user/profile")).code == Code.ACCOUNT_UNAVAILABLE
    assert await log_in(visitor(exchange)) == Code.ACCOUNT_UNAVAILABLE
    await exchange.tell(ResumeAccount(uid, "tests", "why not"))
    assert (await alice.get("user/profile")).code == 0


async def wrong_then_right(client: Api) -> int:
    """Ten wrong passwords, each from an address of the client's own making, then the right one."""
    for at in range(10):
        forged = f"198.51.100.{at}"
        await client.get("login", authorization=basic(ALICE, "wrong"), x_forwarded_for=forged)
    return await log_in(client, x_forwarded_for="198.51.100.99")


async def test_a_forged_address_does_not_get_around_a_lock_out(exchange: Exchange) -> None:
    await registered(exchange, ALICE)
    code = await wrong_then_right(visitor(exchange, "203.0.113.9"))
    assert code == Code.NOT_AUTHENTICATED


async def test_behind_a_named_proxy_it_is_the_clients_address_that_is_locked_out(
    run_exchange: Running,
) -> None:
    async with run_exchange(proxies=["10.0.0.0/8"]) as exchange:
        await registered(exchange, ALICE)
        proxied = visitor(exchange, "10.0.0.1")
        assert await wrong_then_right(proxied) == 0
        for at in range(10):
            forged = f"1.1.1.{at}, 198.51.100.7"
            await proxied.get("login", authorization=basic(ALICE, "wrong"), x_forwarded_for=forged)
        forged = "2.2.2.2, 198.51.100.7"
        assert await log_in(proxied, x_forwarded_for=forged) == Code.NOT_AUTHENTICATED


# Money.


async def test_the_balance_is_ones_own_and_exact(exchange: Exchange) -> None:
    alice, bob = await registered(exchange, ALICE), await registered(exchange, BOB)
    await credit(exchange, await uid_of(alice), "BTC", 1)
    await credit(exchange, await uid_of(alice), "XRP", 2**53 + 1)
    await credit(exchange, await uid_of(bob), "CNY", 150_000_000)
    answer = await alice.get("user/balance")
    assert '"XRP":[9007199254.740993,0,0,9007199254.740993]' in answer.text
    assert '"BTC":[0.00000001,0,0,0.00000001]' in answer.text
    assert '"CNY":[0,0,0,0]' in answer.text
    as_text = await bob.get("user/balance", x_number_format="string")
    assert as_text.data["CNY"] == ["1.5", "0", "0", "1.5"]
    assert as_text.data["BTC"] == ["0", "0", "0", "0"]


async def test_what_is_frozen_for_an_order_is_not_available(exchange: Exchange) -> None:
    alice = await registered(exchange, ALICE)
    await credit(exchange, await uid_of(alice), "CNY", 10_000_000_000)
    order = {"market": "BTC-CNY", "type": "buy", "price": 30, "amount": 0.5}
    placed = await alice.post("user/submit_orders", {"orders": [order]})
    assert placed.code == 0
    assert (await alice.get("user/balance")).data["CNY"] == [85, 15, 0, 100]


async def test_what_is_held_back_of_a_deposit_shows_as_frozen(exchange: Exchange) -> None:
    alice = await registered(exchange, ALICE)
    uid, by = await uid_of(alice), ("tests", "why")
    cny = exchange.services.live.listings.listings.currency_of["CNY"]
    await credit(exchange, uid, "CNY", 10_000_000_000)
    announced = AnnounceDeposit(uid, cny, Amount(3_000_000_000), "wire-1", "", *by)
    (event,) = (await exchange.tell(announced)).events
    assert isinstance(event, DepositAnnounced)
    await exchange.tell(CreditDeposit(event.transfer, "another", "why"))
    await exchange.tell(HoldDeposit(event.transfer, *by))
    assert (await alice.get("user/balance")).data["CNY"] == [100, 30, 0, 130]


async def test_the_address_of_a_client_is_not_what_it_says_where_no_proxy_is_named(
    exchange: Exchange,
) -> None:
    alice = await registered(exchange, ALICE)
    made = await alice.post("user/add_api_token", {"ip_allow": [ADDRESS]})
    token = NewToken(**made.data)
    thief = visitor(exchange, "203.0.113.9")
    answer = await thief.get(
        "user/profile", authorization=md5_token(token), x_forwarded_for=ADDRESS
    )
    assert answer.code == Code.NOT_PERMITTED
