"""Who sent a request: by password, by signature, by cookie; and every way of not being it."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from coinport.gateway.credentials import AHEAD_MAX_MS, WINDOW_MAX_MS, WINDOW_MS
from coinport.gateway.errors import Code, Language
from coinport.gateway.ratelimit import UNLIMITED, Limit, Limits
from coinport.gateway.requests import Permission, Scheme
from tests.gateway.callers import (
    PASSWORD,
    House,
    basic,
    code_of,
    hmac_headers,
    md5_token,
    refusal,
    request,
)

ALL = frozenset(Permission)
ORDERS = b"/api/v2/user/submit_orders"
BODY = b'{"orders":[]}'
SECURE = "__Host-coinport_session"
JSON = {"content_type": "application/json"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


# By password.


def test_a_password_is_known_by_email_and_by_uid(house: House) -> None:
    async def scenario() -> None:
        alice = await house.register("alice@example.com")
        for user in ("alice@example.com", " ALICE@example.com", str(alice)):
            caller = await house.credentials.authenticate(request(authorization=basic(user)))
            assert caller == (alice, ALL, Scheme.BASIC)

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
            attempt = house.credentials.authenticate(
                request(authorization=basic("alice@example.com", "wrong"))
            )
            assert await code_of(attempt) is Code.NOT_AUTHENTICATED
        right = request(authorization=basic("alice@example.com"))
        error = await refusal(house.credentials.authenticate(right))
        assert error
        assert error.message(Language.EN) == "Authentication failed"
        elsewhere = request(authorization=basic("alice@example.com"), address="198.51.100.1")
        assert await code_of(house.credentials.authenticate(elsewhere)) is None

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
        attempt = house.credentials.authenticate(request(authorization=basic("alice@example.com")))
        assert await code_of(attempt) is Code.ONE_TIME_CODE

    asyncio.run(scenario())


# By MD5.


def test_a_token_signs_the_query_of_a_get_and_the_body_of_a_post(house: House) -> None:
    async def scenario() -> None:
        alice = await house.register()
        token = await house.token(alice, permissions=frozenset({"read"}))
        get = request(query=b"b=2&a=1", authorization=md5_token(token, b"a=1&b=2"))
        post = request("POST", ORDERS, body=BODY, authorization=md5_token(token, BODY))
        for signed in (get, post):
            caller = await house.credentials.authenticate(signed)
            assert caller == (alice, frozenset({Permission.READ}), Scheme.TOKEN)

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
            attempt = house.credentials.authenticate(forged)
            assert await code_of(attempt) is Code.WRONG_SIGNATURE

    asyncio.run(scenario())


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_signature_of_an_empty_request_does_not_cover_a_query(house: House, method: str) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        attempt = house.credentials.authenticate(
            request(method, query=b"a=1", authorization=md5_token(token))
        )
        assert await code_of(attempt) is Code.WRONG_SIGNATURE

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
        attempt = house.credentials.authenticate(request(authorization=md5_token(token)))
        assert await code_of(attempt) is Code.NOT_PERMITTED
        by_hmac = request(**hmac_headers(token, house.clock()))
        assert await code_of(house.credentials.authenticate(by_hmac)) is None

    asyncio.run(scenario())


def test_a_token_is_refused_from_addresses_that_it_does_not_allow(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register(), ip_allow=("192.0.2.0/24",))
        for address, answer in [("192.0.2.7", None), ("198.51.100.1", Code.NOT_PERMITTED)]:
            now = house.clock()
            by_md5 = request(address=address, authorization=md5_token(token))
            by_hmac = request(address=address, **hmac_headers(token, now))
            assert await code_of(house.credentials.authenticate(by_md5)) is answer
            assert await code_of(house.credentials.authenticate(by_hmac)) is answer

    asyncio.run(scenario())


def test_a_deleted_token_is_refused_at_once(house: House) -> None:
    async def scenario() -> None:
        alice = await house.register()
        token = await house.token(alice)
        signed = request(authorization=md5_token(token))
        assert await code_of(house.credentials.authenticate(signed)) is None
        await house.tokens.delete(alice, token.token)
        attempt = house.credentials.authenticate(signed)
        assert await code_of(attempt) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())


def test_no_token_has_what_only_its_owner_may(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        caller = await house.credentials.authenticate(request(authorization=md5_token(token)))
        assert caller.permissions == ALL - {Permission.OWNER}

    asyncio.run(scenario())


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


# By HMAC.


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
            attempt = house.credentials.authenticate(forged)
            assert await code_of(attempt) is Code.WRONG_SIGNATURE
        signed = request("POST", ORDERS, body=BODY, **headers)
        assert await house.credentials.authenticate(signed) == (
            alice,
            ALL - {Permission.OWNER},
            Scheme.HMAC,
        )

    asyncio.run(scenario())


def test_an_hmac_covers_the_query_as_it_was_sent(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        target = b"/api/v2/user/profile?ids=1%2C2&a="
        headers = hmac_headers(token, house.clock(), target=target)
        decoded = request(query=b"ids=1,2&a=", **headers)
        as_sent = request(query=b"ids=1%2C2&a=", **headers)
        assert await code_of(house.credentials.authenticate(decoded)) is Code.WRONG_SIGNATURE
        assert await code_of(house.credentials.authenticate(as_sent)) is None

    asyncio.run(scenario())


def test_a_captured_hmac_request_cannot_be_replayed(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        captured = request(**hmac_headers(token, house.clock()))
        assert await code_of(house.credentials.authenticate(captured)) is None
        for later_ms in (0, 1, WINDOW_MS - 1, 1):
            house.clock.now_ms += later_ms
            attempt = house.credentials.authenticate(captured)
            assert await code_of(attempt) is Code.WRONG_SIGNATURE

    asyncio.run(scenario())


def test_a_captured_hmac_request_cannot_be_replayed_with_a_longer_window(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        headers = hmac_headers(token, house.clock(), window_ms=1_000)
        assert await code_of(house.credentials.authenticate(request(**headers))) is None
        replayed = request(**headers | {"x_coinport_window": str(WINDOW_MAX_MS)})
        for later_ms in (500, 2_000, 50_000):
            house.clock.now_ms += later_ms
            attempt = house.credentials.authenticate(replayed)
            assert await code_of(attempt) is Code.WRONG_SIGNATURE

    asyncio.run(scenario())


def test_of_one_hmac_request_sent_many_times_at_once_one_counts(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        captured = request(**hmac_headers(token, house.clock()))
        codes = await asyncio.gather(
            *(code_of(house.credentials.authenticate(captured)) for _ in range(10))
        )
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
        assert await code_of(house.credentials.authenticate(captured)) is None
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
        assert await code_of(house.credentials.authenticate(request(**headers))) is answer

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


# By cookie.


async def session_of(house: House) -> tuple[str, str]:
    """The `Cookie` header and the XSRF token of a new session of a new user."""
    session = await house.sessions.create(await house.register())
    return f"XSRF-TOKEN={session.xsrf}; {SECURE}={session.id}", session.xsrf


def test_a_cookie_is_its_session_until_that_ends(house: House) -> None:
    async def scenario() -> None:
        alice = await house.register()
        session = await house.sessions.create(alice)
        get = request(cookie=f"a=b; {SECURE}={session.id}")
        assert await house.credentials.authenticate(get) == (alice, ALL, Scheme.COOKIE)
        await house.sessions.end(session.id)
        attempt = house.credentials.authenticate(get)
        assert await code_of(attempt) is Code.NOT_AUTHENTICATED

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
        cookie, xsrf = await session_of(house)
        if "x_xsrf_token" in proof:
            proof["x_xsrf_token"] = xsrf
        post = request("POST", ORDERS, body=BODY, cookie=cookie, **JSON | proof)
        assert await code_of(house.credentials.authenticate(post)) is None

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
        cookie, _ = await session_of(house)
        post = request("POST", ORDERS, body=BODY, cookie=cookie, **JSON | headers)
        attempt = house.credentials.authenticate(post)
        assert await code_of(attempt) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_cookie_does_not_count_for_what_another_site_made_the_browser_get(
    house: House, site: str
) -> None:
    async def scenario() -> None:
        cookie, _ = await session_of(house)
        get = request(cookie=cookie, sec_fetch_site=site)
        assert await code_of(house.credentials.authenticate(get)) is Code.NOT_AUTHENTICATED
        typed_in = request(cookie=cookie, sec_fetch_site="none", sec_fetch_mode="navigate")
        assert await code_of(house.credentials.authenticate(typed_in)) is None

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
            assert await code_of(house.credentials.authenticate(get)) is answer

    asyncio.run(scenario())


# One decides alone.


def test_a_wrong_authorization_header_fails_even_with_a_good_cookie(house: House) -> None:
    async def scenario() -> None:
        cookie, _ = await session_of(house)
        for wrong in (basic("alice@example.com", "wrong"), "Bearer x", "x", "Basic"):
            attempt = house.credentials.authenticate(request(cookie=cookie, authorization=wrong))
            assert await code_of(attempt) is Code.NOT_AUTHENTICATED
        for empty in ("", "   "):
            attempt = house.credentials.authenticate(request(cookie=cookie, authorization=empty))
            assert await code_of(attempt) is None

    asyncio.run(scenario())


def test_a_wrong_authorization_header_fails_even_with_a_good_hmac(house: House) -> None:
    async def scenario() -> None:
        token = await house.token(await house.register())
        headers = hmac_headers(token, house.clock())
        attempt = house.credentials.authenticate(request(authorization="Bearer x", **headers))
        assert await code_of(attempt) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())


@pytest.mark.parametrize("kept", ["x_coinport_key", "x_coinport_timestamp", "x_coinport_signature"])
def test_a_part_of_an_hmac_fails_even_with_a_good_cookie(house: House, kept: str) -> None:
    async def scenario() -> None:
        session = await house.sessions.create(await house.register())
        token = await house.token(session.account)
        headers = {kept: hmac_headers(token, house.clock())[kept]}
        get = request(cookie=f"{SECURE}={session.id}", **headers)
        attempt = house.credentials.authenticate(get)
        assert await code_of(attempt) is Code.MISSING_PARAMETER

    asyncio.run(scenario())


def test_the_caller_is_whom_the_authorization_header_names_whatever_the_cookie_says(
    house: House,
) -> None:
    async def scenario() -> None:
        cookie, _ = await session_of(house)
        bob = await house.register("bob@example.com")
        both = request(cookie=cookie, authorization=basic("bob@example.com"))
        assert (await house.credentials.authenticate(both)).account == bob

    asyncio.run(scenario())


# The log-in.


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
        cookie, _ = await session_of(house)
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


# The suspended, and those who fail too often.


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
            attempt = house.credentials.authenticate(right)
            assert await code_of(attempt) is Code.ACCOUNT_UNAVAILABLE
        log_in = house.credentials.log_in(request(authorization=basic("alice@example.com")))
        assert await code_of(log_in) is Code.ACCOUNT_UNAVAILABLE
        wrong = request(authorization=basic("alice@example.com", "wrong"))
        assert await code_of(house.credentials.authenticate(wrong)) is Code.NOT_AUTHENTICATED

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
            attempt = house.credentials.authenticate(request(authorization=basic("a", "b")))
            assert await code_of(attempt) is Code.NOT_AUTHENTICATED
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
        assert await code_of(house.credentials.authenticate(remembered)) is None
        elsewhere = request(address="198.51.100.1", authorization=basic("alice@example.com"))
        assert await code_of(house.credentials.authenticate(elsewhere)) is None
        house.clock.now_ms += 1_000
        again = request(authorization=basic("alice@example.com"))
        assert await code_of(house.credentials.authenticate(again)) is None

    asyncio.run(scenario())
    house.close()


def test_requests_without_any_credentials_count_as_public_ones(tmp_path: Path) -> None:
    one = Limit(per_second=1, burst=1)
    house = House(tmp_path, Limits(public=one, failures=one))

    async def scenario() -> None:
        codes = [await code_of(house.credentials.authenticate(request())) for _ in range(2)]
        assert codes == [Code.NOT_AUTHENTICATED, Code.RATE_LIMITED]
        wrong = request(authorization="Bearer x")
        assert await code_of(house.credentials.authenticate(wrong)) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())
    house.close()


def test_limits_of_failures_come_long_after_passwords_are_locked_out() -> None:
    failures = Limits().failures
    assert failures
    assert failures.burst >= 200
    assert UNLIMITED.failures is None


def test_a_password_with_broken_text_is_just_wrong(house: House) -> None:
    async def scenario() -> None:
        await house.register("alice@example.com")
        for text in (b"alice@example.com:\xff", b"\xff:x", b"alice@example.com:\0"):
            header = "Basic " + base64.b64encode(text).decode()
            attempt = house.credentials.authenticate(request(authorization=header))
            assert await code_of(attempt) is Code.NOT_AUTHENTICATED

    asyncio.run(scenario())
