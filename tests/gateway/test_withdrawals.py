"""Withdrawals, over HTTP."""

import asyncio

import pytest
from sqlalchemy import select

from coinport.gateway import withdrawals
from coinport.gateway.cookies import SESSION_SECURE
from coinport.gateway.errors import Code
from coinport.identity.tables import destinations
from coinport.model.commands import ApproveWithdrawal, FailWithdrawal
from coinport.model.units import TransferId
from coinport.wallets.approvals import Obstacle
from tests.api import Key
from tests.gateway.callers import md5_token
from tests.gateway.clients import credit, registered, uid_of
from tests.gateway.exchange import Exchange, Person

pytestmark = pytest.mark.anyio

OUTSIDE = "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9"
LTC = {"currency": "LTC", "address": OUTSIDE, "amount": 2}


@pytest.fixture
async def alice(exchange: Exchange) -> Person:
    return await exchange.person("alice", LTC=10, CNY=10_000, XRP=100)


async def balance(person: Person, currency: str = "LTC") -> list[object]:
    return list((await person.api.get("user/balance")).data[currency])


async def only(person: Person) -> dict[str, object]:
    (row,) = (await person.api.get("user/withdrawals")).data["withdrawals"]
    return dict(row)


async def test_all_of_it_is_set_aside_at_once(exchange: Exchange, alice: Person) -> None:
    answer = await alice.api.post("user/submit_withdrawal", LTC)
    transfer = answer.data["tranfer_id"]
    assert answer.data == {"tranfer_id": transfer, "transfer_id": transfer, "withdraw_status": 0}
    assert await balance(alice) == [8, 0, 2, 10]
    assert await only(alice) == {
        "id": transfer,
        "transfer_id": transfer,
        "currency": "LTC",
        "quantity": 2,
        "fee": 0.0005,
        "status": "Pending",
        "withdraw_status": 0,
        "address": OUTSIDE,
        "memo": "",
        "txid": "",
        "confirmations": 0,
        "reason": "",
        "waits": "",
        "created": exchange.clock.now_ms,
        "updated": exchange.clock.now_ms,
        "simulated": True,
    }


@pytest.mark.parametrize("name", ["tranfer_id", "transfer_id", "id"])
async def test_it_is_canceled_under_any_of_its_names(alice: Person, name: str) -> None:
    transfer = (await alice.api.post("user/submit_withdrawal", LTC)).data["tranfer_id"]
    answer = await alice.api.post("user/cancel_withdrawal", {name: transfer})
    assert answer.data == await only(alice)
    assert answer.data["status"] == "Cancelled"
    assert await balance(alice) == [10, 0, 0, 10]


async def test_what_is_approved_canceled_foreign_or_unknown_is_not_canceled(
    exchange: Exchange, alice: Person
) -> None:
    bob = await exchange.person("bob")
    transfer = (await alice.api.post("user/submit_withdrawal", LTC)).data["tranfer_id"]

    async def refused(person: Person, body: object) -> int:
        answer = await person.api.post("user/cancel_withdrawal", body)
        assert answer.data == ""
        return answer.code

    assert await refused(bob, {"tranfer_id": transfer}) == Code.BAD_PARAMETER
    await exchange.tell(ApproveWithdrawal(TransferId(transfer), "admin", "fine"))
    assert await refused(alice, {"tranfer_id": transfer}) == Code.BAD_PARAMETER
    assert (await only(alice))["status"] == "Processing"
    assert await refused(alice, {"tranfer_id": transfer + 1}) == Code.BAD_PARAMETER
    assert await refused(alice, {"tranfer_id": 2**64}) == Code.BAD_PARAMETER
    assert await refused(alice, {"id": 1, "tranfer_id": transfer}) == Code.BAD_PARAMETER
    assert await refused(alice, {}) == Code.MISSING_PARAMETER
    assert await refused(alice, None) == Code.MISSING_PARAMETER


async def test_what_fails_comes_back_with_its_reason(exchange: Exchange, alice: Person) -> None:
    transfer = (await alice.api.post("user/submit_withdrawal", LTC)).data["tranfer_id"]
    await exchange.tell(FailWithdrawal(TransferId(transfer), False, "admin", "ask us first"))
    row = await only(alice)
    assert (row["status"], row["reason"]) == ("Failed", "ask us first")
    assert await balance(alice) == [10, 0, 0, 10]


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"currency": "eth"}, Code.UNKNOWN_CURRENCY, "eth"),
        ({"currency": "doge"}, Code.BAD_PARAMETER, "no node of it"),
        ({"currency": "nxt"}, Code.BAD_PARAMETER, "no node of it"),
        ({"currency": "btsx"}, Code.BAD_PARAMETER, "no node of it"),
        ({"amount": "0.0099"}, Code.BELOW_MINIMUM, "amount"),
        ({"amount": 0}, Code.BAD_PARAMETER, "amount"),
        ({"amount": -1}, Code.BAD_PARAMETER, "amount"),
        ({"amount": "0.123456789"}, Code.BAD_PARAMETER, "amount"),
        ({"amount": 10.00000001}, Code.INSUFFICIENT_BALANCE, ""),
        ({"address": OUTSIDE[:-1] + "8"}, Code.BAD_PARAMETER, "address"),
        ({"address": ""}, Code.BAD_PARAMETER, "address"),
        ({"address": "1GbJtdiidFnbsGfuC5VtMKrRaoyrP2rRXk"}, Code.BAD_PARAMETER, "address"),
        ({"memo": "7"}, Code.BAD_PARAMETER, "address"),
        ({"surplus": 1}, Code.BAD_PARAMETER, "surplus"),
    ],
)
async def test_what_is_wrong_is_named(alice: Person, changes, code, said) -> None:
    answer = await alice.api.post("user/submit_withdrawal", LTC | changes)
    assert answer.code == code
    assert said in answer.message
    assert await balance(alice) == [10, 0, 0, 10]


@pytest.mark.parametrize("missing", ["currency", "address", "amount"])
async def test_what_is_missing_is_named(alice: Person, missing: str) -> None:
    body = {name: value for name, value in LTC.items() if name != missing}
    answer = await alice.api.post("user/submit_withdrawal", body)
    assert answer.code == Code.MISSING_PARAMETER
    assert missing in answer.message


async def test_an_amount_of_exactly_the_minimum_is_enough(alice: Person) -> None:
    answer = await alice.api.post("user/submit_withdrawal", LTC | {"amount": "0.01"})
    assert answer.code == 0


async def test_nothing_is_withdrawn_to_ourselves(exchange: Exchange, alice: Person) -> None:
    bob = await exchange.person("bob")
    bobs = (await bob.api.post("user/create_deposit_addr/ltc")).data["LTC"]
    for own in (bobs, exchange.wallets.purses["LTC"].hot):
        answer = await alice.api.post("user/submit_withdrawal", LTC | {"address": own})
        assert (answer.code, "address of this exchange" in answer.message) == (1007, True)


async def test_a_tag_may_stand_in_the_address(alice: Person) -> None:
    to = "rvYAfWj5gh67oV6fW32ZzP3Aw4Eubs59B"
    body = {"currency": "xrp", "address": f"{to}?dt=42", "amount": 20}
    assert (await alice.api.post("user/submit_withdrawal", body)).code == 0
    row = await only(alice)
    assert (row["address"], row["memo"]) == (to, "42")


async def test_a_bank_account_is_shown_to_its_owner_and_is_not_in_the_journal(
    exchange: Exchange, alice: Person
) -> None:
    account = "ICBC 6222 0001 2345, Alice"
    body = {"currency": "cny", "address": account, "amount": 100}
    assert (await alice.api.post("user/submit_withdrawal", body)).code == 0
    row = await only(alice)
    assert (row["address"], row["fee"], row["simulated"]) == (account, 2, False)
    journal = b"".join(path.read_bytes() for path in exchange.directory.glob("journal/*.segment"))
    assert b"destination:" in journal
    assert b"6222" not in journal


async def test_a_large_withdrawal_of_cny_costs_its_share(alice: Person) -> None:
    body = {"currency": "cny", "address": "ICBC 1", "amount": 1000}
    assert (await alice.api.post("user/submit_withdrawal", body)).code == 0
    assert (await only(alice))["fee"] == 4


async def test_of_sixteen_at_once_two_succeed_where_there_is_enough_for_two(
    exchange: Exchange,
) -> None:
    bob = await exchange.person("bob", LTC=100)
    asked = [
        bob.api.post("user/submit_withdrawal", LTC | {"amount": 50, "memo": ""}) for _ in range(16)
    ]
    codes = sorted([answer.code for answer in await asyncio.gather(*asked)])
    assert codes == [0, 0] + [Code.INSUFFICIENT_BALANCE] * 14
    assert await balance(bob) == [0, 0, 100, 100]


async def test_it_takes_the_permission_to_withdraw(exchange: Exchange, alice: Person) -> None:
    trading = frozenset({"read", "trade"})
    token = await exchange.house.token(alice.account, permissions=trading)
    limited = exchange.api.as_key(token_key(token))
    assert (await limited.post("user/submit_withdrawal", LTC)).code == Code.NOT_PERMITTED
    assert (await limited.post("user/cancel_withdrawal", {"id": 1})).data == ""
    assert (await limited.get("user/withdrawals")).code == 0


async def test_the_same_bytes_signed_by_md5_count_once_a_day(
    exchange: Exchange, alice: Person
) -> None:
    token = await exchange.house.token(alice.account)
    body = b'{"currency":"LTC","address":"%b","amount":1}' % OUTSIDE.encode()

    async def sent(body: bytes) -> int:
        headers = {"authorization": md5_token(token, body)}
        answer = await exchange.api.send("POST", "user/submit_withdrawal", body, headers)
        return answer.code

    assert await sent(body) == 0
    assert await sent(body) == Code.BAD_PARAMETER
    assert await sent(body.replace(b":1}", b":1.5}")) == 0
    assert await balance(alice) == [7.5, 0, 2.5, 10]
    exchange.clock.now_ms += 24 * 60 * 60 * 1000
    assert await sent(body) == 0


async def test_a_session_needs_a_one_time_code_where_they_are_switched_on(
    exchange: Exchange,
) -> None:
    by_password = await registered(exchange, "carol@example.com")
    carol = await uid_of(by_password)
    await credit(exchange, carol, "LTC", 10 * 10**8)
    session = await exchange.house.sessions.create(carol)
    page = exchange.from_address("192.0.2.77")
    page.http.headers.update(
        {
            "cookie": f"{SESSION_SECURE}={session.id}; XSRF-TOKEN={session.xsrf}",
            "x-xsrf-token": session.xsrf,
            "content-type": "application/json",
        }
    )
    assert (await page.post("user/submit_withdrawal", LTC)).code == 0
    device = await exchange.house.bind_codes(carol)
    exchange.clock.now_ms += 30_000
    assert (await page.post("user/submit_withdrawal", LTC)).code == Code.ONE_TIME_CODE
    unlimited = await page.post("user/add_api_token", {"name": "a thief's"})
    assert unlimited.code == Code.ONE_TIME_CODE
    coded = LTC | {"googlecode": exchange.house.code(device)}
    assert (await page.post("user/submit_withdrawal", coded)).code == 0
    assert (await page.post("user/submit_withdrawal", coded)).code == Code.ONE_TIME_CODE


async def test_who_uses_his_book_only_goes_nowhere_else(exchange: Exchange) -> None:
    dave = await registered(exchange, "dave@example.com")
    account = await uid_of(dave)
    await credit(exchange, account, "LTC", 10 * 10**8)
    added = await dave.post("user/add_address", {"currency": "ltc", "address": OUTSIDE})
    assert added.data["counts_from"] == exchange.clock.now_ms + 24 * 60 * 60 * 1000
    assert (await dave.post("user/submit_withdrawal", LTC)).code == 0
    book = await dave.post("user/address_book_only", {"enabled": True})
    assert book.data == {"only": True, "entries": [added.data]}
    refused = await dave.post("user/submit_withdrawal", LTC)
    assert (refused.code, "address" in refused.message) == (Code.BAD_PARAMETER, True)
    exchange.clock.now_ms += 24 * 60 * 60 * 1000
    assert (await dave.post("user/submit_withdrawal", LTC)).code == 0
    assert (await dave.post("user/delete_address", {"id": added.data["id"]})).code == 0
    assert (await dave.post("user/delete_address", {"id": added.data["id"]})).code == 1007
    assert (await dave.get("user/address_book")).data == {"only": True, "entries": []}
    bank = {"currency": "cny", "address": "6222 0000 1111"}
    for wrong in ({"address": ""}, {"address": "6" * 201}, {"address": "\x1b"}, {"memo": "7"}):
        assert (await dave.post("user/add_address", bank | wrong)).code == Code.BAD_PARAMETER
    for number in (-1, 2**63, 10**40):
        gone = await dave.post("user/delete_address", {"id": number})
        assert gone.code == Code.BAD_PARAMETER
    wrong = await dave.post("user/add_address", {"currency": "ltc", "address": "nowhere"})
    assert wrong.code == Code.BAD_PARAMETER


async def test_a_token_may_not_change_the_book(alice: Person) -> None:
    answer = await alice.api.post("user/address_book_only", {"enabled": False})
    assert answer.code == Code.NOT_PERMITTED


def token_key(token):
    return Key(token.token, token.secret)


async def test_an_account_has_at_most_so_many_open(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawals, "OPEN_MAX", 3)
    alice, bob = await exchange.person("alice", LTC=10), await exchange.person("bob", LTC=10)
    answers = await asyncio.gather(
        *(alice.api.post("user/submit_withdrawal", LTC | {"amount": 1}) for _ in range(5))
    )
    assert sorted(answer.code for answer in answers) == [0, 0, 0, *[Code.BAD_PARAMETER] * 2]
    refused = next(answer for answer in answers if answer.code)
    assert "are open" in refused.message
    assert await balance(alice) == [7, 0, 3, 10]
    assert (await bob.api.post("user/submit_withdrawal", LTC)).code == 0
    transfer = next(answer.data["transfer_id"] for answer in answers if not answer.code)
    assert (await alice.api.post("user/cancel_withdrawal", {"id": transfer})).code == 0
    assert (await alice.api.post("user/submit_withdrawal", LTC | {"amount": 1})).code == 0


async def test_it_says_why_it_waits(exchange: Exchange, alice: Person) -> None:
    transfer = (await alice.api.post("user/submit_withdrawal", LTC)).data["transfer_id"]
    exchange.wallets.obstacles[transfer] = Obstacle.DAY_LIMIT
    assert (await only(alice))["waits"] == "day_limit"
    await exchange.tell(ApproveWithdrawal(TransferId(transfer), "admin", "fine"))
    assert (await only(alice))["waits"] == ""


async def test_what_goes_to_no_chain_waits_for_a_person(alice: Person) -> None:
    body = {"currency": "CNY", "address": "Bank, 6222", "amount": 100}
    assert (await alice.api.post("user/submit_withdrawal", body)).code == 0
    assert (await only(alice))["waits"] == "by_hand"


async def test_nothing_is_left_of_the_destination_of_what_was_refused(
    exchange: Exchange, alice: Person
) -> None:
    async def kept() -> list[str]:
        query = select(destinations.c.destination)
        return list(await exchange.house.database.read(lambda on: on.scalars(query).all()))

    body = {"currency": "CNY", "address": "Bank, 6222", "amount": 100_000}
    refused = await alice.api.post("user/submit_withdrawal", body)
    assert refused.code == Code.INSUFFICIENT_BALANCE
    assert await kept() == []
    assert (await alice.api.post("user/submit_withdrawal", body | {"amount": 100})).code == 0
    assert (await alice.api.post("user/submit_withdrawal", body)).code == refused.code
    assert await kept() == ["Bank, 6222"]
    assert (await only(alice))["address"] == "Bank, 6222"
