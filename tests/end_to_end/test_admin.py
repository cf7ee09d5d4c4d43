"""`coinport admin` talks to the exchange of its directory."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.processes import COINPORT, ServerProcess

ALICE = "alice@example.com"
PASSWORD = "the secret of alice"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("exchange")) as running:
        person = {"email": ALICE, "pwdhash": PASSWORD}
        httpx.post(f"{running.address}/api/v2/register", json=person, trust_env=False)
        yield running


def refused(data: Path, *words: str) -> tuple[int, str]:
    command = [str(COINPORT), "admin", "--data", str(data), *words]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    return ended.returncode, ended.stderr


def balance(server: ServerProcess) -> Any:
    url = f"{server.address}/api/v2/user/balance"
    return httpx.get(url, auth=(ALICE, PASSWORD), timeout=30, trust_env=False).json()


def test_a_credit_as_scripts_spell_it(server: ServerProcess) -> None:
    words = ("--currency", "BTC", "--amount", "1.5", "--reason", "a gift")
    said = server.admin("credit", "--user", ALICE, *words)
    assert "available: 1.5" in said.splitlines()
    assert balance(server)["data"]["BTC"] == [1.5, 0, 0, 1.5]


def test_json_is_asked_for_before_or_after_the_command(server: ServerProcess) -> None:
    shown = json.loads(server.admin("--json", "user", "show", ALICE))
    assert shown["email"] == ALICE
    assert json.loads(server.admin("user", "show", "--user", ALICE, "--json")) == shown


def test_a_user_is_shown_in_words_to_people_and_raw_to_programs(server: ServerProcess) -> None:
    raw = json.loads(server.admin("--json", "user", "show", ALICE))
    assert (raw["one_time_codes"], raw["suspended"]) == (False, False)
    registered = datetime.fromtimestamp(raw["registered_ms"] // 1000, UTC)
    lines = server.admin("user", "show", ALICE).splitlines()
    assert f"registered: {registered:%Y-%m-%dT%H:%M:%SZ}" in lines
    assert "one time codes: no" in lines
    assert "suspended: no" in lines


def test_a_suspension_holds_at_once_and_ends(server: ServerProcess) -> None:
    server.admin("suspend", "--user", ALICE, "--reason", "a test")
    assert balance(server)["code"] == 1005
    server.admin("resume", "--user", ALICE, "--reason", "a test")
    assert balance(server)["code"] == 0


def test_a_market_is_listed_and_opened(server: ServerProcess) -> None:
    decimals = ("--price-decimals", "4", "--amount-decimals", "4")
    server.admin("market", "add", "DOGE-CNY", *decimals, "--reason", "asked for")
    server.admin("fee", "DOGE-CNY", "--maker-ppm", "0", "--taker-ppm", "2000", "--reason", "costs")
    server.admin("market", "open", "DOGE-CNY", "--reason", "go")
    info = httpx.get(f"{server.address}/api/v2/exchange_info", trust_env=False).json()["data"]
    assert info["markets"]["DOGE-CNY"]["state"] == "open"
    assert info["markets"]["DOGE-CNY"]["taker_fee"] == 0.002


def test_an_announcement_has_its_time_as_people_write_it(server: ServerProcess) -> None:
    texts = ("--title-en", "Pause", "--text-en", "Soon.", "--title-zh", "暂停", "--text-zh", "稍后")
    times = ("--from", "2126-12-01T02:00", "--until", "2126-12-01T03:00:00Z")
    said = server.admin("announcement", "add", *texts, *times, "--reason", "agreed").splitlines()
    assert {"from: 2126-12-01T02:00:00Z", "until: 2126-12-01T03:00:00Z", "shown: no"} <= set(said)


def test_an_unknown_user_is_said_in_one_line(server: ServerProcess) -> None:
    code, line = refused(server.data, "user", "show", "nobody@example.com")
    assert code == 1
    assert line == "coinport: No such user: nobody@example.com (code 1004)\n"


def test_without_an_exchange_the_remedy_is_said_in_one_line(tmp_path: Path) -> None:
    code, line = refused(tmp_path, "user", "show", ALICE)
    assert code == 1
    assert f"coinport serve --data {tmp_path}" in line
