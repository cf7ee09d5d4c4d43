"""Sections of currencies: how each chain is reached, and the figures of its money."""

from pathlib import Path

import msgspec
import pytest

from coinport.app import config
from coinport.app.config import Config, ConfigError, Currency
from coinport.app.config_currencies import FIGURES
from coinport.app.config_sources import load
from coinport.wallets.policy import Policy, policy


def from_file(directory: Path, text: str) -> Config:
    path = directory / "coinport.toml"
    path.write_text(text)
    return load(path, {}, {})


def uncommented(example: str) -> str:
    """The example with the sections of currencies made to count."""
    head, _, rest = example.partition("# [currencies.")
    lines = ("# [currencies." + rest).splitlines()
    return head + "\n".join(
        line.removeprefix("# ") if line.startswith(("# [", "# #")) or " = " in line else line
        for line in lines
    )


def test_every_figure_of_a_policy_has_a_key() -> None:
    assert set(Policy.__struct_fields__) <= set(Currency.__struct_fields__)


def test_what_is_given_is_read(tmp_path: Path) -> None:
    read = from_file(
        tmp_path,
        '[currencies.LTC]\nnode = "http://u:p@127.0.0.1:1"\nday_max = "5"\n'
        "deposit_confirmations = 1\n[currencies.CNY]\nwithdrawal_fee_ppm = 0\n",
    ).currencies
    assert read["LTC"].node == "http://u:p@127.0.0.1:1"
    assert read["LTC"].figures == {"day_max": "5", "deposit_confirmations": 1}
    assert read["CNY"].figures == {"withdrawal_fee_ppm": 0}


def test_the_figures_of_the_example_are_the_defaults(tmp_path: Path) -> None:
    read = from_file(tmp_path, uncommented(config.example())).currencies
    assert list(read) == ["BTSX", "CNY", "LTC", "NXT", "XRP"]
    assert read["LTC"].figures.keys() == FIGURES
    for symbol, currency in read.items():
        assert policy(symbol, 8, currency.figures) == policy(symbol, 8)


def test_a_password_may_come_from_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "coinport.toml"
    path.write_text('[currencies.LTC]\nnode = "http://127.0.0.1:1"\ndeposit_confirmations = 1')
    environment = {
        "COINPORT_CURRENCIES_LTC_NODE": "http://u:secret@127.0.0.1:1",
        "COINPORT_CURRENCIES_LTC_DEPOSIT_CONFIRMATIONS": "2",
    }
    read = load(path, environment, {}).currencies["LTC"]
    assert read == Currency(node="http://u:secret@127.0.0.1:1", deposit_confirmations=2)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "[currencies.LTC]\nnod = 1",
            "coinport.toml: unknown key nod in [currencies.LTC]; did you mean node?",
        ),
        ("[currencies.ltc]", "coinport.toml: [currencies.ltc]: 'ltc' is not the symbol"),
        ("currencies = 1", "coinport.toml: currencies have sections: write [currencies.BTC]"),
        ("[currencies]\nLTC = 1", "coinport.toml: currencies.LTC is a section"),
        (
            '[currencies.LTC]\nnetwork = "test"',
            "coinport.toml: currencies.LTC.network: Invalid enum value 'test'",
        ),
        (
            "[currencies.LTC]\nday_max = 0.5",
            "coinport.toml: currencies.LTC.day_max: Expected str | null, got float",
        ),
        ("[wallets]\npoll_seconds = 0", "coinport.toml: wallets.poll_seconds: Expected float > 0"),
    ],
)
def test_a_mistake_is_named_with_file_section_and_key(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(ConfigError) as error:
        from_file(tmp_path, text)
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("COINPORT_CURRENCIES_LTC_NOD", "unknown key nod; did you mean node?"),
        ("COINPORT_CURRENCIES_ltc_NODE", "'ltc' is not the symbol of a currency"),
        ("COINPORT_CURRENCIES_LTC_DEPOSIT_CONFIRMATIONS", "=x: Expected int | null"),
    ],
)
def test_a_mistake_in_a_variable_is_named(name: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(None, {name: "x"}, {})
    assert name in str(error.value)
    assert complaint in str(error.value)


def test_nothing_of_a_currency_is_configured_by_default() -> None:
    assert Config().currencies == {}
    assert msgspec.to_builtins(Currency()) == {}
