"""By cookie: a session, and the proof that one of our own pages sent the request."""

import asyncio

import pytest

from coinport.gateway.errors import Code
from coinport.gateway.requests import Scheme
from tests.gateway.callers import ALL, BODY, ORDERS, SECURE, House, request

JSON = {"content_type": "application/json"}


def test_a_cookie_is_its_session_until_that_ends(house: House) -> None:
    async def scenario() -> None:
        alice = await house.register()
        session = await house.sessions.create(alice)
        get = request(cookie=f"a=b; {SECURE}={session.id}")
        assert await house.credentials.authenticate(get) == (alice, ALL, Scheme.COOKIE, False)
        await house.sessions.end(session.id)
        assert await house.answer(get) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "proof",
    [
        {"x_xsrf_token": "the session's"},
        {"origin": "https://coinport.example", "host": "coinport.example"},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-origin", "content_type": "Application/JSON; charset=utf-8"},
    ],
)
def test_a_post_by_cookie_counts_with_a_proof_that_our_page_sent_it(
    house: House, proof: dict[str, str]
) -> None:
    async def scenario() -> None:
        cookie, xsrf = await house.cookie()
        if "x_xsrf_token" in proof:
            proof["x_xsrf_token"] = xsrf
        post = request("POST", ORDERS, body=BODY, cookie=cookie, **JSON | proof)
        assert await house.answer(post) is None

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_xsrf_token": "0" * 64},
        {"x_xsrf_token": ""},
        {"origin": "https://evil.example", "host": "coinport.example"},
        {"origin": "http://coinport.example", "host": "coinport.example"},
        {"origin": "https://coinport.example.evil.example", "host": "coinport.example"},
        {"origin": "null", "host": "coinport.example"},
        {"origin": "https://"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {
            "sec_fetch_site": "cross-site",
            "origin": "https://coinport.example",
            "host": "coinport.example",
        },
        {"sec_fetch_site": "same-origin", "content_type": "text/plain"},
        {"sec_fetch_site": "same-origin", "content_type": "application/x-www-form-urlencoded"},
        {"sec_fetch_site": "same-origin", "content_type": ""},
    ],
)
def test_a_post_that_another_site_forged_does_not_count(
    house: House, headers: dict[str, str]
) -> None:
    async def scenario() -> None:
        cookie, _ = await house.cookie()
        post = request("POST", ORDERS, body=BODY, cookie=cookie, **JSON | headers)
        assert await house.answer(post) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_cookie_does_not_count_for_what_another_site_made_the_browser_get(
    house: House, site: str
) -> None:
    async def scenario() -> None:
        cookie, _ = await house.cookie()
        get = request(cookie=cookie, sec_fetch_site=site)
        assert await house.answer(get) is Code.NOT_AUTHENTICATED
        typed_in = request(cookie=cookie, sec_fetch_site="none", sec_fetch_mode="navigate")
        assert await house.answer(typed_in) is None

    asyncio.run(scenario())


def test_over_https_a_cookie_that_a_subdomain_could_have_set_does_not_count(house: House) -> None:
    async def scenario() -> None:
        session = await house.sessions.create(await house.register())
        for secure, address, name, answer in [
            (True, "192.0.2.1", "coinport_session", Code.NOT_AUTHENTICATED),
            (False, "192.0.2.1", "coinport_session", Code.NOT_AUTHENTICATED),
            (True, "127.0.0.1", "coinport_session", Code.NOT_AUTHENTICATED),
            (False, "127.0.0.1", "coinport_session", None),
            (False, "::1", "coinport_session", None),
        ]:
            get = request(cookie=f"{name}={session.id}", secure=secure, address=address)
            assert await house.answer(get) is answer

    asyncio.run(scenario())
