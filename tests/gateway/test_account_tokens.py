"""API tokens over HTTP: made, listed, deleted, and used with every scheme."""

import json
from decimal import Decimal
from urllib.parse import quote

import pytest

from coinport.gateway.errors import Code
from coinport.identity.tokens import NewToken
from tests.api import Api
from tests.gateway.callers import PASSWORD, hmac_headers, md5_token
from tests.gateway.clients import credit, registered, uid_of, visitor
from tests.gateway.exchange import Exchange

ALICE, BOB = "alice@example.com", "bob@example.com"


pytestmark = pytest.mark.anyio


async def token_of(client: Api, **terms: object) -> NewToken:
    answer = await client.post("user/add_api_token", terms)
    assert answer.code == 0, answer.message
    return NewToken(**answer.data)


async def test_a_token_is_made_listed_and_deleted_and_its_secret_shown_once(
    exchange: Exchange,
) -> None:
    alice = await registered(exchange, ALICE)
    terms = {
        "name": "robot",
        "permissions": ["trade", "read"],
        "ip_allow": ["192.0.2.0/24", "2001:db8::1"],
        "md5": False,
    }
    token = await token_of(alice, **terms)
    assert len(token.secret) >= 32
    listed = await alice.get("user/api_tokens")
    assert listed.data == {
        "tokens": [
            terms
            | {
                "token": token.token,
                "permissions": ["read", "trade"],
                "created": exchange.house.clock(),
            }
        ]
    }
    profile = await alice.get("user/profile")
    assert profile.data["apiToken"] == token.token
    assert token.secret not in listed.text + profile.text
    gone = await alice.post("user/delete_api_token", {"token": token.token})
    assert gone.data == {"token": token.token}
    assert (await alice.get("user/api_tokens")).data == {"tokens": []}
    by_hmac = hmac_headers(token, exchange.house.clock())
    answer = await visitor(exchange).get("user/profile", **by_hmac)
    assert answer.code == Code.NOT_AUTHENTICATED


async def test_a_token_of_which_nothing_is_said_permits_all_that_a_token_can(
    exchange: Exchange,
) -> None:
    alice = await registered(exchange, ALICE)
    token = await token_of(alice)
    (listed,) = (await alice.get("user/api_tokens")).data["tokens"]
    assert listed["permissions"] == ["read", "trade", "withdraw"]
    assert listed["md5"] is True
    answer = await visitor(exchange).get("user/profile", authorization=md5_token(token))
    assert answer.data["email"] == ALICE


async def test_the_newest_token_is_the_profiles(exchange: Exchange) -> None:
    alice = await registered(exchange, ALICE)
    for _ in range(3):
        exchange.house.clock.now_ms += 1
        token = await token_of(alice)
        assert (await alice.get("user/profile")).data["apiToken"] == token.token


async def test_a_token_that_cannot_be_names_what_is_wrong(exchange: Exchange) -> None:
    alice = await registered(exchange, ALICE)
    for body, named in [
        ({"permissions": []}, "permissions"),
        ({"permissions": ["owner"]}, "permissions"),
        ({"permissions": "read"}, "permissions"),
        ({"ip_allow": ["nowhere"]}, "ip_allow"),
        ({"ip_allow": ["192.0.2.1"] * 21}, "ip_allow"),
        ({"name": "x" * 65}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"md5": "perhaps"}, "md5"),
        ({"secret": "mine"}, "secret"),
    ]:
        answer = await alice.post("user/add_api_token", body)
        assert answer.code == Code.BAD_PARAMETER, body
        assert named in answer.message


async def test_an_account_has_fifty_tokens_at_most(exchange: Exchange) -> None:
    alice = await registered(exchange, ALICE)
    for _ in range(50):
        token = await token_of(alice)
    answer = await alice.post("user/add_api_token", {})
    assert (answer.code, "token" in answer.message) == (Code.BAD_PARAMETER, True)
    await alice.post("user/delete_api_token", {"token": token.token})
    await token_of(alice)


async def test_no_token_manages_the_account_whatever_it_permits(exchange: Exchange) -> None:
    token = await token_of(await registered(exchange, ALICE))
    client = visitor(exchange)
    for path, body in [
        ("user/add_api_token", {}),
        ("user/delete_api_token", {"token": token.token}),
        ("user/bind_google_auth", {"googlecode": "000000"}),
        ("user/unbind_google_auth", {"googlecode": "000000"}),
        ("user/change_password", {"old_pwdhash": PASSWORD, "new_pwdhash": "battery staple"}),
    ]:
        signed = md5_token(token, json.dumps(body).encode())
        answer = await client.post(path, body, authorization=signed)
        assert (answer.status, answer.code) == (200, Code.NOT_PERMITTED)
    answer = await client.get("user/get_google_auth", authorization=md5_token(token))
    assert answer.code == Code.NOT_PERMITTED
    login = await client.get("login", authorization=md5_token(token))
    assert login.code == Code.NOT_AUTHENTICATED
    assert not dict(client.http.cookies)


async def test_a_token_does_what_it_permits_and_no_more(exchange: Exchange) -> None:
    alice = await registered(exchange, ALICE)
    body = {"orders": []}
    for permission, may_read, may_trade in [
        ("read", True, False),
        ("trade", False, True),
        ("withdraw", False, False),
    ]:
        token = await token_of(alice, permissions=[permission])
        read = await visitor(exchange).get("user/balance", authorization=md5_token(token))
        signed = md5_token(token, json.dumps(body).encode())
        trade = await visitor(exchange).post("user/submit_orders", body, authorization=signed)
        assert (read.code != Code.NOT_PERMITTED) is may_read
        assert (trade.code != Code.NOT_PERMITTED) is may_trade
        assert read.status == trade.status == 200


async def test_nobody_sees_or_deletes_the_tokens_of_another(exchange: Exchange) -> None:
    alice, bob = await registered(exchange, ALICE), await registered(exchange, BOB)
    token = await token_of(alice)
    assert (await bob.get("user/api_tokens")).data == {"tokens": []}
    assert (await bob.get("user/profile")).data["apiToken"] == ""
    foreign = await bob.post("user/delete_api_token", {"token": token.token})
    unknown = await bob.post("user/delete_api_token", {"token": "0" * 32})
    assert foreign.code == Code.BAD_PARAMETER
    assert foreign.text == unknown.text
    assert foreign.headers == unknown.headers
    still = await visitor(exchange).get("user/profile", authorization=md5_token(token))
    assert still.data["email"] == ALICE


async def test_of_two_users_each_sees_himself_by_every_scheme_at_every_endpoint(
    exchange: Exchange,
) -> None:
    alice, bob = await registered(exchange, ALICE), await registered(exchange, BOB)
    await credit(exchange, await uid_of(alice), "CNY", 100)
    await credit(exchange, await uid_of(bob), "CNY", 200)
    seen = {}
    for name, owner in (("alice", alice), ("bob", bob)):
        token = await token_of(owner)
        browser = visitor(exchange)
        await browser.get("login", authorization=owner.http.headers["authorization"])
        for path in ("user/profile", "user/balance", "user/api_tokens"):
            target = f"/api/v2/{path}".encode()
            answers = [
                await owner.get(path),
                await browser.get(path),
                await visitor(exchange).get(path, authorization=md5_token(token)),
                await visitor(exchange).get(
                    path, **hmac_headers(token, exchange.house.clock(), target=target)
                ),
            ]
            first, *others = [answer.data for answer in answers]
            assert all(other == first for other in others)
            seen[name, path] = first
    assert seen["alice", "user/profile"]["email"] == ALICE
    assert seen["bob", "user/profile"]["email"] == BOB
    assert seen["alice", "user/balance"]["CNY"][0] == Decimal("0.000001")
    assert seen["bob", "user/balance"]["CNY"][0] == Decimal("0.000002")
    assert seen["alice", "user/api_tokens"] != seen["bob", "user/api_tokens"]


async def test_an_account_cannot_be_named_by_its_caller(exchange: Exchange) -> None:
    alice, bob = await registered(exchange, ALICE), await registered(exchange, BOB)
    uid = await uid_of(alice)
    for path in ("user/profile", "user/balance", "user/api_tokens"):
        answer = await bob.get(f"{path}?uid={uid}")
        assert (answer.code, "uid" in answer.message) == (Code.BAD_PARAMETER, True)
    body = {"token": "x", "uid": uid}
    answer = await bob.post("user/delete_api_token", body)
    assert (answer.code, "uid" in answer.message) == (Code.BAD_PARAMETER, True)


# Signatures, as they arrive through HTTP.


async def test_a_signed_query_is_accepted_decoded_or_as_sent_and_not_without_the_secret(
    exchange: Exchange,
) -> None:
    token = await token_of(await registered(exchange, ALICE))
    stolen = NewToken(token.token, "")
    client = visitor(exchange)
    ids = "10000000001,10000000002"
    path = f"user/orders?limit=5&ids={quote(ids)}"
    for signer, signed, code in [
        (token, f"ids={ids}&limit=5", 0),
        (token, f"ids={quote(ids)}&limit=5", 0),
        (token, f"limit=5&ids={quote(ids)}", 0),
        (token, f"limit=5&ids={ids}", Code.WRONG_SIGNATURE),
        (token, "", Code.WRONG_SIGNATURE),
        (stolen, f"ids={ids}&limit=5", Code.WRONG_SIGNATURE),
    ]:
        header = md5_token(signer, signed.encode())
        answer = await client.get(path, authorization=header)
        assert (answer.status, answer.code) == (200, code), signed


async def test_a_repeated_parameter_and_a_query_on_a_post_are_named(exchange: Exchange) -> None:
    token = await token_of(await registered(exchange, ALICE))
    twice = md5_token(token, b"limit=5&limit=6")
    answer = await visitor(exchange).get("user/orders?limit=5&limit=6", authorization=twice)
    assert (answer.code, "limit" in answer.message) == (Code.BAD_PARAMETER, True)
    signed = md5_token(token, b'{"orders": []}')
    answer = await visitor(exchange).post(
        "user/submit_orders?limit=5", {"orders": []}, authorization=signed
    )
    assert (answer.code, "limit" in answer.message) == (Code.BAD_PARAMETER, True)


async def test_an_hmac_covers_the_path_and_query_as_they_were_sent(exchange: Exchange) -> None:
    token = await token_of(await registered(exchange, ALICE), md5=False)
    client = visitor(exchange)
    path = "user/orders?ids=10000000001%2C10000000002&limit=5"
    headers = hmac_headers(token, exchange.house.clock(), target=f"/api/v2/{path}".encode())
    elsewhere = await client.get("user/profile", **headers)
    assert elsewhere.code == Code.WRONG_SIGNATURE
    assert (await client.get(path, **headers)).code == 0
    replayed = await client.get(path, **headers)
    assert (replayed.status, replayed.code) == (200, Code.WRONG_SIGNATURE)
