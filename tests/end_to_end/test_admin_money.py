"""Money that is on no chain comes in by the word of two persons, and goes out by one."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.processes import COINPORT, ServerProcess

ALICE = "alice@example.com"
PASSWORD = "the secret of alice"
BANK = "Bank of Somewhere, 6222 0000 1111"
LOGIN = Path("/proc/self/loginuid")


def may_log_in() -> bool:
    """Whether a process here may say, as a log-in does, whose it is."""
    return subprocess.run(["sh", "-c", f"echo 1 > {LOGIN}"], check=False).returncode == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("exchange")) as running:
        person = {"email": ALICE, "pwdhash": PASSWORD}
        httpx.post(f"{running.address}/api/v2/register", json=person, trust_env=False)
        yield running


def api(server: ServerProcess, path: str, **body: Any) -> Any:
    answer = httpx.request(
        "POST" if body else "GET",
        f"{server.address}/api/v2/user/{path}",
        json=body or None,
        auth=(ALICE, PASSWORD),
        timeout=30,
        trust_env=False,
    ).json()
    assert answer["code"] == 0, answer
    return answer["data"]


def asked(server: ServerProcess, *words: str, login: int | None = None) -> tuple[int, Any]:
    """Exit code and answer of `coinport admin`; `login` is the user id of who has logged in."""
    command = [str(COINPORT), "admin", "--json", "--data", str(server.data), *words]
    if login is not None:
        command = ["sh", "-c", f'echo {login} > {LOGIN} && exec "$@"', "sh", *command]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        assert (ended.stdout, ended.stderr.count("\n")) == ("", 1)
        return ended.returncode, ended.stderr
    return 0, json.loads(ended.stdout)


def did(server: ServerProcess, *words: str, login: int | None = None) -> Any:
    code, answer = asked(server, *words, login=login)
    assert code == 0, answer
    return answer


def available(server: ServerProcess) -> Any:
    return api(server, "balance").get("CNY", [0])[0]


def give(server: ServerProcess, amount: str) -> None:
    words = ("--currency", "CNY", "--amount", amount, "--reason", "a gift")
    did(server, "credit", "--user", ALICE, *words)


@pytest.mark.skipif(not may_log_in(), reason="who has logged in here is settled")
def test_a_deposit_takes_two_persons_however_one_of_them_calls_himself(
    server: ServerProcess,
) -> None:
    ann, bob = 1, 2
    before = available(server)
    money = ("--user", ALICE, "--currency", "CNY", "--amount", "100")
    proposing = ("deposit", "propose", *money, "--reference", "wire-1", "--reason", "at the bank")
    transfer = did(server, *proposing, login=ann)["id"]
    confirming = ("deposit", "confirm", str(transfer), "--reason", "saw it too")
    (deposit,) = api(server, "deposits")["deposits"]
    assert (deposit["id"], deposit["status"]) == (transfer, "Confirming")
    code, line = asked(server, *confirming, login=ann)
    assert code == 1
    assert "second person" in line
    assert did(server, *confirming, login=bob)["status"] == "succeeded"
    (deposit,) = api(server, "deposits")["deposits"]
    assert (deposit["status"], deposit["quantity"]) == ("Succeeded", 100)
    assert available(server) == before + 100


def test_a_withdrawal_to_a_bank_is_taken_and_completed_by_a_person(server: ServerProcess) -> None:
    give(server, "600")
    wanted = api(server, "submit_withdrawal", currency="cny", amount=600, address=BANK)
    transfer = str(wanted["transfer_id"])
    row = did(server, "withdrawal", "list", "--status", "pending")["withdrawals"][0]
    assert (row["address"], row["amount"], row["fee"]) == (BANK, "600", "2.4")
    assert (row["user"], row["pays"]) == (ALICE, "597.6")
    code, line = asked(server, "withdrawal", "approve", transfer, "--reason", "looked at")
    assert (code, "withdrawal take" in line) == (1, True)
    did(server, "withdrawal", "take", transfer, "--reason", "mine")
    assert api(server, "withdrawals")["withdrawals"][0]["status"] == "Processing"
    paid = ("--txid", "bank-9", "--reason", "paid this morning")
    did(server, "withdrawal", "complete", transfer, *paid)
    withdrawal = api(server, "withdrawals")["withdrawals"][0]
    assert (withdrawal["status"], withdrawal["fee"]) == ("Succeeded", 2.4)
    assert (withdrawal["txid"], withdrawal["address"]) == ("bank-9", BANK)


def test_lists_are_tables_for_people(server: ServerProcess) -> None:
    give(server, "10")
    api(server, "submit_withdrawal", currency="cny", amount=10, address=BANK)
    header, row, *_ = server.admin("withdrawal", "list", "--currency", "cny").splitlines()[1:]
    assert header.split()[:4] == ["id", "status", "uid", "user"]
    assert "memo" not in header
    assert BANK in row
    assert server.admin("withdrawal", "list", "--currency", "btc").splitlines() == [
        "withdrawals: none",
        "more: no",
    ]


def test_what_others_have_written_moves_no_terminal(server: ServerProcess) -> None:
    terms = ("--user", ALICE, "--currency", "BTC", "--amount", "1")
    server.admin("credit", *terms, "--reason", "a gift\n\x1b[31m\u202e")
    listed = server.admin("audit", "list")
    assert "a gift\\n\\x1b[31m\\u202e" in listed
    assert not {"\x1b", "\u202e"} & set(listed)


def test_proofs_are_published_at_a_word(server: ServerProcess) -> None:
    published = {Path(row["file"]): row for row in did(server, "snapshot")["files"]}
    assert {"CNY", "BTC"} < {file.parent.name for file in published}
    for file, row in published.items():
        assert file.stat().st_size == row["size_bytes"]
        assert row["root"] in file.read_text()


def test_wallets_and_alarms_are_shown(server: ServerProcess) -> None:
    assert did(server, "wallet", "alarms") == {"alarms": []}
    assert did(server, "wallet", "show", "--currency", "btc")["wallets"][0]["currency"] == "BTC"
    paused = did(server, "withdrawal", "pause", "--currency", "LTC", "--reason", "incident 3")
    assert paused["withdrawals_paused"]
    (row,) = did(server, "wallet", "show", "--currency", "ltc")["wallets"]
    assert row["withdrawals_paused"]
    did(server, "withdrawal", "resume", "--currency", "LTC", "--reason", "all is well")
