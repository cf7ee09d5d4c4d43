"""Whoever changes anything in what is published is found out, by the package and by the stand-alone
verifier alike; what is right passes both."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from coinport.reserves.errors import ProofWrong
from coinport.reserves.layout import key_path
from coinport.reserves.publishing import Movement
from coinport.reserves.signatures import public_text, sealed, signing_key
from coinport.reserves.verification import verify
from tests.reserves.exchange import AMOUNTS, WHOLE, moved, snapshot, transfers
from tests.reserves.standalone import complaint
from tests.reserves.tampering import tampered

ROWS = [moved("deposit", 50, 101), moved("withdrawal", 20, 105, fee=1), moved("credit", 9, 106)]


def refusal(*paths: Path, key: str | None = None) -> str:
    """Why the package refuses the files."""
    with pytest.raises(ProofWrong) as refused:
        list(verify(paths, key))
    return str(refused.value)


def written(document: dict[str, Any]) -> bytes:
    """As the exchange lays out its files, up to the digest."""
    *head, (name, rows) = list(document.items())
    lines = [
        f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))},\n" for key, value in head
    ]
    listed = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    return f"{{{''.join(lines)}{json.dumps(name)}:[\n{listed}\n],".encode()


def unsigned(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    del document["digest"], document["signature"]
    assert path.read_bytes().startswith(written(document)), "the layout is known"
    return document


def with_digest(body: bytes, signature: str = "00" * 64) -> bytes:
    digest = hashlib.sha256(body).hexdigest()
    return body + f'\n"digest":"{digest}",\n"signature":"{signature}"}}\n'.encode()


@pytest.fixture(params=["snapshot", "transfers"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Of a file that is right."""
    if request.param == "snapshot":
        return snapshot(tmp_path, currency=WHOLE)
    return transfers(tmp_path, 1, (100, 110), ROWS, fees=3, currency=WHOLE)


def test_what_is_right_passes(path: Path) -> None:
    assert complaint(path) is None
    said, signed = verify([path])
    assert "the first" in said
    assert signed.startswith(f"Signed by {public_text(signing_key(key_path(path.parents[2])))}")


def test_every_flipped_byte_is_noticed(path: Path) -> None:
    content = path.read_bytes()
    body = content.rindex(b'\n"digest"')
    for at in range(len(content)):
        flipped = bytearray(content)
        flipped[at] ^= 1
        path.write_bytes(flipped)
        refusal(path)
        if at < body and at % 4 == 0:  # the signature is not for the stand-alone verifier
            assert complaint(path), at


def test_a_change_anywhere_is_noticed_even_if_the_digest_is_made_anew(path: Path) -> None:
    changes = 0
    for _, document in tampered(unsigned(path)):
        path.write_bytes(with_digest(written(document)))
        refusal(path)
        changes += 1
    assert changes > 30


def test_a_change_of_what_is_owed_is_noticed_by_the_tree_alone(tmp_path: Path) -> None:
    """By the stand-alone verifier, that is, which cannot check signatures."""
    path = snapshot(tmp_path, currency=WHOLE)
    for what, document in tampered(unsigned(path)):
        path.write_bytes(with_digest(written(document)))
        if any(name in what for name in ("'balances'", "'total'", "'root'", "'decimals'")):
            assert complaint(path), what


def test_a_change_that_the_exchange_itself_signs_is_noticed_by_the_file_after(
    tmp_path: Path,
) -> None:
    first, second = snapshot(tmp_path, 1, currency=WHOLE), snapshot(tmp_path, 2, currency=WHOLE)
    document = unsigned(first) | {"timestamp": 1}
    first.write_bytes(sealed(written(document), signing_key(key_path(tmp_path))))
    assert list(verify([first]))
    assert complaint(first) is None
    assert "does not follow snapshot-1.json" in refusal(second)
    assert complaint(second, first)


def test_a_total_that_the_exchange_signs_must_still_be_that_of_the_rows(tmp_path: Path) -> None:
    path, key = snapshot(tmp_path, currency=WHOLE), signing_key(key_path(tmp_path))
    right = unsigned(path)
    for name, value in {"total": sum(AMOUNTS.values()) - 1, "root": "00" * 32}.items():
        path.write_bytes(sealed(written(right | {name: value}), key))
        assert f"its {name} is not" in refusal(path)
        assert complaint(path)


@pytest.mark.parametrize("amounts", [[2**63], [2**62, 2**62], [5, -5], [2**64 - 5, 10]])
def test_amounts_and_sums_stay_within_their_bounds(tmp_path: Path, amounts: list[int]) -> None:
    """Though the tree is right: else a sum could begin anew from nothing."""
    rows = [(f"{index:064x}", amount) for index, amount in enumerate(amounts)]
    nodes = [(sha256(b"\0" + bytes.fromhex(leaf) + eight(owed)), owed) for leaf, owed in rows]
    if len(nodes) == 2:
        (left, first), (right, second) = nodes
        nodes = [(sha256(b"\1" + left + eight(first) + right + eight(second)), first + second)]
    ((root, total),) = nodes
    path = snapshot(tmp_path, currency=WHOLE)
    change = {"root": root.hex(), "total": total % 2**64, "balances": rows}
    path.write_bytes(sealed(written(unsigned(path) | change), signing_key(key_path(tmp_path))))
    refusal(path)
    assert complaint(path)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def eight(amount: int) -> bytes:
    return (amount % 2**64).to_bytes(8, "big")


def test_another_layout_of_the_same_is_refused(path: Path) -> None:
    """A reader of JSON that takes the first of two equal members would read something else."""
    key = signing_key(key_path(path.parents[2]))
    body = written(unsigned(path))
    for other in (
        body.replace(b'"id":1,', b'"id":2,\n"id":1,'),
        body.replace(b'"id":1,', b'"id": 1,'),
        body.replace(b'"decimals":0', b'"decimals":0e0'),
    ):
        path.write_bytes(sealed(other, key))
        refusal(path)


def test_only_the_signature_of_the_given_key_counts(tmp_path: Path) -> None:
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    path = snapshot(tmp_path / "ours", currency=WHOLE)
    other = snapshot(tmp_path / "theirs", currency=WHOLE)
    key = public_text(signing_key(key_path(tmp_path / "ours")))
    assert list(verify([path], key))
    assert "not that of" in refusal(other, key=key)
    assert "not that of" in refusal(path, other), "two exchanges in one chain of files"
    assert "hexadecimal" in refusal(path, key="none")
    body = written(unsigned(path) | {"public_key": "ab" * 32})
    path.write_bytes(sealed(body, signing_key(key_path(tmp_path / "ours"))))
    assert f"names {'ab' * 32} as its signer" in refusal(path, key=key)


def test_a_file_under_another_name_is_refused(tmp_path: Path) -> None:
    path = snapshot(tmp_path, 5)
    assert "snapshot-5.json under another name" in refusal(
        path.rename(path.parent / "snapshot-6.json")
    )


def test_the_file_before_is_looked_for_beside_it(tmp_path: Path) -> None:
    first, second, third = (snapshot(tmp_path, id) for id in (1, 2, 10))
    assert "follows snapshot-2.json" in next(iter(verify([third])))
    second.unlink()
    assert "does not follow snapshot-1.json" in refusal(third)
    first.unlink()
    assert "the file before it is not here" in next(iter(verify([third])))


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"format": "other"}', "\xff", "[" * 99999]
)
def test_what_is_none_of_ours_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file"
    path.write_text(content, encoding="latin-1")
    refusal(path)


@pytest.mark.parametrize(
    "rows",
    [
        [moved("deposit", 5, 100)],
        [moved("deposit", 5, 111)],
        [moved("deposit", 5, 105), moved("deposit", 5, 104)],
        [moved("deposit", 5, 105), moved("deposit", 5, 105)],
        [moved("withdrawal", 5, 105, fee=6)],
    ],
    ids=["before it", "after it", "not in order", "twice", "fee above amount"],
)
def test_rows_that_cannot_be_are_refused(tmp_path: Path, rows: list[Movement]) -> None:
    refusal(transfers(tmp_path, 1, (100, 110), rows))


def test_a_withdrawal_of_less_than_nothing_is_refused(tmp_path: Path) -> None:
    path = transfers(tmp_path, 1, (100, 110), ROWS, currency=WHOLE)
    path.write_bytes(
        sealed(
            written(unsigned(path)).replace(b'"amount":20', b'"amount":-20'),
            signing_key(key_path(tmp_path)),
        )
    )
    assert "no amount" in refusal(path)
    assert complaint(path)
