"""Networks: the version bytes and prefixes that tell the addresses of Bitcoin's family apart."""

from enum import IntEnum
from typing import Final

from msgspec import Struct


class Network(IntEnum):
    MAIN = 1
    REGTEST = 2
    """A chain of one's own, for tests."""


class Versions(Struct, frozen=True):
    key_hash: bytes
    """Of P2PKH addresses."""
    script_hash: bytes
    """Of P2SH addresses. Litecoin's old 0x05 is not here: it cannot be told from Bitcoin's."""
    segwit: str = ""
    """Prefix of bech32 addresses; empty where there are none."""
    programs: frozenset[tuple[int, int]] = frozenset({(0, 20), (0, 32)})
    """Version and bytes of the witness programs that may be paid to."""


_WITH_TAPROOT = frozenset({(0, 20), (0, 32), (1, 32)})

_VERSIONS: Final = {
    (Network.MAIN, "BTC"): Versions(b"\x00", b"\x05", "bc", _WITH_TAPROOT),
    (Network.MAIN, "LTC"): Versions(b"\x30", b"\x32", "ltc"),
    (Network.MAIN, "DOGE"): Versions(b"\x1e", b"\x16"),
    (Network.MAIN, "DRK"): Versions(b"\x4c", b"\x10"),
    (Network.MAIN, "BLK"): Versions(b"\x19", b"\x55"),
    (Network.MAIN, "VRC"): Versions(b"\x46", b"\x84"),
    (Network.MAIN, "ZET"): Versions(b"\x50", b"\x09"),
    (Network.REGTEST, "BTC"): Versions(b"\x6f", b"\xc4", "bcrt", _WITH_TAPROOT),
    (Network.REGTEST, "LTC"): Versions(b"\x6f", b"\x3a", "rltc"),
}


def versions(currency: str, network: Network = Network.MAIN) -> Versions:
    """Raises KeyError: of this currency there is no such network here."""
    return _VERSIONS[network, currency]
