"""`coinport reserves verify`, as a user runs it: what is right in lines, what is wrong in one."""

import subprocess
from pathlib import Path

import msgspec
import pytest

from coinport.reserves.layout import key_path
from coinport.reserves.proof import prove
from coinport.reserves.signatures import public_text, signing_key
from coinport.wallets.networks import Network
from tests.end_to_end.processes import COINPORT
from tests.reserves.exchange import ALICE, salt, snapshot, transfers
from tests.reserves.test_standalone import reserves, saved


def verified(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(COINPORT), "reserves", "verify", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_files_that_belong_together_are_verified_together(tmp_path: Path) -> None:
    files = [
        snapshot(tmp_path, 1),
        transfers(tmp_path, 2, (100, 110), []),
        snapshot(tmp_path, 2, sequence=110),
        tmp_path / "proof.json",
    ]
    files[-1].write_bytes(msgspec.json.encode(prove(tmp_path, "BTC", 8, 2, ALICE, salt(ALICE))))
    key = public_text(signing_key(key_path(tmp_path)))
    ended = verified(*files, "--key", key)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "1.23456789 of 10000001.23456797 BTC are owed to uid 1000000001" in ended.stdout
    assert "The proof of uid 1000000001 is of snapshot-2.json" in ended.stdout
    assert "BTC snapshots 1 and 2 fit" in ended.stdout
    assert f"Signed by {key}" in ended.stdout


@pytest.mark.parametrize("wrong", ["changed", "another key", "no file"])
def test_what_is_wrong_is_one_clear_line_and_an_exit_code(tmp_path: Path, wrong: str) -> None:
    path, key = snapshot(tmp_path), public_text(signing_key(key_path(tmp_path)))
    if wrong == "changed":
        path.write_text(path.read_text().replace('"sequence":100', '"sequence":101'))
    elif wrong == "another key":
        key = "0" + key[1:] if key[0] != "0" else "1" + key[1:]
    else:
        path.unlink()
    ended = verified(path, "--key", key)
    assert ended.returncode in (1, 2)
    assert ended.stderr.startswith("coinport: ")
    assert ended.stderr.count("\n") == 1
    assert path.name in ended.stderr


def test_what_is_held_is_verified_address_by_address(tmp_path: Path) -> None:
    path = saved(tmp_path, reserves("LTC"))
    ended = verified(path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"{path}: 10 LTC held, 9 owed\n"
    answer = reserves("LTC")
    answer["distribution"][1][4] = answer["distribution"][0][4]
    ended = verified(saved(tmp_path, answer))
    assert ended.returncode == 1
    assert f"{answer['distribution'][1][0]}: 'coinport' is not signed by it" in ended.stderr


def test_addresses_of_a_test_network_only_where_they_are_asked_for(tmp_path: Path) -> None:
    path = saved(tmp_path, reserves("LTC", Network.REGTEST))
    assert verified("--testnet", path).returncode == 0
    assert verified(path).returncode == 1
