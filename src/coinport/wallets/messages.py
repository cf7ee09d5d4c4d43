"""Signed messages of Bitcoin's family: proof that an address is ours, checked without a node."""

import base64
from typing import Final

from coincurve import PrivateKey, PublicKey

from coinport.wallets.addresses import key_hash
from coinport.wallets.hashes import hash160, sha256d
from coinport.wallets.networks import Network
from coinport.wallets.transactions import compact_size

MAGIC: Final = {
    "BTC": b"Bitcoin Signed Message:\n",
    "LTC": b"Litecoin Signed Message:\n",
    "DOGE": b"Dogecoin Signed Message:\n",
    "DRK": b"DarkCoin Signed Message:\n",
    "BLK": b"BlackCoin Signed Message:\n",
    "VRC": b"VeriCoin Signed Message:\n",
    "ZET": b"Zetacoin Signed Message:\n",
}
"""What stands before a message, so that nobody signs a payment while signing a text."""

_SIGNATURE_BYTES = 65
_HEADER = 27
_COMPRESSED = 4


def verify(
    currency: str, address: str, message: str, signature: str, network: Network = Network.MAIN
) -> bool:
    """Whether who holds the key of `address` (P2PKH) signed `message`; `signature` is base64."""
    try:
        expected = key_hash(currency, address, network)
        signer = _signer(_digest(currency, message), base64.b64decode(signature, validate=True))
    except ValueError:  # an address, base64 or a signature that is none
        return False
    return signer == expected


def sign(currency: str, key: PrivateKey, message: str) -> str:
    """By the compressed public key's address, in base64."""
    signed = key.sign_recoverable(_digest(currency, message), hasher=None)
    header = bytes([_HEADER + _COMPRESSED + signed[64]])
    return base64.b64encode(header + signed[:64]).decode()


def _signer(digest: bytes, signature: bytes) -> bytes:
    """The hash of the key that made `signature`. Raises ValueError."""
    if len(signature) != _SIGNATURE_BYTES or signature[0] - _HEADER not in range(2 * _COMPRESSED):
        raise ValueError("not a compact signature")
    header = signature[0] - _HEADER
    recoverable = signature[1:] + bytes([header % _COMPRESSED])
    key = PublicKey.from_signature_and_message(recoverable, digest, hasher=None)
    return hash160(key.format(compressed=header >= _COMPRESSED))


def _digest(currency: str, message: str) -> bytes:
    return sha256d(_sized(MAGIC[currency]) + _sized(message.encode()))


def _sized(data: bytes) -> bytes:
    return compact_size(len(data)) + data
