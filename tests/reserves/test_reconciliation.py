"""Two snapshots and what lies between them: files given together must fit together exactly, for the
package and for the stand-alone verifier alike."""

import hashlib
from pathlib import Path

import pytest

from coinport.reserves.layout import key_path
from coinport.reserves.signatures import public_text, sealed, signing_key
from coinport.reserves.verification import verify
from tests.reserves.exchange import ALICE, AMOUNTS, WHOLE, moved, snapshot, transfers
from tests.reserves.standalone import complaint
from tests.reserves.test_verification import ROWS, refusal, unsigned, with_digest, written


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
