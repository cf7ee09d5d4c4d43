"""The figures of each currency, and how they are written."""

import pytest

from coinport.model.units import Amount
from coinport.wallets.addresses import CURRENCIES
from coinport.wallets.policy import InvalidPolicy, Policy, policy

COIN = 10**8


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_chain_has_figures_that_fit_together(currency: str) -> None:
    decimals = 6 if currency == "XRP" else 8
    found = policy(currency, decimals)
    assert 0 < found.withdrawal_fee < found.withdrawal_min < found.day_max < found.hour_max
    assert 1 <= found.deposit_confirmations <= found.watched_confirmations
    assert found.hot_low_ppm < found.hot_high_ppm
    assert (found.sweep_min > 0) == (found.cold_min > 0)


def test_the_figures_of_the_original_exchange() -> None:
    btc, doge, xrp = policy("BTC", 8), policy("DOGE", 8), policy("XRP", 6)
    assert (btc.withdrawal_min, btc.withdrawal_fee, btc.day_max) == (10**6, 50_000, 5 * COIN)
    assert (btc.hot_high_ppm, btc.hot_low_ppm) == (300_000, 100_000)
    assert (btc.cold_min, btc.sweep_min) == (3 * COIN, COIN // 10)
    assert (doge.withdrawal_fee, doge.sweep_min) == (2 * COIN, 30_000 * COIN)
    assert (xrp.withdrawal_min, xrp.withdrawal_fee) == (10 * 10**6, 10**6)


@pytest.mark.parametrize(
    ("amount", "fee"),
    [
        ("2", "2"),
        ("499.99999999", "2"),
        ("500", "2"),
        ("500.00000001", "2.00000001"),
        ("10000", "40"),
    ],
)
def test_the_fee_of_cny_is_a_share_from_500_on_and_rounded_up(amount: str, fee: str) -> None:
    figures = {"withdrawal_min": amount, "withdrawal_fee": fee}
    as_units = policy("GOOC", 8, figures)
    assert policy("CNY", 8).fee(as_units.withdrawal_min) == as_units.withdrawal_fee


def test_a_withdrawal_leaves_something_by_its_fee() -> None:
    eaten = policy("LTC", 8, {"withdrawal_min": "1", "withdrawal_fee": "1"})
    assert eaten.withdrawal_least == COIN + 1
    for chosen in (policy("CNY", 8), policy("LTC", 8)):
        assert chosen.withdrawal_least == chosen.withdrawal_min > chosen.withdrawal_fee
    assert Policy().withdrawal_least == 1


def test_figures_replace_the_defaults_one_by_one() -> None:
    changed = policy("LTC", 8, {"day_max": "7.5", "deposit_confirmations": 12})
    assert (changed.day_max, changed.deposit_confirmations) == (750_000_000, 12)
    assert changed.withdrawal_fee == policy("LTC", 8).withdrawal_fee


def test_of_an_unknown_currency_nothing_leaves_without_somebody_looking() -> None:
    unknown = policy("NEW", 8)
    assert unknown == Policy()
    assert (unknown.day_max, unknown.sweep_min, unknown.cold_min) == (0, 0, 0)
    assert unknown.fee(Amount(COIN)) == 0


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("day_max", 5),
        ("day_max", "1e3"),
        ("day_max", "-1"),
        ("day_max", "1_000"),
        ("day_max", "١"),
        ("day_max", ""),
        ("day_max", "0.000000001"),
        ("day_max", "123456789012345678"),
        ("deposit_confirmations", "3"),
        ("daymax", "3"),
        ("deposit_confirmations", 0),
        ("watched_confirmations", 5),
        ("hot_high_ppm", 99_999),
        ("hot_high_ppm", 1_000_001),
    ],
)
def test_a_figure_that_is_none_is_refused_by_its_name(name: str, figure: str | int) -> None:
    with pytest.raises(InvalidPolicy, match=f"LTC.*{name}"):
        policy("LTC", 8, {name: figure})
