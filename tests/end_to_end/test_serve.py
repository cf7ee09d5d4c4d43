"""`coinport serve`, as an operator meets it: real processes, real HTTP."""

import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from coinport.gateway.errors import Code
from tests.api import Key
from tests.certificates import self_signed
from tests.end_to_end.processes import COINPORT, PATIENCE_SECONDS, ServerProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("exchange")) as running:
        yield running


def coinport(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COINPORT), *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environment,
    )


def failure(*words: str, **environment: str) -> tuple[int, str]:
    """Exit code and the one line."""
    ended = coinport(*words, **environment)
    assert ended.stdout == ""
    assert ended.stderr.startswith("coinport: ")
    assert ended.stderr.count("\n") == 1
    return ended.returncode, ended.stderr


def get(server: ServerProcess, path: str, **headers: str) -> Any:
    return httpx.get(f"{server.address}{path}", headers=headers, trust_env=False)


def post(server: ServerProcess, path: str, body: Any, user: str = "", password: str = "") -> Any:
    auth = (user, password) if user else None
    url = f"{server.address}/api/v2/{path}"
    return httpx.post(url, json=body, auth=auth, timeout=30, trust_env=False).json()


def buy(client_order_id: str = "") -> dict[str, Any]:
    order = {"market": "btc-cny", "type": "buy", "price": 2000, "amount": 0.01}
    return {"orders": [order | ({"client_order_id": client_order_id} if client_order_id else {})]}


def test_an_empty_directory_becomes_an_exchange(server: ServerProcess) -> None:
    status = get(server, "/api/v2/status").json()["data"]
    assert status["ready"]
    assert not status["demo"]
    listed = get(server, "/api/v2/exchange_info").json()["data"]
    assert (len(listed["currencies"]), len(listed["markets"])) == (12, 14)


def test_what_it_keeps_is_for_its_owner_only(server: ServerProcess) -> None:
    for name in ("identity.db", "secret.key", "control.sock"):
        assert (server.data / name).stat().st_mode & 0o077 == 0


def test_a_second_exchange_in_the_same_directory_is_refused(server: ServerProcess) -> None:
    code, line = failure("serve", "--data", str(server.data), "--port", "0")
    assert code == 1
    assert "another process" in line


def test_metrics_are_for_this_machine_only(server: ServerProcess) -> None:
    assert get(server, "/no/such/path").status_code == 404
    text = get(server, "/metrics").text
    assert 'coinport_commands_total{command="AddMarket"}' not in text  # before this start
    assert "coinport_sequence 26.0" in text
    assert "coinport_queue_commands 0.0" in text
    assert "coinport_open_sessions 0.0" in text
    assert 'coinport_answers_total{code="1012",endpoint=""} 1.0' in text
    assert get(server, "/metrics", **{"X-Forwarded-For": "192.0.2.1"}).status_code == 404


def test_the_journal_can_be_read_while_it_runs(server: ServerProcess) -> None:
    verified = coinport("journal", "verify", str(server.data), "--json")
    assert '"problems": []' in verified.stdout
    dumped = coinport("journal", "dump", str(server.data), "--limit", "3").stdout.splitlines()
    assert [line.split(",")[0] for line in dumped] == [
        f'{{"sequence":{sequence}' for sequence in (1, 2, 3)
    ]
    assert "'AddMarket': 14" in coinport("journal", "stats", str(server.data)).stdout
    code, line = failure("journal", "rebuild", str(server.data))
    assert code == 1
    assert "another process" in line


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--host", "0.0.0.0"], "plain HTTP on 0.0.0.0"),
        (["--config", "none.toml"], "none.toml"),
        (["--frob"], "No such option"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, options: list[str], complaint: str) -> None:
    code, line = failure("serve", "--data", str(tmp_path), *options)
    assert code == 2
    assert complaint in line


def test_an_unknown_variable_is_one_line(tmp_path: Path) -> None:
    code, line = failure("serve", "--data", str(tmp_path), COINPORT_SERVER_PRT="1")
    assert code == 2
    assert "did you mean COINPORT_SERVER_PORT?" in line


def test_a_port_in_use_is_one_line(server: ServerProcess, tmp_path: Path) -> None:
    port = server.address.rpartition(":")[2]
    code, line = failure("serve", "--data", str(tmp_path), "--port", port)
    assert code == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in line
    assert "--port" in line


def test_where_it_cannot_be_reached_no_exchange_comes_into_being(
    server: ServerProcess, tmp_path: Path
) -> None:
    port = server.address.rpartition(":")[2]
    data = tmp_path / "new"
    certificate, key = tmp_path / "none.pem", tmp_path / "key.pem"
    for options, environment, code, complaint in [
        (["--port", port], {}, 1, "--port (server.port)"),
        (["--port", "0"], {"COINPORT_METRICS_PORT": port}, 1, "metrics.port"),
        (["--tls-cert", str(certificate), "--tls-key", str(key)], {}, 2, "--tls-cert"),
        (["--tls-cert", str(certificate)], {}, 2, "tls_key"),
    ]:
        failed, line = failure("serve", "--data", str(data), *options, **environment)
        assert (failed, complaint in line) == (code, True), line
        assert not data.exists()


def test_assertions_cannot_be_switched_off(tmp_path: Path) -> None:
    code, line = failure("serve", "--data", str(tmp_path), PYTHONOPTIMIZE="1")
    assert code == 1
    assert "python -O" in line


def test_https_with_a_certificate_of_ones_own(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    options = ("--tls-cert", str(certificate), "--tls-key", str(key))
    with ServerProcess(tmp_path / "data", *options) as server:
        assert server.address.startswith("https://127.0.0.1:")
        trusted = ssl.create_default_context(cafile=str(certificate))
        with httpx.Client(base_url=server.address, verify=trusted, trust_env=False) as http:
            person = {"email": "a@example.com", "pwdhash": "the secret of a"}
            assert http.post("/api/v2/register", json=person).json()["code"] == 0
            login = http.get("/api/v2/login", auth=("a@example.com", "the secret of a"))
            cookies = login.headers.get_list("set-cookie")
            assert cookies
            assert all("Secure" in cookie for cookie in cookies)
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.address, trust_env=False)


def test_what_is_signed_as_soon_as_it_is_ready_counts(tmp_path: Path) -> None:
    """Though what was signed before a start is refused: it may have been used."""
    path, person = "/api/v2/user/balance", ("alice@example.com", "a long pa55word")
    with ServerProcess(tmp_path / "data") as first:
        post(first, "register", {"email": person[0], "pwdhash": person[1]})
        made = post(first, "user/add_api_token", {"name": "bot"}, *person)["data"]
    key = Key(made["token"], made["secret"])

    def signed() -> dict[str, str]:
        return key.signature(time.time_ns() // 1_000_000, "GET", path.encode())

    before = signed()
    with ServerProcess(tmp_path / "data") as second:
        assert get(second, path, **signed()).json()["code"] == 0
        assert get(second, path, **before).json()["code"] == Code.WRONG_SIGNATURE


def test_it_stops_in_good_order(tmp_path: Path) -> None:
    """Of the orders sent while it stops, each is either answered and there afterwards, or was
    refused or never heard of, and is not there."""
    someone = ("a@example.com", "the secret of a")
    with ServerProcess(tmp_path, "--no-rate-limit") as server:
        post(server, "register", {"email": someone[0], "pwdhash": someone[1]})
        words = ("--currency", "CNY", "--amount", "1000000", "--reason", "test")
        server.admin("credit", "--user", someone[0], *words)
        acknowledged: list[str] = []
        refused: list[str] = []
        begun = threading.Event()

        def place_until_it_stops() -> None:
            with httpx.Client(base_url=server.address, auth=someone, trust_env=False) as http:
                for number in range(100_000):
                    name = f"order-{number}"
                    try:
                        answer = http.post("/api/v2/user/submit_orders", json=buy(name))
                    except httpx.TransportError:
                        return
                    if answer.status_code == 503:
                        assert answer.json()["code"] == 1003
                        refused.append(name)
                        return
                    assert answer.json()["data"]["results"][0]["order_id"]
                    acknowledged.append(name)
                    if number == 50:
                        begun.set()

        load = threading.Thread(target=place_until_it_stops)
        load.start()
        assert begun.wait(60)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
        load.join()
        assert not (tmp_path / "control.sock").exists()
        assert list((tmp_path / "snapshots").glob("*.snapshot"))
    rebuilt = coinport("journal", "rebuild", str(tmp_path))
    assert rebuilt.returncode == 0, rebuilt.stderr
    with ServerProcess(tmp_path, "--no-rate-limit") as server:
        there = client_order_ids(server, someone)
        assert set(acknowledged) <= there
        assert not there & set(refused)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_before_it_is_ready_ends_it_in_good_order(tmp_path: Path, number: int) -> None:
    config = tmp_path / "coinport.toml"
    os.mkfifo(config)  # whoever starts reads it, and waits
    command = [COINPORT, "serve", "--data", tmp_path / "data", "--config", config]
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as starting,
        config.open("w"),  # as soon as it is read
    ):
        starting.send_signal(number)
        _, said = starting.communicate(timeout=PATIENCE_SECONDS)
    assert starting.returncode == 0
    assert said == f"coinport: stopped by {signal.Signals(number).name} before it was ready\n"
    assert not (tmp_path / "data" / "journal").exists()


def test_a_second_signal_leaves_out_the_snapshot(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        assert (
            post(server, "register", {"email": "a@example.com", "pwdhash": "a secret"})["code"] == 0
        )
        host, _, port = server.address.removeprefix("http://").partition(":")
        with slow_request(host, int(port)):
            while server.process.poll() is None:
                server.process.send_signal(signal.SIGINT)
                time.sleep(0.2)  # a signal may come twice, so only a later one counts
        assert server.process.returncode == 0
    assert not (tmp_path / "snapshots").exists()


def test_no_secret_is_ever_logged(tmp_path: Path) -> None:
    secrets = ["a secret password", "5f4dcc3b5aa765d61d8327deb882cf98", "wrong password of a"]
    config = tmp_path / "coinport.toml"
    config.write_text('[log]\nlevel = "debug"\nformat = "json"\n')
    with ServerProcess(tmp_path / "data", "--config", str(config)) as server:
        for email, secret in zip(("a@example.com", "b@example.com"), secrets, strict=False):
            assert post(server, "register", {"email": email, "pwdhash": secret})["code"] == 0
        a = ("a@example.com", secrets[0])
        token = post(server, "user/add_api_token", {"name": "x", "md5": True}, *a)["data"]
        with httpx.Client(base_url=server.address, trust_env=False) as http:
            http.get("/api/v2/login", auth=a)
            http.get("/api/v2/user/balance")
            secrets += [token["secret"], *http.cookies.values()]
            http.get("/api/v2/user/balance", auth=(a[0], secrets[2]))
            http.get("/api/v2/user/balance", headers={"Authorization": f"Token {secrets[0]}"})
            http.post("/api/v2/register", content=b'{"email": "a secret password"')
            http.get("/api/v2/no/such/path?password=a+secret+password")
        google = post(server, "user/get_google_auth", {}, *a)
        secrets += [str(google)] if google["code"] == 0 else []
        server.admin("suspend", "--user", a[0], "--reason", "test")
    log = (tmp_path / "data" / "stderr.log").read_text()
    assert '"event": "ready"' in log
    assert '"actor": ' in log
    for secret in [*secrets, "$argon2"]:
        assert secret not in log


def client_order_ids(server: ServerProcess, someone: tuple[str, str]) -> set[str]:
    found: set[str] = set()
    cursor = -1
    with httpx.Client(base_url=server.address, auth=someone, trust_env=False) as http:
        while True:
            page = http.get(f"/api/v2/user/orders?limit=200&cursor={cursor}").json()["data"]
            found |= {order["client_order_id"] for order in page["orders"]}
            if not page["hasMore"]:
                return found
            cursor = page["orders"][-1]["order_id"]


def slow_request(host: str, port: int) -> socket.socket:
    """A connection whose request is not finished, so that a stop would wait for it."""
    connection = socket.create_connection((host, port))
    connection.sendall(b"POST /api/v2/register HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nx")
    return connection
