"""What keeps an exchange from being reached is told with the option that mends it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from coinport.app.config import Config, ConfigError, Metrics, Server
from coinport.app.running import take_ports
from coinport.app.server import take_port
from tests.certificates import self_signed


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def refusal(config: Server) -> str:
    with pytest.raises((ConfigError, OSError)) as error:
        take_port(config)
    return str(error.value)


def test_a_port_that_somebody_listens_on(taken: int) -> None:
    assert refusal(Server(port=taken)) == (
        f"cannot listen on 127.0.0.1 port {taken}: another program does: name another port by "
        "--port (server.port)"
    )


def test_a_port_for_metrics_that_somebody_listens_on(taken: int) -> None:
    with pytest.raises(OSError, match=r"name another port by metrics\.port"):
        take_ports(Config(server=Server(port=0), metrics=Metrics(port=taken)))


def test_an_address_that_is_another_machines() -> None:
    said = refusal(Server(host="192.0.2.1", port=0, trusted_proxies=["10.0.0.0/8"]))
    assert said.endswith("this machine has no such address: name another by --host (server.host)")


def test_a_name_that_nobody_knows() -> None:
    name = 64 * "x"  # longer than a name may be, so nobody is asked
    said = refusal(Server(host=name, port=0, trusted_proxies=["10.0.0.0/8"]))
    assert said.startswith(f"--host (server.host) {name}: nobody knows this name")


def test_a_certificate_that_cannot_be_used(tmp_path: Path) -> None:
    one, other, locked = (tmp_path / name for name in ("one", "other", "locked"))
    for directory in (one, other, locked):
        directory.mkdir()
    certificate, key = self_signed(one)
    _, other_key = self_signed(other)
    locked_certificate, locked_key = self_signed(locked, b"a passphrase")
    missing = tmp_path / "none.pem"
    for certificate_file, key_file, complaint in (
        (missing, key, f"--tls-cert (server.tls_cert) {missing}: there is no such file"),
        (certificate, missing, f"--tls-key (server.tls_key) {missing}: there is no such file"),
        (certificate, tmp_path, f"--tls-key (server.tls_key) {tmp_path}: it is a directory"),
        (certificate, other_key, f"--tls-key {other_key} do not go together"),
        (key, certificate, "do not go together"),
        (locked_certificate, locked_key, "without a passphrase"),
    ):
        said = refusal(Server(port=0, tls_cert=str(certificate_file), tls_key=str(key_file)))
        assert complaint in said


def test_a_certificate_and_its_key_may_be_used(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    take_port(Server(port=0, tls_cert=str(certificate), tls_key=str(key))).close()
