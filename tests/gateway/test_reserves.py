"""Reserves and the published files, over HTTP."""

import hashlib
import json
import random

import msgspec
import pytest

from coinport.gateway.errors import Code
from coinport.gateway.ratelimit import Limit, Limits
from coinport.model.units import Amount, Sequence, TimeMs
from coinport.reserves.holdings import AddressHolding, CurrencyReserves
from coinport.reserves.leaves import Holding
from coinport.reserves.proof import Proof, verify_proof
from coinport.reserves.publishing import (
    Movement,
    SnapshotOrder,
    TransfersOrder,
    publish_snapshot,
    publish_transfers,
)
from tests.gateway.exchange import Exchange, Person, salt_of

pytestmark = pytest.mark.anyio

# 2026-09-21 14:13:22 UTC is 22:13:22 in Shanghai.
LONG = f"currency=ltc&snapshot={10**99}"
TIME = TimeMs(1_790_000_002_000)
ROWS = (
    AddressHolding("LHot", Amount(10 * 10**8), "hot", "coinport", "c2ln"),
    AddressHolding("LCold", Amount(20 * 10**8), "cold", "", ""),
    AddressHolding("LUser1", Amount(3 * 10**8), "user", "coinport", "c2ln"),
    AddressHolding("LUser2", Amount(4 * 10**8), "user", "coinport", "c2ln"),
)
RESERVES = CurrencyReserves(
    TIME, Sequence(77), Amount(38 * 10**8), ROWS, 1234, "simblock", Amount(25 * 10**6)
)


def published(exchange: Exchange, id: int, *people: Person) -> None:
    """A round of files of LTC, with 1, 2, ... LTC for `people`."""
    listings = exchange.services.live.listings.listings
    currency = listings.currencies[listings.currency_of["LTC"]]
    holdings = [
        Holding(person.account, Amount(number * 10**8), salt_of(person.account))
        for number, person in enumerate(people, 1)
    ]
    movement = Movement(
        id=5,
        type="deposit",
        amount=Amount(10**8),
        created=TIME,
        updated=TIME,
        sequence=Sequence(id),
        txid="simabc",
        address="LUser1",
    )
    transfers = TransfersOrder(
        currency=currency,
        id=id,
        timestamp=TIME,
        from_sequence=Sequence(id - 1),
        to_sequence=Sequence(id),
        trading_fees=Amount(0),
        movements=[movement],
    )
    snapshot = SnapshotOrder(
        currency=currency, id=id, timestamp=TIME, sequence=Sequence(id), holdings=holdings
    )
    catalog = exchange.services.proofs.catalog
    catalog.add(publish_transfers(exchange.directory, transfers))
    catalog.add(publish_snapshot(exchange.directory, snapshot, random.Random(id)))


async def test_what_is_there_and_what_is_owed_is_shown_per_currency(exchange: Exchange) -> None:
    assert (await exchange.api.get("reserve_stats")).data == {
        "timestamp": 0,
        "stats": {},
        "sent": {},
        "short": [],
        "simulated_chains": [],
    }
    exchange.reserves["LTC"] = RESERVES
    exchange.reserves["XRP"] = CurrencyReserves(TIME, Sequence(77), Amount(0))
    assert (await exchange.api.get("reserve_stats")).data == {
        "timestamp": TIME,
        "stats": {"LTC": [10, 20, 7, 38], "XRP": [0, 0, 0, 0]},
        "sent": {"LTC": 0.25, "XRP": 0},
        "short": ["LTC"],
        "simulated_chains": ["LTC", "XRP"],
    }


async def test_the_rows_of_a_currency_add_up_to_its_stats(exchange: Exchange) -> None:
    exchange.reserves["LTC"] = RESERVES
    data = (await exchange.api.get("ltc/reserves")).data
    assert data == {
        "timestamp": TIME,
        "currency": "LTC",
        "stats": [10, 20, 7, 38],
        "distribution": [
            ["LHot", 10, "hot", "coinport", "c2ln"],
            ["LCold", 20, "cold", "", ""],
            ["LUser1", 3, "user", "coinport", "c2ln"],
            ["LUser2", 4, "user", "coinport", "c2ln"],
        ],
        "sequence": 77,
        "height": 1234,
        "block_hash": "simblock",
        "sent": 0.25,
        "simulated": True,
    }
    for place, total in zip(("hot", "cold", "user"), data["stats"], strict=False):
        assert sum(row[1] for row in data["distribution"] if row[2] == place) == total


@pytest.mark.parametrize(
    ("currency", "code"),
    [
        ("cny", Code.BAD_PARAMETER),
        ("gooc", Code.BAD_PARAMETER),
        ("eth", Code.UNKNOWN_CURRENCY),
    ],
)
async def test_what_is_on_no_chain_has_no_reserves(exchange: Exchange, currency, code) -> None:
    assert (await exchange.api.get(f"{currency}/reserves")).code == code


@pytest.mark.parametrize(
    ("paths", "rows", "kind"),
    [
        (("balance_snapshots_files", "balance_snapshot_files"), "snapshots", "snapshot"),
        (("transfer_files", "transfers_files"), "transfers", "transfer"),
    ],
)
async def test_files_are_listed_and_download_with_that_size(
    exchange: Exchange, paths, rows, kind
) -> None:
    alice = await exchange.person("alice")
    assert (await exchange.api.get(f"ltc/{paths[0]}")).data[rows] == []
    for id in (1, 2, 3):
        published(exchange, id, alice)
    for path in paths:
        data = (await exchange.api.get(f"ltc/{path}?limit=2")).data
        assert (data["hasMore"], data["currency"], data["timestamp"]) == (True, "LTC", TIME)
        assert data["time_zone"] == "Asia/Shanghai"  # of the times in the rows
        assert [row[:3] for row in data[rows]] == [
            [3, "09-21 22:13:22", f"{kind}-3.json"],
            [2, "09-21 22:13:22", f"{kind}-2.json"],
        ]
        last = (await exchange.api.get(f"ltc/{path}?cursor=2")).data
        assert ([row[0] for row in last[rows]], last["hasMore"]) == ([1], False)
    for _, _, name, size in data[rows]:
        file = await exchange.api.http.get(data["path"] + name)
        assert (file.status_code, len(file.content)) == (200, size)
        assert file.headers["etag"] == f'"{hashlib.sha256(file.content).hexdigest()}"'
        assert "immutable" in file.headers["cache-control"]
        assert json.loads(file.content)["currency"] == "LTC"


@pytest.mark.parametrize(
    "path",
    ["LTC/snapshot-2.json", "BTC/snapshot-1.json", "LTC/..%2Fsecret.key", "LTC/secret.key"],
)
async def test_nothing_else_is_downloaded(exchange: Exchange, path: str) -> None:
    published(exchange, 1, await exchange.person("alice"))
    assert (await exchange.api.http.get(f"/api/v2/files/{path}")).status_code == 404


async def test_downloads_count_as_public_requests(run_exchange) -> None:
    async with run_exchange(limits=Limits(public=Limit(1, 3))) as exchange:
        published(exchange, 1, await exchange.person("alice"))
        path = "/api/v2/files/LTC/snapshot-1.json"
        answers = [await exchange.api.http.get(path) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert "retry-after" in answers[-1].headers


async def test_a_user_finds_himself_and_nobody_else(exchange: Exchange) -> None:
    alice, bob = await exchange.person("alice"), await exchange.person("bob")
    published(exchange, 1, alice)
    published(exchange, 2, alice, bob)
    answer = await bob.api.get("user/liability_proof?currency=ltc")
    assert (answer.data["snapshot"], answer.data["uid"]) == (2, bob.account)
    assert answer.data["balance"] == 2
    raw = msgspec.json.decode(answer.text, type=dict[str, msgspec.Raw])["data"]
    verify_proof(msgspec.json.decode(raw, type=Proof))
    for query in ("currency=ltc&snapshot=1", "currency=ltc&snapshot=7", "currency=btc", LONG):
        refused = await bob.api.get(f"user/liability_proof?{query}")
        assert (refused.code, "snapshot" in refused.message) == (Code.BAD_PARAMETER, True)
    assert (await exchange.api.get("user/liability_proof?currency=ltc")).code == 1014
