"""Deposit addresses and deposits, over HTTP."""

import pytest

from coinport.gateway.errors import Code
from coinport.model.commands import HoldDeposit, ReleaseDeposit
from coinport.model.units import TransferId
from coinport.wallets.addresses import parse
from coinport.wallets.simnetwork import Failure
from tests.gateway.exchange import Exchange, Person

pytestmark = pytest.mark.anyio

FIRST = 1_000_000_000_001


@pytest.fixture
async def alice(exchange: Exchange) -> Person:
    return await exchange.person("alice")


async def test_an_address_is_made_once_and_is_nobody_elses(
    exchange: Exchange, alice: Person
) -> None:
    bob = await exchange.person("bob")
    made = await alice.api.post("user/create_deposit_addr/ltc")
    address = made.data["LTC"]
    assert made.data == {"LTC": address, "simulated": True}
    assert parse("LTC", address).text == address
    assert (await alice.api.post("user/create_deposit_addr/LTC", {})).data == made.data
    other = await bob.api.post("user/create_deposit_addr/ltc")
    assert other.data["LTC"] != address
    listed = await alice.api.get("user/deposit_addresses")
    assert listed.data == {"LTC": address, "simulated": ["LTC"]}


async def test_where_users_share_an_address_the_memo_is_the_uid(alice: Person) -> None:
    made = await alice.api.post("user/create_deposit_addr/xrp")
    memo = str(alice.account)
    assert made.data == {"XRP": "simXRP", "memo": memo, "simulated": True}
    listed = await alice.api.get("user/deposit_addresses")
    assert listed.data == {"XRP": "simXRP", "memos": {"XRP": memo}, "simulated": ["XRP"]}


async def test_nobody_has_addresses_before_he_asks(alice: Person) -> None:
    assert (await alice.api.get("user/deposit_addresses")).data == {}


@pytest.mark.parametrize(
    ("currency", "code"),
    [
        ("cny", Code.BAD_PARAMETER),
        ("gooc", Code.BAD_PARAMETER),
        ("btc", Code.BAD_PARAMETER),  # no chain of it here, nor of these
        ("nxt", Code.BAD_PARAMETER),
        ("btsx", Code.BAD_PARAMETER),
        ("eth", Code.UNKNOWN_CURRENCY),
    ],
)
async def test_a_currency_without_a_chain_has_no_addresses(alice: Person, currency, code) -> None:
    answer = await alice.api.post(f"user/create_deposit_addr/{currency}")
    assert (answer.code, answer.data) == (code, None)


async def test_the_path_has_all_there_is_to_say(alice: Person) -> None:
    answer = await alice.api.post("user/create_deposit_addr/ltc", {"currency": "btc"})
    assert answer.code == Code.BAD_PARAMETER
    assert "currency" in answer.message
    answer = await alice.api.post("user/create_deposit_addr/ltc?x=1")
    assert answer.code == Code.BAD_PARAMETER


async def test_a_node_that_does_not_answer_is_said_to_be_busy(
    exchange: Exchange, alice: Person
) -> None:
    exchange.wallets.networks["LTC"].fail("watch", Failure.BEFORE)
    answer = await alice.api.post("user/create_deposit_addr/ltc")
    assert (answer.status, answer.code) == (503, Code.INTERNAL_ERROR)
    answer = await alice.api.post("user/create_deposit_addr/ltc")
    assert parse("LTC", answer.data["LTC"])


async def test_a_deposit_is_shown_from_when_it_is_seen(exchange: Exchange, alice: Person) -> None:
    seen = exchange.clock.now_ms
    await alice.deposit("LTC", 5, "LTC:simabc:1", credited=False)
    assert (await alice.api.get("user/deposits")).data == {
        "timestamp": seen,
        "hasMore": False,
        "deposits": [
            {
                "id": FIRST,
                "transfer_id": FIRST,
                "currency": "LTC",
                "quantity": 5,
                "fee": 0,
                "status": "Confirming",
                "withdraw_status": 2,
                "address": "simaddress",
                "memo": "",
                "txid": "simabc",
                "confirmations": 0,
                "reason": "",
                "waits": "",
                "created": seen,
                "updated": seen,
                "simulated": True,
            }
        ],
    }
    assert (await alice.api.get("user/balance")).data["LTC"] == [0, 0, 0, 0]


async def test_it_is_credited_and_what_leaves_the_chain_is_frozen(
    exchange: Exchange, alice: Person
) -> None:
    transfer = TransferId(await alice.deposit("LTC", 5, "LTC:simabc:1"))
    (row,) = (await alice.api.get("user/deposits")).data["deposits"]
    assert (row["status"], row["withdraw_status"]) == ("Succeeded", 4)
    assert (await alice.api.get("user/balance")).data["LTC"] == [5, 0, 0, 5]
    await exchange.tell(HoldDeposit(transfer, "chain", "it left the chain"))
    (row,) = (await alice.api.get("user/deposits")).data["deposits"]
    assert (row["status"], row["reason"]) == ("Confirming", "it left the chain")
    assert (await alice.api.get("user/balance")).data["LTC"] == [0, 5, 0, 5]
    await exchange.tell(ReleaseDeposit(transfer, "chain", "it is back"))
    assert (await alice.api.get("user/balance")).data["LTC"] == [5, 0, 0, 5]


async def test_lists_are_paged_filtered_and_private(exchange: Exchange, alice: Person) -> None:
    bob = await exchange.person("bob")
    mine = [await alice.deposit("LTC", 1, f"LTC:sim{number}:0") for number in range(3)]
    theirs = await bob.deposit("LTC", 1, "LTC:simbob:0")
    mine.append(await alice.deposit("DOGE", 7, "DOGE:sim:0"))

    async def ids(query: str = "") -> tuple[list[int], bool]:
        answer = await alice.api.get("user/deposits" + (query and f"?{query}"))
        assert answer.code == 0, answer.message
        return [row["id"] for row in answer.data["deposits"]], answer.data["hasMore"]

    assert await ids() == (mine[::-1], False)
    assert await ids("limit=2") == ([mine[3], mine[2]], True)
    assert await ids(f"cursor={mine[2]}") == ([mine[1], mine[0]], False)
    assert await ids("currency=ltc") == (mine[2::-1], False)
    assert await ids(f"ids={mine[0]},{theirs},7,{mine[3]}&limit=1") == ([mine[3], mine[0]], False)
    answer = await alice.api.get("user/deposits?currency=eth")
    assert answer.code == Code.UNKNOWN_CURRENCY
    assert (await alice.api.get("user/withdrawals")).data["withdrawals"] == []
