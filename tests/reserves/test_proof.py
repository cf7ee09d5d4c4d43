"""A user's proof convinces him, and whoever he shows it to, of his balance and of no other."""

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from coinport.model.decimals import decimal_text
from coinport.model.units import AccountId
from coinport.reserves.documents import figure
from coinport.reserves.errors import ProofWrong
from coinport.reserves.leaves import leaf
from coinport.reserves.merkle import build, node_hash, node_sum
from coinport.reserves.proof import Proof, ProofLeaf, prove, verify_proof
from coinport.reserves.publishing import publish_snapshot
from coinport.reserves.verification import verify
from tests.reserves.exchange import (
    ALICE,
    AMOUNTS,
    NOBODY,
    WHOLE,
    salt,
    snapshot,
    snapshot_order,
)
from tests.reserves.standalone import complaint
from tests.reserves.tampering import tampered


def proof_of(data: Path, account: int = ALICE, id: int = 1) -> Proof:
    proof = prove(data, "BTC", 8, id, AccountId(account), salt(account))
    assert proof is not None
    return proof


@pytest.fixture
def data(tmp_path: Path) -> Path:
    snapshot(tmp_path, 1)
    return tmp_path


@pytest.mark.parametrize("account", AMOUNTS)
def test_every_user_can_prove_his_balance_be_it_nothing_or_one_unit(
    data: Path, account: int
) -> None:
    proof = proof_of(data, account)
    verify_proof(proof)
    path = data / "proof.json"
    path.write_bytes(msgspec.json.encode(proof))
    assert complaint(path, data / "published" / "BTC" / "snapshot-1.json") is None
    assert bytes(proof.balance).decode() == decimal_text(AMOUNTS[account], 8)


def test_who_is_not_in_a_snapshot_has_no_proof(data: Path) -> None:
    assert prove(data, "BTC", 8, 1, NOBODY, salt(NOBODY)) is None
    with pytest.raises(FileNotFoundError):
        prove(data, "BTC", 8, 2, ALICE, salt(ALICE))
    with pytest.raises(FileNotFoundError):
        prove(data, "LTC", 8, 1, ALICE, salt(ALICE))


def test_amounts_can_be_strings_and_stand_in_an_answer_of_the_api(data: Path) -> None:
    def text(units: int, decimals: int) -> Raw:
        return Raw(f'"{decimal_text(units, decimals)}"')

    proof = prove(data, "BTC", 8, 1, ALICE, salt(ALICE), text)
    assert proof is not None
    assert bytes(proof.balance) == b'"1.23456789"'
    verify_proof(proof)
    path = data / "proof.json"
    path.write_bytes(msgspec.json.encode({"code": 0, "time": 1, "data": proof}))
    assert complaint(path) is None
    assert list(verify([path])) == [
        f"{path}: 1.23456789 of 10000001.23456797 BTC are owed to uid 1000000001"
    ]


def test_a_proof_with_anything_in_it_changed_is_refused(tmp_path: Path) -> None:
    snapshot(tmp_path, 1, currency=WHOLE)
    proof = prove(tmp_path, "BTC", 0, 1, ALICE, salt(ALICE))
    path = tmp_path / "proof.json"
    changes = 0
    for what, document in tampered(json.loads(msgspec.json.encode(proof))):
        path.write_text(json.dumps(document))
        with pytest.raises(ProofWrong):
            list(verify([path]))
        assert complaint(path), what
        changes += 1
    assert changes > 60


def test_a_row_cannot_be_counted_twice(tmp_path: Path) -> None:
    snapshot(tmp_path, 1, currency=WHOLE)
    proof = json.loads(msgspec.json.encode(prove(tmp_path, "BTC", 0, 1, ALICE, salt(ALICE))))
    proof["leaves"].append(proof["leaves"][0])
    proof["balance"] += proof["leaves"][0]["amount"]
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(proof))
    with pytest.raises(ProofWrong, match="twice"):
        list(verify([path]))
    assert complaint(path)


def test_a_row_has_one_index(tmp_path: Path) -> None:
    """Four rows on, beyond the end of the tree, the same path would lead to the same root."""
    key, path = bytes(32), tmp_path / "proof.json"
    mine = [leaf(key, "BTC", 1, ALICE, index, 5) for index in (0, 5)]  # the second stands at 1
    tree = build([(mine[0], 5), (mine[1], 5), (bytes(32), 0), (bytes(32), 0)])
    proof = Proof(
        currency="BTC",
        decimals=0,
        snapshot=1,
        uid=ALICE,
        key=key.hex(),
        balance=Raw(b"5"),
        leaves=[
            ProofLeaf(
                5, Raw(b"5"), [(node_hash(n).hex(), figure(node_sum(n), 0)) for n in tree.path(1)]
            )
        ],
        root=node_hash(tree.root).hex(),
        total=Raw(b"10"),
    )
    with pytest.raises(ProofWrong, match="outside"):
        verify_proof(proof)
    path.write_bytes(msgspec.json.encode(proof))
    assert complaint(path)


def test_a_proof_does_not_fit_another_snapshot(data: Path) -> None:
    path, other = data / "proof.json", data / "published" / "BTC" / "snapshot-1.json"
    path.write_bytes(msgspec.json.encode(proof_of(data)))
    with TemporaryDirectory() as name:
        elsewhere = snapshot(Path(name), 1, amounts={ALICE: 5})
        other.write_bytes(elsewhere.read_bytes())
    with pytest.raises(ProofWrong, match="not of snapshot-1"):
        list(verify([other, path]))
    assert complaint(other, path)


def test_a_proof_given_with_snapshots_is_of_one_of_them(data: Path) -> None:
    path = data / "proof.json"
    path.write_bytes(msgspec.json.encode(proof_of(data)))
    other = snapshot(data, 2)
    with pytest.raises(ProofWrong, match="not of any BTC snapshot given"):
        list(verify([path, other]))
    assert "not of any BTC snapshot given" in str(complaint(path, other))
    files = [path, data / "published" / "BTC" / "snapshot-1.json", other]
    assert any("is of snapshot-1.json" in line for line in verify(files))
    assert complaint(*files) is None


@pytest.mark.parametrize("change", [{"snapshot": "1"}, {"leaves": [], "balance": 0}])
def test_a_proof_has_rows_and_names_its_snapshot_by_a_number(
    data: Path, change: dict[str, object]
) -> None:
    path = data / "proof.json"
    path.write_text(json.dumps(json.loads(msgspec.json.encode(proof_of(data))) | change))
    with pytest.raises(ProofWrong):
        list(verify([path]))
    assert complaint(path)


def test_other_decimals_do_not_make_a_balance_larger(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    snapshot(tmp_path, 1, currency=WHOLE)
    other = prove(tmp_path, "BTC", 1, 1, ALICE, salt(ALICE))
    path.write_bytes(msgspec.json.encode(other))
    files = [tmp_path / "published" / "BTC" / "snapshot-1.json", path]
    with pytest.raises(ProofWrong, match="not of snapshot-1"):
        list(verify(files))
    assert complaint(*files)


def test_the_key_in_a_proof_tells_nothing_of_another_snapshot(data: Path) -> None:
    snapshot(data, 2)
    first, second = proof_of(data, id=1), proof_of(data, id=2)
    assert first.key != second.key
    with pytest.raises(ProofWrong):
        verify_proof(replace(second, key=first.key))


@settings(max_examples=25)
@given(
    st.dictionaries(st.integers(1, 2**62), st.integers(0, 2**54), min_size=1, max_size=20),
    st.integers(0, 2**32),
)
def test_whatever_users_have_each_can_prove_it(amounts: dict[int, int], seed: int) -> None:
    with TemporaryDirectory() as name:
        order = snapshot_order(1, amounts=amounts, currency=WHOLE)
        publish_snapshot(Path(name), order, Random(seed))
        for account, amount in amounts.items():
            proof = prove(Path(name), "BTC", 0, 1, AccountId(account), salt(account))
            assert proof is not None
            verify_proof(proof)
            assert int(bytes(proof.balance)) == amount
            assert int(bytes(proof.total)) == sum(amounts.values())


def test_an_exchange_that_leaves_out_a_user_cannot_prove_his_balance(tmp_path: Path) -> None:
    """The file is right in itself, signed and all: only he can notice."""
    less = {account: 0 if account == ALICE else amount for account, amount in AMOUNTS.items()}
    path = snapshot(tmp_path, amounts=less)
    assert list(verify([path]))
    proof = proof_of(tmp_path)
    with pytest.raises(ProofWrong):
        verify_proof(replace(proof, balance=Raw(b"1.23456789")))
