"""The stand-alone verifier needs nothing but Python, is short enough to be read, and checks the
signatures of addresses too. What it finds in files stands in `test_verification.py`."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from coincurve import PrivateKey

from coinport.wallets.addresses import p2pkh
from coinport.wallets.messages import MAGIC, sign
from coinport.wallets.networks import Network
from tests.reserves.exchange import ALICE, AMOUNTS, WHOLE, moved, snapshot, transfers
from tests.reserves.standalone import VERIFIER, complaint
from tests.reserves.tampering import tampered

VECTORS = json.loads((VERIFIER.parents[1] / "tests/wallets/signed_messages.json").read_text())
KEYS = [PrivateKey(bytes(31) + bytes([number])) for number in range(1, 5)]
KINDS = ["hot", "hot", "cold", "user"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Isolated: no installed package, no environment."""
    command = [sys.executable, "-I", "-S", str(VERIFIER), *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def reserves(currency: str, network: Network = Network.MAIN, message: str = "coinport") -> Any:
    """An answer of `/api/v2/{currency}/reserves`, in whole coins: 1 and 2 hot, 3 cold, 4 of a
    user."""
    rows = [
        [
            p2pkh(currency, key.public_key.format(), network),
            amount,
            kind,
            message,
            sign(currency, key, message),
        ]
        for amount, (key, kind) in enumerate(zip(KEYS, KINDS, strict=True), start=1)
    ]
    stats = [3, 3, 4, 9]
    return {"timestamp": 1, "currency": currency, "stats": stats, "distribution": rows}


def saved(tmp_path: Path, document: Any) -> Path:
    path = tmp_path / "reserves.json"
    path.write_text(json.dumps({"code": 0, "time": 1, "data": document}))
    return path


def test_it_is_one_short_file_on_the_standard_library_alone() -> None:
    source = VERIFIER.read_text()
    assert len(source.splitlines()) < 150
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [n.name for n in node.names]
        )
        if name
    }
    assert imported <= sys.stdlib_module_names


def test_it_runs_without_anything_installed(tmp_path: Path) -> None:
    files = [
        snapshot(tmp_path, 1),
        transfers(tmp_path, 2, (100, 110), [moved("deposit", 7, 105)], fees=1),
        snapshot(tmp_path, 2, sequence=110, amounts=AMOUNTS | {ALICE: AMOUNTS[ALICE] + 6}),
        saved(tmp_path, reserves("LTC")),
    ]
    ended = run(*files)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "10000001.23456803 BTC owed at sequence 110" in ended.stdout
    assert "10 LTC held, 9 owed" in ended.stdout


def test_it_says_in_which_file_what_is_wrong(tmp_path: Path) -> None:
    path = snapshot(tmp_path)
    path.write_text(path.read_text().replace('"sequence":100', '"sequence":101'))
    ended = run(path)
    assert ended.returncode == 1
    assert ended.stdout.startswith(f"{path}: ")
    assert ended.stderr == "WRONG: something in it was changed\n"
    assert "No such file" in run(tmp_path / "nowhere.json").stderr


def test_without_files_it_says_how_it_is_used() -> None:
    ended = run()
    assert ended.returncode == 1
    assert "python3 coinport_verify.py" in ended.stderr


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["address"])
def test_signatures_that_exchanges_once_published_verify(
    tmp_path: Path, case: dict[str, str]
) -> None:
    row = [case["address"], 1, "cold", VECTORS["message"], case["signature"]]
    answer = {"currency": case["coin"], "stats": [0, 1, 0, 1], "distribution": [row]}
    assert complaint(saved(tmp_path, answer)) is None
    row[3] += " "
    assert complaint(saved(tmp_path, answer))


@pytest.mark.parametrize("currency", MAGIC)
@pytest.mark.parametrize("message", ["coinport", "coinport|12|价值|" + "0" * 64])
def test_reserves_of_every_signing_coin_verify(tmp_path: Path, currency: str, message: str) -> None:
    assert complaint(saved(tmp_path, reserves(currency, message=message))) is None


def test_addresses_of_a_test_network_verify_only_where_they_are_asked_for(tmp_path: Path) -> None:
    path = saved(tmp_path, reserves("LTC", Network.REGTEST))
    assert complaint(path, options=("--testnet",)) is None
    assert complaint(path)
    assert complaint(saved(tmp_path, reserves("LTC")), options=("--testnet",))


def test_a_signature_of_litecoin_core_verifies(tmp_path: Path) -> None:
    signature = (
        "H1XQo8sA6pkbS3GF1FPlE1V7kkna5EdNz5FIC8yFFytKMTp9/WftCSPJMFZb2ZuW9FRQ7H4g6WVjYADZcI6enuM="
    )
    row = ["mt18cMwoeBpSv7Vb4zVxKdeWdDCmMhk1nZ", 1, "user", "coinport", signature]
    answer = {"currency": "LTC", "stats": [0, 0, 1, 1], "distribution": [row]}
    assert complaint(saved(tmp_path, answer), options=("--testnet",)) is None


def test_coins_that_sign_no_messages_are_added_up(tmp_path: Path) -> None:
    row = ["rrrrrrrrrrrrrrrrrrrrrhoLvTp", "2.5", "hot", "", ""]
    answer = {"currency": "XRP", "stats": ["2.5", "0", "0", "2"], "distribution": [row]}
    assert complaint(saved(tmp_path, answer)) is None
    answer["stats"] = ["2.4", "0", "0", "2"]
    assert complaint(saved(tmp_path, answer))


def test_a_change_anywhere_in_reserves_is_noticed(tmp_path: Path) -> None:
    unproven = ("('timestamp',)", "('stats', 3)")  # what is owed is for the snapshot to prove
    for what, document in tampered(reserves("LTC")):
        if not what.startswith(unproven) or what == "('stats', 3) left out":
            assert complaint(saved(tmp_path, document)), what


def test_an_address_counts_once(tmp_path: Path) -> None:
    answer = reserves("LTC")
    answer["distribution"].append(answer["distribution"][0])
    answer["stats"][0] += answer["distribution"][0][1]
    assert "twice" in str(complaint(saved(tmp_path, answer)))


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64", "é", "A" * 88, "A" * 87 + "="])
def test_what_is_no_signature_verifies_nothing(tmp_path: Path, signature: str) -> None:
    answer = reserves("BTC")
    answer["distribution"][0][4] = signature
    assert complaint(saved(tmp_path, answer))


def test_an_address_counts_only_if_it_signed_for_coinport(tmp_path: Path) -> None:
    """A message of somebody else's, found anywhere, would show that the key exists, no more."""
    answer = reserves("BTC", message="I own this, not coinport")
    said = str(complaint(saved(tmp_path, answer)))
    assert answer["distribution"][0][0] in said
    assert "coinport" in said


@pytest.mark.parametrize("content", ["null", "[]", "1", '{"data": null}', "[" * 99999, "\0"])
def test_what_is_none_of_ours_is_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(content)
    ended = run(path)
    assert ended.returncode == 1
    assert ended.stderr.startswith("WRONG: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("figure", ["-1", -1, "Infinity", float("inf"), float("nan")])
@pytest.mark.parametrize("place", ["held", "owed"])
def test_figures_below_nothing_or_without_end_are_wrong(
    tmp_path: Path, place: str, figure: str | float
) -> None:
    answer = {"currency": "XRP", "stats": [0, 0, 0, 2], "distribution": [["r", 0, "hot", "", ""]]}
    assert complaint(saved(tmp_path, answer)) is None
    if place == "held":
        answer |= {"stats": [figure, 0, 0, 2], "distribution": [["r", figure, "hot", "", ""]]}
    else:
        answer |= {"stats": [0, 0, 0, figure]}
    assert complaint(saved(tmp_path, answer))


def test_trading_fees_below_nothing_are_wrong(tmp_path: Path) -> None:
    path = transfers(tmp_path, 1, (100, 110), [], fees=1, currency=WHOLE)
    document = json.loads(path.read_text()) | {"trading_fees": -1}
    del document["digest"]
    path.write_text(json.dumps(document))
    assert "-1" in str(complaint(path))
