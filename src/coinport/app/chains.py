"""Chains: the purses of all currencies that the configuration names a node for.

Nothing here asks a node: it is wrong configuration that is refused, and a node that is away is not.
"""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import httpx

from coinport.app.config_currencies import Currency
from coinport.app.config_keys import ConfigError
from coinport.model.listings import Currency as Listed
from coinport.model.listings import CurrencyKind, Listings
from coinport.wallets import messages, nxt_payments
from coinport.wallets.addresses import Address, InvalidAddress, parse
from coinport.wallets.bitcoind import BitcoindChain
from coinport.wallets.bitcoind_node import BitcoindNode
from coinport.wallets.btsx import BtsxChain
from coinport.wallets.derivation import AccountKey, InvalidExtendedKey
from coinport.wallets.dialects import DIALECTS
from coinport.wallets.networks import Network, versions
from coinport.wallets.nxt import NxtChain
from coinport.wallets.nxt_accounts import address as nxt_address
from coinport.wallets.policy import InvalidPolicy, Policy, policy
from coinport.wallets.purses import Derived, Purse, Shared
from coinport.wallets.rpc import Rpc
from coinport.wallets.running import Wallets
from coinport.wallets.sending import Sign
from coinport.wallets.signing import MESSAGE_PREFIX, KeyPath
from coinport.wallets.xrp import XrpChain

Configured = Mapping[str, Currency]
"""By symbol."""

_PUBLIC_KEY_BYTES: Final = 32
_BITCOIND: Final = frozenset({"node", "wallet", "xpub", "cold", "cold_signature", "network"})
_WAYS: Final = {
    **dict.fromkeys(DIALECTS, _BITCOIND),
    "XRP": frozenset({"node", "account", "cold"}),
    "NXT": frozenset({"node", "public_key", "cold"}),
    "BTSX": frozenset({"node", "account", "cold"}),
}
"""The keys that say how a chain is reached, and who we are there; the others are figures."""


class Policies(dict[str, Policy]):
    """Of every currency that is listed, also of those that will be."""

    def __init__(self, configured: Configured, listings: Listings) -> None:
        """`listings` may change. Raises ConfigError."""
        super().__init__()
        self._listings = listings
        for symbol, currency in configured.items():
            listed = _listed(listings, symbol)
            try:
                self[symbol] = policy(symbol, listed.decimals, currency.figures)
            except InvalidPolicy as error:
                raise ConfigError(f"[currencies.{symbol}] {error}") from error

    def __missing__(self, symbol: str) -> Policy:
        self[symbol] = policy(symbol, _listed(self._listings, symbol).decimals)
        return self[symbol]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """The chains of an exchange, and who signs for it there."""

    purses: Callable[[Mapping[str, Policy], Listings], Mapping[str, Purse]]
    """By currency. Raises ConfigError."""
    sign: Sign
    read_address: Callable[[str, str, str], Address]
    """Of currency, text and memo. Raises InvalidAddress."""
    cold_signatures: Mapping[str, str] = field(default_factory=dict)
    """By currency, of the cold address."""
    life: Callable[[Wallets], Coroutine[Any, Any, None]] | None = None
    """What goes on on simulated chains, for as long as the exchange runs."""


def chains(configured: Configured, sign: Sign) -> Chains:
    """Those of the configuration."""
    networks = {symbol: _network(currency) for symbol, currency in configured.items()}

    def read_address(symbol: str, text: str, memo: str) -> Address:
        return parse(symbol, text, memo, networks.get(symbol, Network.MAIN))

    return Chains(
        purses=partial(_purses, configured),
        sign=sign,
        read_address=read_address,
        cold_signatures={
            symbol: currency.cold_signature
            for symbol, currency in configured.items()
            if currency.cold_signature
        },
    )


def _purses(
    configured: Configured, policies: Mapping[str, Policy], listings: Listings
) -> dict[str, Purse]:
    return dict(_each_purse(configured, policies, listings))


def _each_purse(
    configured: Configured, policies: Mapping[str, Policy], listings: Listings
) -> Iterator[tuple[str, Purse]]:
    for symbol, currency in configured.items():
        _check_keys(symbol, currency, _listed(listings, symbol))
        if currency.node:
            try:
                yield symbol, _purse(symbol, currency, policies[symbol])
            except _Invalid as error:
                raise ConfigError(f"[currencies.{symbol}] {error}") from None


class _Invalid(ValueError):
    """The message begins with the key."""


def _check_keys(symbol: str, currency: Currency, listed: Listed) -> None:
    """Raises ConfigError where a key does not go with the currency."""
    of_chain = frozenset[str]().union(*_WAYS.values())
    given = {key for key in of_chain if getattr(currency, key) != getattr(Currency(), key)}
    known = (
        _WAYS.get(symbol, frozenset[str]()) if listed.kind is CurrencyKind.CHAIN else frozenset()
    )
    if strangers := sorted(given - known):
        raise ConfigError(f"[currencies.{symbol}] {strangers[0]}: {symbol} has no such key")
    if given and "node" not in given:
        raise ConfigError(f"[currencies.{symbol}] node: is needed where other keys of a chain are")


def _listed(listings: Listings, symbol: str) -> Listed:
    if symbol not in listings.currency_of:
        known = ", ".join(sorted(listings.currency_of))
        raise ConfigError(f"[currencies.{symbol}]: it is not listed here; there are {known}")
    return listings.currencies[listings.currency_of[symbol]]


def _purse(symbol: str, currency: Currency, chosen: Policy) -> Purse:
    network = _network(currency)
    chain: BitcoindChain | XrpChain | NxtChain | BtsxChain
    receiving: Derived | Shared
    if symbol in DIALECTS:
        try:
            versions(symbol, network)
        except KeyError:
            raise _Invalid(f"network: there is no {currency.network} of {symbol} here") from None
        key = _account_key(currency.xpub)
        node = BitcoindNode(symbol, _rpc(symbol, currency.node), currency.wallet)
        chain = BitcoindChain(node, network)
        receiving = Derived(partial(_derived, key, symbol, network))
    elif symbol == "NXT":
        public_key = _public_key(currency.public_key)
        chain = NxtChain(_rpc(symbol, currency.node), public_key)
        account = nxt_address(nxt_payments.account_of(public_key))
        receiving = Shared(account, account)
    else:
        account = _account(symbol, currency.account)
        if symbol == "XRP":
            chain = XrpChain(_rpc(symbol, currency.node), account)
        else:
            chain = BtsxChain(_rpc(symbol, currency.node, version="2.0"), account)
        receiving = Shared(account, account)
    _check_cold(symbol, currency, network)
    return Purse(chain=chain, policy=chosen, receiving=receiving, cold=currency.cold)


def _network(currency: Currency) -> Network:
    return Network[currency.network.upper()]


def _derived(key: AccountKey, symbol: str, network: Network, path: KeyPath) -> str:
    return key.address(symbol, path.index, path.branch, network)


def _rpc(symbol: str, node: str, **options: Any) -> Rpc:
    """No message shows the URL, which may hold a password."""
    try:
        url = httpx.URL(node)
    except (httpx.InvalidURL, TypeError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise _Invalid("node: this is no URL: write http://user:password@host:port")
    bare = url.copy_with(username=None, password=None)
    return Rpc(str(bare), url.username, url.password, name=symbol, **options)


def _account_key(xpub: str) -> AccountKey:
    try:
        return AccountKey(xpub)
    except InvalidExtendedKey as error:
        raise _Invalid(f"xpub: {error}") from None


def _public_key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _PUBLIC_KEY_BYTES:
        raise _Invalid(f"public_key: it is {_PUBLIC_KEY_BYTES} bytes in hex")
    return key


def _account(symbol: str, text: str) -> str:
    return _plain(symbol, "account", text, Network.MAIN)


def _plain(symbol: str, key: str, text: str, network: Network) -> str:
    """An address without a memo."""
    try:
        found = parse(symbol, text, network=network)
    except InvalidAddress as error:
        raise _Invalid(f"{key}: {text!r}: {error}") from None
    if found != Address(text):
        raise _Invalid(f"{key}: write it as {found.text}, and without a memo")
    return text


def _check_cold(symbol: str, currency: Currency, network: Network) -> None:
    if currency.cold:
        _plain(symbol, "cold", currency.cold, network)
    elif currency.cold_signature:
        raise _Invalid("cold_signature: of which address? `cold` is missing")
    if currency.cold_signature and not messages.verify(
        symbol, currency.cold, MESSAGE_PREFIX, currency.cold_signature, network
    ):
        raise _Invalid(
            f"cold_signature: it is not that of {MESSAGE_PREFIX!r} by the key of {currency.cold}"
        )
