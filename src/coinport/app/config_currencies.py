"""Configuration of currencies: how the node of each chain is reached, and the figures by which its
money goes in and out. Names and meanings of the figures are those of `wallets.policy`."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, get_type_hints

import msgspec
from msgspec import Struct

from coinport.app import genesis
from coinport.app.config_keys import Count, Ppm, about, text_of
from coinport.model.decimals import decimal_text
from coinport.wallets.policy import Policy, policy


class Currency(Struct, frozen=True, omit_defaults=True):
    """One currency. All figures may be left out; a chain is there only where a node is named."""

    node: Annotated[str, about("Its node, a URL; http://user:password@host:port if need be.")] = ""
    wallet: Annotated[
        str, about("The node's wallet that watches and has no keys; empty: it has only one.")
    ] = ""
    xpub: Annotated[
        str, about("Extended public key of the account (m/44'/coin'/0'), never a private one.")
    ] = ""
    account: Annotated[str, about("The exchange's account: its address or name.")] = ""
    public_key: Annotated[str, about("Public key of the exchange's account; 32 bytes in hex.")] = ""
    cold: Annotated[str, about("Address whose key is in no computer of the exchange.")] = ""
    cold_signature: Annotated[
        str, about("Of the message `coinport`, by the key of `cold`; base64.")
    ] = ""
    network: Annotated[
        Literal["main", "regtest"], about("regtest: a chain of one's own, for tests.")
    ] = "main"
    deposit_min: Annotated[
        str | None, about("A payment of less is noted down and not credited; coins.")
    ] = None
    deposit_confirmations: Annotated[
        Count | None, about("From which on a deposit is credited; blocks.")
    ] = None
    withdrawal_min: Annotated[str | None, about("Least withdrawal; coins.")] = None
    withdrawal_fee: Annotated[str | None, about("Part of what is withdrawn; coins.")] = None
    withdrawal_fee_ppm: Annotated[
        Ppm | None, about("The fee of large withdrawals instead; parts per million of them.")
    ] = None
    withdrawal_fee_ppm_from: Annotated[str | None, about("From which amount on; coins.")] = None
    withdrawal_confirmations: Annotated[
        Count | None, about("From which on a withdrawal has arrived; blocks.")
    ] = None
    watched_confirmations: Annotated[
        Count | None, about("Until which a payment is looked at again; blocks.")
    ] = None
    day_max: Annotated[
        str | None, about("What one account takes out within 24 hours without anybody looking.")
    ] = None
    hour_max: Annotated[
        str | None,
        about("What leaves within an hour, to all accounts; more pauses withdrawals; coins."),
    ] = None
    two_persons_from: Annotated[
        str | None, about("From which amount on a withdrawal takes two persons; 0: never; coins.")
    ] = None
    sweep_min: Annotated[
        str | None, about("From which on a user's address is emptied to the hot one; coins.")
    ] = None
    cold_min: Annotated[
        str | None, about("What is at least moved to the cold address at once; coins.")
    ] = None
    hot_high_ppm: Annotated[
        Ppm | None, about("Hot share above which money goes to the cold address; ppm.")
    ] = None
    hot_low_ppm: Annotated[
        Ppm | None, about("Hot share below which money should come back: an alarm; ppm.")
    ] = None

    @property
    def figures(self) -> Mapping[str, str | int]:
        """Those of the policy that are given."""
        given: dict[str, str | int] = msgspec.to_builtins(self)
        return {name: figure for name, figure in given.items() if name in FIGURES}


FIGURES: Final = frozenset(Policy.__struct_fields__)

_EXAMPLES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "LTC": (
        "A chain of Bitcoin's family, with a bitcoind of its own: BTC, LTC, DOGE, DRK, BLK, VRC, "
        "ZET.\n# The figures are the defaults of this currency.",
        {
            "node": "http://user:password@127.0.0.1:9332",
            "wallet": "coinport",
            "xpub": "xpub...",
            "cold": "L...",
            "cold_signature": "H...=",
            "network": "main",
        },
    ),
    "XRP": (
        "XRP, by a rippled. Users share one account and say a destination tag.",
        {"node": "http://127.0.0.1:5005", "account": "r...", "cold": "r..."},
    ),
    "NXT": (
        "NXT, by its node's HTTP API. Users share one account and send a message.",
        {"node": "http://127.0.0.1:7876", "public_key": "0123...", "cold": "NXT-..."},
    ),
    "BTSX": (
        "BTSX, by a cli_wallet. Users share one account and write a memo.",
        {"node": "http://127.0.0.1:8092", "account": "coinport", "cold": "coinport-cold"},
    ),
    "CNY": (
        "Money on no chain: an administrator pays it out. The figures are the defaults.",
        {},
    ),
}


def examples() -> Iterator[str]:
    """Lines of the example file: a section for each kind of chain, none of which counts."""
    hints = get_type_hints(Currency, include_extras=True)
    for symbol, (title, ways) in _EXAMPLES.items():
        yield from ("", f"# {title}", f"# [currencies.{symbol}]")
        shown: dict[str, Any] = dict(ways)
        if symbol in ("LTC", "CNY"):
            shown |= _defaults(symbol)
        for key, value in shown.items():
            yield f"# # {text_of(hints[key])}"
            yield f"# {key} = {msgspec.json.encode(value).decode()}"


def _defaults(symbol: str) -> dict[str, str | int]:
    decimals = genesis.DECIMALS[symbol]
    chosen = policy(symbol, decimals)
    return {
        key: getattr(chosen, key)
        if key.endswith(("_ppm", "_confirmations"))
        else decimal_text(getattr(chosen, key), decimals)
        for key in Currency.__struct_fields__
        if key in FIGURES and (symbol != "CNY" or key.startswith(("withdrawal_fee", "two_persons")))
    }
