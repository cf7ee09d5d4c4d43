"""What is published is there wholly, durable, chained, and never changes."""

import hashlib
import json
import stat
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from coinport.reserves.errors import PublishingFailed
from coinport.reserves.layout import key_path, tree_path
from coinport.reserves.publishing import (
    publish_snapshot,
)
from coinport.reserves.verification import verify
from tests.reserves.exchange import (
    AMOUNTS,
    CNY,
    NOW,
    moved,
    path_of,
    snapshot,
    snapshot_order,
    transfers,
)


def test_a_snapshot_file_says_what_it_should(tmp_path: Path) -> None:
    path = snapshot(tmp_path, id=7, sequence=100)
    file = json.loads(path.read_text(), parse_float=Decimal)
    assert path.name == "snapshot-7.json"
    assert (file["id"], file["currency"], file["sequence"], file["timestamp"]) == (
        7,
        "BTC",
        100,
        NOW,
    )
    assert file["total"] == Decimal(sum(AMOUNTS.values())).scaleb(-8)
    assert file["total"] == sum(amount for _, amount in file["balances"])
    assert len(file["root"]) == 64
    assert (file["height"], file["block_hash"], file["previous"]) == (800_000, "00" * 32, "")


def test_no_uid_and_no_balance_stands_in_it(tmp_path: Path) -> None:
    content = snapshot(tmp_path).read_text()
    assert not any(str(account) in content for account in AMOUNTS)
    assert "1.23456789" not in content


def test_a_transfer_file_says_what_it_should(tmp_path: Path) -> None:
    rows = [moved("deposit", 5 * 10**8, 101), moved("withdrawal", 150_000_000, 105, fee=1000)]
    path = transfers(tmp_path, 7, (100, 110), rows, fees=12)
    file = json.loads(path.read_text(), parse_float=Decimal)
    assert path.name == "transfer-7.json"
    assert (file["first"], file["last"]) == (1_000_000_000_101, 1_000_000_000_105)
    assert (file["from_sequence"], file["to_sequence"]) == (100, 110)
    assert file["trading_fees"] == Decimal("0.00000012")
    assert [(row["type"], row["amount"], row["fee"]) for row in file["transfers"]] == [
        ("deposit", 5, 0),
        ("withdrawal", Decimal("1.5"), Decimal("0.00001")),
    ]
    assert "uid" not in path.read_text()


def test_addresses_of_what_is_on_no_chain_are_left_out(tmp_path: Path) -> None:
    path = transfers(tmp_path, 1, (0, 10), [moved("withdrawal", 5, 1)], currency=CNY)
    (row,) = json.loads(path.read_text())["transfers"]
    assert row["address"] == ""
    (row,) = json.loads(transfers(tmp_path, 1, (0, 10), [moved("deposit", 5, 1)]).read_text())[
        "transfers"
    ]
    assert row["address"] != ""


def test_the_size_that_is_told_is_that_of_the_file(tmp_path: Path) -> None:
    file = publish_snapshot(tmp_path, snapshot_order(1))
    assert file.size_bytes == path_of(tmp_path, file).stat().st_size


def test_each_file_names_the_digest_of_the_one_before(tmp_path: Path) -> None:
    first, second = snapshot(tmp_path, 1), snapshot(tmp_path, 10)
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    assert json.loads(second.read_text())["previous"] == digest
    assert json.loads(transfers(tmp_path, 10, (1, 2), []).read_text())["previous"] == ""


@pytest.mark.parametrize("id", [9, 10])
def test_what_is_published_is_never_written_over(tmp_path: Path, id: int) -> None:
    path = snapshot(tmp_path, 10)
    before = path.read_bytes()
    with pytest.raises(PublishingFailed, match="next id is 11"):
        snapshot(tmp_path, id)
    assert path.read_bytes() == before


def test_the_same_dice_make_the_same_file_and_the_systems_do_not(tmp_path: Path) -> None:
    exchanges = [tmp_path / name for name in "abc"]
    for data in exchanges:
        data.mkdir()
        key_path(data).write_bytes(bytes(32))
        key_path(data).chmod(0o600)
    dice = (Random(5), Random(5), None)
    first, again, other = (
        path_of(data, publish_snapshot(data, snapshot_order(1), thrown)).read_bytes()
        for data, thrown in zip(exchanges, dice, strict=True)
    )
    assert first == again
    assert json.loads(other)["root"] != json.loads(first)["root"]


def test_an_exchange_without_users_owes_nothing_and_can_say_so(tmp_path: Path) -> None:
    path = snapshot(tmp_path, amounts={})
    assert json.loads(path.read_text())["total"] == 0
    assert list(verify([path]))


def test_the_signing_key_and_whose_rows_are_whose_are_for_no_other_eyes(tmp_path: Path) -> None:
    snapshot(tmp_path, 3)
    for path in (key_path(tmp_path), tree_path(tmp_path, "BTC", 3)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key_path(tmp_path).chmod(0o644)
    with pytest.raises(PublishingFailed, match="chmod 600"):
        snapshot(tmp_path, 4)
    key_path(tmp_path).chmod(0o600)
    key_path(tmp_path).write_bytes(b"short")
    with pytest.raises(PublishingFailed, match="no key"):
        snapshot(tmp_path, 4)
