"""Payments of XRP as bytes: the few fields that ours have, and their signature."""

from hashlib import sha512
from typing import Final

import base58
from coincurve import PrivateKey
from msgspec import Struct

from coinport.model.units import Amount
from coinport.wallets.hashes import hash160

DROPS_MAX: Final = 10**17
"""All XRP that there is."""

_SIGNED_PREFIX, _ID_PREFIX = b"STX\x00", b"TXN\x00"
_NOT_ISSUED = 1 << 62
"""Set in an amount of XRP that is not negative."""


class XrpPayment(Struct, frozen=True, forbid_unknown_fields=True):
    account: str
    destination: str
    tag: int | None
    amount: Amount
    """Drops."""
    fee: Amount
    sequence: int
    last_ledger: int


def account_of(public_key: bytes) -> str:
    payload = b"\x00" + hash160(public_key)
    return base58.b58encode_check(payload, alphabet=base58.XRP_ALPHABET).decode()


def sign(payment: XrpPayment, key: PrivateKey) -> tuple[str, str]:
    """The bytes to submit, in hex, and their transaction id."""
    public_key = key.public_key.format()
    unsigned = encode(payment, public_key, b"")
    signature = key.sign(_half(_SIGNED_PREFIX + unsigned), hasher=None)
    signed = encode(payment, public_key, signature)
    return signed.hex().upper(), _half(_ID_PREFIX + signed).hex().upper()


def encode(payment: XrpPayment, public_key: bytes, signature: bytes) -> bytes:
    """Fields in the order that the ledger prescribes: by type, then by number."""
    return b"".join(
        (
            b"\x12" + bytes(2),  # TransactionType: Payment
            b"\x22" + bytes(4),  # Flags: none, so never a partial payment
            b"\x24" + payment.sequence.to_bytes(4, "big"),
            b"" if payment.tag is None else b"\x2e" + payment.tag.to_bytes(4, "big"),
            b"\x20\x1b" + payment.last_ledger.to_bytes(4, "big"),
            b"\x61" + (payment.amount | _NOT_ISSUED).to_bytes(8, "big"),
            b"\x68" + (payment.fee | _NOT_ISSUED).to_bytes(8, "big"),
            b"\x73" + _sized(public_key),
            b"\x74" + _sized(signature) if signature else b"",
            b"\x81" + _sized(_account_id(payment.account)),
            b"\x83" + _sized(_account_id(payment.destination)),
        )
    )


def _account_id(account: str) -> bytes:
    return base58.b58decode_check(account, alphabet=base58.XRP_ALPHABET)[1:]


def _sized(data: bytes) -> bytes:
    assert len(data) <= 192  # longer ones have another form; ours are keys and signatures
    return bytes([len(data)]) + data


def _half(data: bytes) -> bytes:
    return sha512(data).digest()[:32]
