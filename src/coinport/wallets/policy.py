"""Policy: the figures that one currency's money goes in and out by.

The defaults are those of the original exchange, but for the confirmations, which are safer ones.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from coinport.model.units import AMOUNT_MAX, PPM, Amount

Confirmations = Annotated[int, Meta(ge=1)]
Ppm = Annotated[int, Meta(ge=0, le=PPM)]


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Amounts count smallest units. 0 means: never, where an amount says from when on."""

    deposit_min: Amount = Amount(1)
    """A payment of less is noted down and not credited."""
    deposit_confirmations: Confirmations = 60
    """From which on a deposit is credited."""
    withdrawal_min: Amount = Amount(1)
    withdrawal_fee: Amount = Amount(0)
    """Part of what is withdrawn, and ours: the network's is paid from it."""
    withdrawal_fee_ppm: Ppm = 0
    withdrawal_fee_ppm_from: Amount = Amount(0)
    """From which amount on the fee is `withdrawal_fee_ppm` of it instead."""
    withdrawal_confirmations: Confirmations = 60
    """From which on a withdrawal has arrived."""
    watched_confirmations: Confirmations = 500
    """Until which it is looked whether a deposit or a withdrawal is still in the chain."""
    day_max: Amount = Amount(0)
    """What one account may take out within 24 hours without anybody looking."""
    hour_max: Amount = Amount(0)
    """What may leave within an hour, to all accounts, without anybody looking: more is an alarm,
    and withdrawals are paused."""
    two_persons_from: Amount = Amount(0)
    """From which amount on two persons have to approve a withdrawal."""
    sweep_min: Amount = Amount(0)
    """From which on the money at a user's address is moved to the hot one."""
    cold_min: Amount = Amount(0)
    """What is at least moved from the hot address to the cold one."""
    hot_high_ppm: Ppm = PPM
    """The hot share of all money: above it, money goes to the cold address until the share is in
    the middle between this and `hot_low_ppm`."""
    hot_low_ppm: Ppm = 0
    """Below it, somebody should bring money from the cold address."""

    def __post_init__(self) -> None:
        if self.watched_confirmations < max(
            self.deposit_confirmations, self.withdrawal_confirmations
        ):
            raise ValueError("watched_confirmations are at least as many as the others")
        if self.hot_low_ppm > self.hot_high_ppm:
            raise ValueError("hot_low_ppm is at most hot_high_ppm")

    def takes_two(self, amount: Amount) -> bool:
        """Whether a withdrawal of `amount` is approved by two persons, and never by limits."""
        return 0 < self.two_persons_from <= amount

    @property
    def withdrawal_least(self) -> Amount:
        """What is withdrawn at least: `withdrawal_min`, and something is left by the fee."""
        return max(self.withdrawal_min, Amount(self.fee(self.withdrawal_min) + 1))

    def fee(self, amount: Amount) -> Amount:
        """Of a withdrawal of `amount`, which includes it. Rounded up."""
        if self.withdrawal_fee_ppm and amount >= self.withdrawal_fee_ppm_from:
            return Amount(-(-amount * self.withdrawal_fee_ppm // PPM))
        return self.withdrawal_fee


class InvalidPolicy(ValueError):
    """A figure that is none; the message names it."""


def policy(symbol: str, decimals: int, figures: Mapping[str, str | int] | None = None) -> Policy:
    """That of a currency. `figures`, by the names above, replace the defaults; amounts are decimal
    text in whole coins.

    Of a currency that is not known here nothing leaves without somebody looking.
    Raises InvalidPolicy.
    """
    chosen: dict[str, Any] = {**_DEFAULTS.get(symbol, {}), **(figures or {})}
    for name, figure in chosen.items():
        if name in _AMOUNTS:
            chosen[name] = units(figure, decimals, f"{symbol} {name}")
    try:
        return msgspec.convert(chosen, Policy)
    except msgspec.ValidationError as error:
        raise InvalidPolicy(f"{symbol}: {error}") from error


def units(text: str | int, decimals: int, what: str) -> Amount:
    """Smallest units of an amount in whole coins, which must be text. Raises InvalidPolicy, and
    names `what`."""
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        raise InvalidPolicy(f'{what}: {text!r} is not an amount: write it like "0.01"')
    scaled = Decimal(text).scaleb(decimals)
    if scaled != int(scaled) or scaled > AMOUNT_MAX:
        raise InvalidPolicy(f"{what}: {text} is too large or has more than {decimals} decimals")
    return Amount(int(scaled))


_AMOUNT: Final = re.compile(r"[0-9]{1,18}(\.[0-9]{1,9})?", re.ASCII)
_AMOUNTS: Final = {one.name for one in msgspec.structs.fields(Policy) if one.type is Amount}


def _final(confirmations: int, watched: int) -> dict[str, str | int]:
    return {
        "deposit_confirmations": confirmations,
        "withdrawal_confirmations": confirmations,
        "watched_confirmations": watched,
    }


def _cold(high_ppm: int, least: str, sweep: str) -> dict[str, str | int]:
    return {
        "hot_high_ppm": high_ppm,
        "hot_low_ppm": 100_000,
        "cold_min": least,
        "sweep_min": sweep,
    }


def _out(least: str, fee: str, day: str, hour: str) -> dict[str, str | int]:
    limits = {"day_max": day, "hour_max": hour, "two_persons_from": hour}
    return {"withdrawal_min": least, "withdrawal_fee": fee, **limits}


_SMALL: Final = ("0.01", "0.0005")
"""Least withdrawal, and its fee."""
_LARGE: Final = ("10", "2")

_DEFAULTS: Final[dict[str, dict[str, str | int]]] = {
    "BTC": _out(*_SMALL, "5", "25") | _final(3, 100) | _cold(300_000, "3", "0.1"),
    "LTC": _out(*_SMALL, "600", "3000") | _final(6, 100) | _cold(600_000, "20", "10"),
    "DOGE": _out("5", "2", "5000000", "25000000")
    | _final(40, 100)
    | _cold(600_000, "50000", "30000"),
    "DRK": _out(*_SMALL, "500", "2500") | _final(6, 100) | _cold(600_000, "30", "6"),
    "BLK": _out(*_SMALL, "50000", "250000") | _final(60, 500) | _cold(600_000, "1000", "300"),
    "VRC": _out(*_SMALL, "5000", "25000") | _final(60, 500) | _cold(600_000, "60", "100"),
    "ZET": _out(*_SMALL, "10000", "50000") | _final(60, 500) | _cold(600_000, "100", "200"),
    "NXT": _out(*_LARGE, "5000", "25000") | _final(30, 720),
    "BTSX": _out(*_LARGE, "50000", "250000") | _final(1, 1),
    "XRP": _out("10", "1", "100000", "500000") | _final(1, 1),
    "CNY": {
        "withdrawal_min": "2.01",  # of the original's 2 the fee left nothing
        "withdrawal_fee": "2",
        "withdrawal_fee_ppm": 4_000,
        "withdrawal_fee_ppm_from": "500",
        "two_persons_from": "50000",
    },
    "GOOC": {"withdrawal_min": "1000", "withdrawal_fee": "0"},
}
"""XRP and BTSX show only what is final: there is nothing to wait for or to watch."""
