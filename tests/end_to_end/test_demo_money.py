"""Money in a demo, as anybody sees it: it comes from the faucet, goes wherever its owner wants, and
what the exchange owes can be checked."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from coinport.app.demo.faucet import gift
from coinport.app.demo.simulation import SYMBOLS
from tests.end_to_end.demos import DemoProcess, wait_for
from tests.end_to_end.processes import COINPORT, get, post

VERIFIER = Path(__file__).parents[2] / "verify" / "coinport_verify.py"
CAROL = ("carol@example.com", "a long password")
ALICE = ("alice@example.com", "alice-demo")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    with DemoProcess(tmp_path_factory.mktemp("demo")) as running:
        yield running


def newest(demo: DemoProcess, what: str) -> dict[str, Any]:
    answer: dict[str, Any] = get(demo, f"user/{what}?limit=1", auth=CAROL)[what][0]
    return answer


def is_there(demo: DemoProcess, what: str, status: str) -> bool:
    return newest(demo, what)["status"] == status


def test_a_new_user_is_paid_by_the_faucet_and_withdraws(demo: DemoProcess) -> None:
    post(demo, "register", {"email": CAROL[0], "pwdhash": CAROL[1]})
    made = post(demo, "user/create_deposit_addr/ltc", auth=CAROL)
    assert made["simulated"]
    assert made["LTC"].startswith("sim")
    wait_for(lambda: bool(get(demo, "user/deposits", auth=CAROL)["deposits"]))
    wait_for(lambda: is_there(demo, "deposits", "Succeeded"))
    deposit = newest(demo, "deposits")
    assert (deposit["currency"], deposit["quantity"] * 10**8) == ("LTC", gift("LTC"))
    assert deposit["simulated"]
    wanted = {"currency": "ltc", "address": "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ", "amount": "2.5"}
    post(demo, "user/submit_withdrawal", wanted, auth=CAROL)
    wait_for(lambda: is_there(demo, "withdrawals", "Succeeded"))
    withdrawal = newest(demo, "withdrawals")
    assert withdrawal["txid"].startswith("sim")
    assert withdrawal["confirmations"] >= 2


def test_there_is_as_much_as_is_owed(demo: DemoProcess) -> None:
    wait_for(lambda: bool(get(demo, "reserve_stats")["stats"]))
    reserves = get(demo, "reserve_stats")
    assert set(reserves["stats"]) == set(SYMBOLS) == set(reserves["simulated_chains"])
    assert reserves["short"] == []
    for currency, (hot, cold, user, payable) in reserves["stats"].items():
        assert hot + cold + user + reserves["sent"][currency] >= payable > 0


def test_a_user_finds_himself_in_what_is_published(demo: DemoProcess, tmp_path: Path) -> None:
    listed = "ltc/balance_snapshots_files"
    wait_for(lambda: bool(get(demo, listed)["snapshots"]))
    (number, _, name, size), *_ = get(demo, listed)["snapshots"]
    url = demo.address + get(demo, listed)["path"] + name
    snapshot, proof = tmp_path / name, tmp_path / "proof.json"
    snapshot.write_bytes(httpx.get(url, trust_env=False).content)
    assert snapshot.stat().st_size == size
    own = get(demo, f"user/liability_proof?currency=ltc&snapshot={number}", auth=ALICE)
    proof.write_text(json.dumps(own))
    for command in ([str(COINPORT), "reserves", "verify"], [sys.executable, str(VERIFIER)]):
        said = subprocess.run(
            [*command, str(snapshot), str(proof)], capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stdout + said.stderr
        assert str(own["uid"]) in said.stdout
