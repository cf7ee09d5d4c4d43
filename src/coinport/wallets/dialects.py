"""Dialects of bitcoind: what the nodes of Bitcoin's family can do, and what they charge."""

from enum import IntEnum
from typing import Final

from msgspec import Struct

from coinport.model.units import Amount


class Import(IntEnum):
    """How a wallet without keys is told to watch an address."""

    DESCRIPTORS = 1
    MULTI = 2
    ADDRESS = 3


class Dialect(Struct, frozen=True):
    watching: Import
    fee_min: Amount
    """Units per 1,000 bytes: where the node has no estimate, and never less."""
    fee_max: Amount
    """Units per 1,000 bytes: never more, whatever the node estimates."""
    dust: Amount
    """An output of less is not relayed."""
    headers: bool = True
    """`getblockheader`; else `getblock`."""
    wallets: bool = False
    """Several wallets, to be loaded by name."""
    scans: bool = False
    """`scantxoutset`: what any address holds, without a wallet."""
    estimates: bool = True
    """`estimatesmartfee`."""
    entries: bool = True
    """`getmempoolentry`; else the whole list is asked for."""
    timed: bool = False
    """Every transaction has a time (proof of stake)."""


def _old(fee_min: int, *, timed: bool = False) -> Dialect:
    """A fork of an early Core (0.10 to 0.13)."""
    return Dialect(
        Import.ADDRESS,
        Amount(fee_min),
        Amount(20 * fee_min),
        Amount(10_000),
        headers=False,
        estimates=False,
        entries=False,
        timed=timed,
    )


DIALECTS: Final = {
    "BTC": Dialect(
        Import.DESCRIPTORS,
        Amount(2_000),
        Amount(1_000_000),
        Amount(546),
        wallets=True,
        scans=True,
    ),
    "LTC": Dialect(
        Import.MULTI, Amount(10_000), Amount(1_000_000), Amount(5_460), wallets=True, scans=True
    ),
    "DOGE": Dialect(Import.ADDRESS, Amount(1_000_000), Amount(500_000_000), Amount(1_000_000)),
    "DRK": Dialect(
        Import.MULTI, Amount(1_000), Amount(1_000_000), Amount(5_460), wallets=True, scans=True
    ),
    "BLK": _old(10_000, timed=True),
    "VRC": _old(10_000, timed=True),
    "ZET": _old(10_000),
}
