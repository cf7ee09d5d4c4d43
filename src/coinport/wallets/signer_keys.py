"""What the signer is given: keys, in one file, and limits, in another. Both are TOML with a section
for each currency."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from coinport.wallets.addresses import InvalidAddress, parse
from coinport.wallets.btsx_scheme import BtsxScheme
from coinport.wallets.dialects import DIALECTS
from coinport.wallets.networks import Network
from coinport.wallets.nxt_scheme import NxtScheme
from coinport.wallets.own_node import OwnNode
from coinport.wallets.policy import policy, units
from coinport.wallets.schemes import BitcoinScheme, Scheme, XrpScheme
from coinport.wallets.signing import Limits

FEES_MAX: Final = 20
"""A network's fee is at most so many times what one withdrawal pays for it, if nothing is said."""

_T = TypeVar("_T")


class InvalidSettings(Exception):
    """What is wrong and where; never a key."""


class _Keys(Struct, forbid_unknown_fields=True):
    pass


class BitcoinKeys(_Keys):
    extended_private_key: str
    """Of the account (`m/44'/coin'/0'`): xprv..."""


class XrpKeys(_Keys):
    secret_key: str
    """32 bytes in hex, of secp256k1."""


class NxtKeys(_Keys):
    secret_phrase: str
    node: str
    """URL of the signer's own node, which signs; on loopback."""


class BtsxKeys(_Keys):
    account: str
    """Its name."""
    secret_key: str
    """The active key: 32 bytes in hex, of secp256k1."""
    wallet: str
    """URL of the signer's own cli_wallet, which reads memos; on loopback."""


class LimitsText(Struct, frozen=True, forbid_unknown_fields=True):
    """Amounts are decimal text in whole coins. Left out: what the exchange's own default policy
    lets go without anybody looking, within an hour and four times within a day."""

    payment_max: str | None = None
    day_max: str | None = None
    fee_max: str | None = None
    cold: str = ""
    """The cold address."""


class Settings(Struct, frozen=True):
    network: Network
    currencies: Mapping[str, LimitsText]

    @property
    def cold(self) -> dict[str, str]:
        return {symbol: text.cold for symbol, text in self.currencies.items() if text.cold}

    def limits(self, symbol: str, decimals: int) -> Limits:
        """Raises InvalidPolicy."""
        text, default = self.currencies.get(symbol, LimitsText()), policy(symbol, decimals)

        def figure(name: str, otherwise: int) -> Any:
            given = getattr(text, name)
            return otherwise if given is None else units(given, decimals, f"{symbol} {name}")

        return Limits(
            payment_max=figure("payment_max", default.hour_max),
            day_max=figure("day_max", 4 * default.hour_max),
            fee_max=figure("fee_max", FEES_MAX * default.withdrawal_fee),
        )


def schemes(file: Path, network: Network) -> dict[str, Scheme]:
    """Those of the currencies that `file` has keys of, by currency. Raises InvalidSettings."""
    try:
        if file.stat().st_mode & 0o077:
            raise InvalidSettings(f"{file}: others may read these keys: chmod 600 {file}")
    except OSError as error:
        raise InvalidSettings(f"{file}: {error.strerror}") from error
    made = {}
    for symbol, section in _sections(file).items():
        if symbol not in _KINDS:
            raise InvalidSettings(f"{file}: there are no keys of {symbol}")
        keys = _converted(section, _KINDS[symbol], f"{file} [{symbol}]")
        try:
            made[symbol] = _scheme(symbol, keys, network)
        except ValueError as error:  # none of them shows a key
            raise InvalidSettings(f"{file} [{symbol}]: {error}") from None
    return made


def settings(file: Path | None) -> Settings:
    """Raises InvalidSettings."""
    sections = _sections(file) if file else {}
    name = sections.pop("network", "main")
    if name not in _NETWORKS:
        raise InvalidSettings(f"{file}: network is one of {', '.join(_NETWORKS)}")
    network = _NETWORKS[name]
    currencies = {}
    for symbol, section in sections.items():
        currencies[symbol] = text = _converted(section, LimitsText, f"{file} [{symbol}]")
        if text.cold:
            _check_cold(symbol, text.cold, network, f"{file} [{symbol}]")
    return Settings(network, currencies)


def _check_cold(symbol: str, address: str, network: Network, where: str) -> None:
    try:
        if parse(symbol, address, network=network).text != address:
            raise InvalidSettings(f"{where}: write the cold address without a memo")
    except InvalidAddress as error:
        raise InvalidSettings(f"{where}: the cold address {address}: {error}") from error


def _scheme(symbol: str, keys: _Keys, network: Network) -> Scheme:
    match keys:
        case BitcoinKeys():
            return BitcoinScheme(symbol, keys.extended_private_key, network)
        case XrpKeys():
            return XrpScheme(_secret(keys.secret_key))
        case NxtKeys():
            return NxtScheme(keys.secret_phrase, OwnNode(keys.node, name=symbol))
        case BtsxKeys():
            own = OwnNode(keys.wallet, name=symbol)
            return BtsxScheme(keys.account, _secret(keys.secret_key), own)
        case _:
            raise AssertionError(keys)


def _secret(text: str) -> bytes:
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != _SECRET_BYTES:
        raise ValueError(f"a secret key is {_SECRET_BYTES} bytes in hex")
    return secret


def _sections(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except OSError as error:
        raise InvalidSettings(f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise InvalidSettings(f"{file}: not TOML: {error}") from None


def _converted(section: Any, kind: type[_T], where: str) -> _T:
    try:
        return msgspec.convert(section, kind)
    except msgspec.ValidationError as error:
        raise InvalidSettings(f"{where}: {error}") from None


_SECRET_BYTES: Final = 32
_NETWORKS: Final = {network.name.lower(): network for network in Network}
_KINDS: Final[dict[str, type[_Keys]]] = {
    **dict.fromkeys(DIALECTS, BitcoinKeys),
    "XRP": XrpKeys,
    "NXT": NxtKeys,
    "BTSX": BtsxKeys,
}
