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
from tests.reserves.exchange import ALICE, AMOUNTS, WHOLE, moved, snapshot, transfers
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


# Two snapshots and what lies between them.


def after(change: int) -> dict[int, int]:
    return AMOUNTS | {ALICE: AMOUNTS[ALICE] + change}


def test_two_snapshots_reconcile_with_the_transfer_files_between_them(tmp_path: Path) -> None:
    more = [moved("debit", 4, 111), moved("withdrawal", 99, 112, status="Cancelled")]
    files = [
        snapshot(tmp_path, 1, sequence=100),
        transfers(tmp_path, 1, (0, 100), [moved("deposit", 77, 50)]),
        transfers(tmp_path, 2, (100, 110), ROWS, fees=3),
        transfers(tmp_path, 3, (110, 110), []),
        transfers(tmp_path, 4, (110, 120), more, fees=1),
        snapshot(tmp_path, 4, sequence=120, amounts=after(50 - 20 + 9 - 3 - 4 - 1)),
        transfers(tmp_path, 5, (120, 130), []),
        snapshot(tmp_path, 5, sequence=130, amounts=after(50 - 20 + 9 - 3 - 4 - 1)),
    ]
    said = "\n".join(verify(files))
    assert "snapshots 1 and 4 fit, by 3 transfer files" in said
    assert "snapshots 4 and 5 fit" in said
    assert complaint(*files) is None
    assert complaint(*reversed(files)) is None


@pytest.mark.parametrize("unit", [-1, 1])
def test_a_unit_too_many_or_too_few_is_noticed(tmp_path: Path, unit: int) -> None:
    files = [
        snapshot(tmp_path, 1, sequence=100),
        transfers(tmp_path, 2, (100, 110), ROWS, fees=3),
        snapshot(tmp_path, 2, sequence=110, amounts=after(36 + unit)),
    ]
    assert "units owed" in refusal(*files)
    assert complaint(*files)


def test_a_missing_transfer_file_is_noticed(tmp_path: Path) -> None:
    files = [
        snapshot(tmp_path, 1, sequence=100),
        transfers(tmp_path, 2, (100, 110), ROWS),
        snapshot(tmp_path, 2, sequence=120, amounts=after(39)),
    ]
    assert "lead from sequence 100 to 110, not from 100 to 120" in refusal(*files)
    assert complaint(*files)
    beside = [files[0], transfers(tmp_path, 3, (111, 120), []), files[2]]
    assert "lead from sequence 111 to 120" in refusal(*beside)


@pytest.mark.parametrize("between", [(100, 199), (101, 200), (99, 200), (100, 201), (99, 201)])
def test_a_transfer_file_that_does_not_fit_its_snapshots_exactly_is_refused(
    tmp_path: Path, between: tuple[int, int]
) -> None:
    """Else an exchange could owe a hundredth of what it owed, and say nothing of the rest."""
    files = [
        snapshot(tmp_path, 1, sequence=100, amounts={ALICE: 200 * 10**8}),
        transfers(tmp_path, 2, between, []),
        snapshot(tmp_path, 2, sequence=200, amounts={ALICE: 2 * 10**8}),
    ]
    assert f"lead from sequence {between[0]} to {between[1]}" in refusal(*files)
    assert f"lead from {between[0]} to {between[1]}" in str(complaint(*files))


@pytest.mark.parametrize("second", [(112, 120), (109, 120), (100, 110)])
def test_transfer_files_follow_one_another_without_gap_or_overlap(
    tmp_path: Path, second: tuple[int, int]
) -> None:
    files = [transfers(tmp_path, 1, (100, 110), []), transfers(tmp_path, 2, second, [])]
    assert "a gap or an overlap" in refusal(*files)
    assert "gap or overlap" in str(complaint(*files))


@pytest.mark.parametrize("sequence", [99, 100])
def test_snapshots_with_no_time_between_them_owe_the_same(tmp_path: Path, sequence: int) -> None:
    first = snapshot(tmp_path, 1, sequence=100)
    other = snapshot(tmp_path, 2, sequence=sequence, amounts={ALICE: 2})
    refusal(first, other)
    assert complaint(first, other)


def test_what_moved_within_no_time_is_refused(tmp_path: Path) -> None:
    path = transfers(tmp_path, 1, (100, 100), [], fees=3)
    assert "between a sequence and itself" in refusal(path)
    assert "within no time" in str(complaint(path))


def test_two_snapshots_of_one_id_are_refused(tmp_path: Path) -> None:
    """Two users shown two roots, say."""
    (tmp_path / "shown to another").mkdir()
    files = [
        snapshot(tmp_path, currency=WHOLE),
        snapshot(tmp_path / "shown to another", amounts={ALICE: 5}, currency=WHOLE),
    ]
    key = signing_key(key_path(tmp_path))
    body = written(unsigned(files[1]) | {"public_key": public_text(key)})
    files[1].write_bytes(sealed(body, key))
    assert "given twice" in refusal(*files)
    assert complaint(*files)


def test_a_file_cannot_name_a_digest_for_itself(tmp_path: Path) -> None:
    first, second = snapshot(tmp_path, 1, currency=WHOLE), snapshot(tmp_path, 2, currency=WHOLE)
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    first.write_bytes(with_digest(written({"sha256": digest} | unsigned(first))))
    assert complaint(first) is None, "it does no harm"
    assert complaint(first, second)


def test_it_is_said_aloud_that_snapshots_were_not_reconciled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        snapshot(tmp_path, 1),
        snapshot(tmp_path, 2, sequence=120, amounts=after(5)),
        transfers(tmp_path, 3, (120, 130), []),
    ]
    assert "BTC snapshots 1 and 2 were NOT reconciled" in "\n".join(verify(files))
    assert complaint(*files) is None
    assert "BTC snapshots 1 and 2 were NOT reconciled" in capsys.readouterr().out
