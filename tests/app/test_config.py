"""Configuration comes from a file, the environment and the command line; nothing is guessed."""

from pathlib import Path

import pytest

from coinport.app import config, reference
from coinport.app.config import Config, ConfigError
from coinport.app.config_sources import load


def from_file(directory: Path, text: str) -> Config:
    path = directory / "coinport.toml"
    path.write_text(text)
    return load(path, {}, {})


def test_without_any_source_the_defaults_hold() -> None:
    assert load(None, {"HOME": "/"}, {}) == Config()


def test_the_example_is_exactly_the_defaults(tmp_path: Path) -> None:
    assert from_file(tmp_path, config.example()) == Config()


def test_the_example_in_the_repository_is_fresh() -> None:
    assert reference.stale() == []


def test_a_file_changes_what_it_names(tmp_path: Path) -> None:
    changed = from_file(tmp_path, '[server]\nport = 9\ntrusted_proxies = ["10.0.0.0/8"]')
    assert changed.server.port == 9
    assert changed.server.trusted_proxies == ["10.0.0.0/8"]
    assert changed.server.host == Config().server.host


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    path = tmp_path / "coinport.toml"
    path.write_text('[server]\nport = 1\nhost = "::1"\nstop_seconds = 1')
    environment = {"COINPORT_SERVER_PORT": "2", "COINPORT_SERVER_HOST": "127.0.0.2"}
    server = load(path, environment, {"server": {"port": 3}}).server
    assert (server.port, server.host, server.stop_seconds) == (3, "127.0.0.2", 1)


def test_variables_are_read_as_what_the_key_is() -> None:
    environment = {
        "COINPORT_LIMITS_ENABLED": "false",
        "COINPORT_SERVER_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1",
        "COINPORT_DATABASE_IDENTITY_URL": "sqlite:////tmp/x",
    }
    read = load(None, environment, {})
    assert read.limits.enabled is False
    assert read.server.trusted_proxies == ["10.0.0.0/8", "192.0.2.1"]
    assert read.database.identity_url == "sqlite:////tmp/x"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[server]\nprot = 1", "unknown key prot in [server]; did you mean port?"),
        ("[sever]", "unknown section [sever]; did you mean server?"),
        ("server = 1", "server is a section: write [server]"),
        ('[server]\nport = "1"', "coinport.toml: server.port: Expected int, got str"),
        ("[server]\nport = 65536", "coinport.toml: server.port: Expected int <= 65535"),
        ("[log]\nlevel = 'loud'", "coinport.toml: log.level: Invalid enum value 'loud'"),
        ("[server]\ntrusted_proxies = [1]", "server.trusted_proxies: Expected str, got int"),
        ("[server]\ntls_cert = 'a'", "tls_cert and tls_key go together: give both or neither"),
        ("[server]\ntrusted_proxies = ['x']", "'x' does not appear to be an IPv4 or IPv6 network"),
        (
            "[published]\ntime_zone = 'Mars'",
            "coinport.toml: [published] time_zone: there is no Mars",
        ),
        ("port", "coinport.toml: this is no TOML: "),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as error:
        from_file(tmp_path, text)
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("COINPORT_SERVER_PRT", "1", "did you mean COINPORT_SERVER_PORT?"),
        ("COINPORT_SERVER_PORT", "x", "COINPORT_SERVER_PORT=x: Expected int"),
    ],
)
def test_a_mistake_in_the_environment_is_named(name: str, value: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(None, {name: value}, {})
    assert complaint in str(error.value)


def test_the_source_that_decided_is_the_one_that_is_blamed(tmp_path: Path) -> None:
    path = tmp_path / "coinport.toml"
    path.write_text('[server]\nport = 1\nhost = "::1"')
    with pytest.raises(ConfigError) as error:
        load(path, {"COINPORT_SERVER_HOST": "::1"}, {"server": {"port": 70_000}})
    assert str(error.value) == "command line: server.port: Expected int <= 65535"


def test_of_keys_that_do_not_go_together_every_source_is_named(tmp_path: Path) -> None:
    path = tmp_path / "coinport.toml"
    path.write_text('[server]\ntls_cert = "cert.pem"')
    with pytest.raises(ConfigError) as error:
        load(path, {}, {"server": {"port": 1}, "limits": {}})
    assert str(error.value) == (
        f"{path}, command line: [server] tls_cert and tls_key go together: give both or neither"
    )


def test_a_file_that_cannot_be_read_is_named_with_its_option(tmp_path: Path) -> None:
    for path, complaint in (
        (tmp_path / "none.toml", "there is no such file"),
        (tmp_path, "it is a directory"),
    ):
        with pytest.raises(ConfigError) as error:
            load(path, {}, {})
        assert str(error.value).startswith(f"--config {path}: {complaint}")
