"""Payments of NXT as bytes: what they say, and what a transaction is known by.

Signatures are the business of a node, there is no library for them: nothing here is cryptography
but hashes. What a signature adds is 64 bytes in the middle; everything else is the payment.
"""

import struct
from hashlib import sha256
from typing import Final

from msgspec import Struct

from coinport.model.units import Amount

EPOCH_SECONDS: Final = 1_385_294_400
"""When NXT's clock was zero: 2013-11-24 12:00 UTC."""
NQT_MAX: Final = 10**17
"""All NXT that there is, in its smallest units."""
PUBLIC_KEY_BYTES: Final = 32

_FORM = struct.Struct("<BBIH32sQQQ32s64sIIQ")
_TYPE, _VERSION_AND_SUBTYPE = 0, 0x10
"""An ordinary payment, in the only version there is."""
_MESSAGE_FORM = struct.Struct("<BI")
_WITH_MESSAGE, _MESSAGE_VERSION, _IS_TEXT = 1, 1, 1 << 31
_NO_REFERENCE = bytes(32)
_SIGNATURE = slice(96, 160)
_UNSIGNED = bytes(64)


class NxtPayment(Struct, frozen=True):
    timestamp: int
    """Of NXT's clock."""
    deadline: int
    """Minutes after `timestamp`: in no later block."""
    sender_key: bytes
    recipient: int
    amount: Amount
    fee: Amount
    ec_height: int
    ec_block: int
    """A block that must be in the chain: elsewhere the payment is not valid."""
    message: str

    @property
    def sender(self) -> int:
        return account_of(self.sender_key)

    @property
    def expires(self) -> int:
        """Unix second."""
        return EPOCH_SECONDS + self.timestamp + 60 * self.deadline


def account_of(public_key: bytes) -> int:
    return int.from_bytes(sha256(public_key).digest()[:8], "little")


def decode(data: bytes) -> NxtPayment:
    """Of signed or unsigned bytes. Raises ValueError: anything but a payment, with or without a
    message, that happens by itself."""
    if len(data) < _FORM.size:
        raise ValueError("too short for a payment of NXT")
    kind, subkind, timestamp, deadline, key, *rest = _FORM.unpack_from(data)
    recipient, amount, fee, reference, _, flags, ec_height, ec_block = rest
    if (kind, subkind, reference) != (_TYPE, _VERSION_AND_SUBTYPE, _NO_REFERENCE):
        raise ValueError("not an ordinary payment of NXT")
    if amount > NQT_MAX or fee > NQT_MAX:
        raise ValueError("more NXT than there is")
    return NxtPayment(
        timestamp=timestamp,
        deadline=deadline,
        sender_key=key,
        recipient=recipient,
        amount=Amount(amount),
        fee=Amount(fee),
        ec_height=ec_height,
        ec_block=ec_block,
        message=_message(data[_FORM.size :], flags),
    )


def unsigned(data: bytes) -> bytes:
    """The same bytes without the signature."""
    return data[: _SIGNATURE.start] + _UNSIGNED + data[_SIGNATURE.stop :]


def name(data: bytes) -> str:
    """Of the payment, whoever signed it and however often."""
    return sha256(unsigned(data)).hexdigest()


def full_hash(data: bytes) -> str:
    """Of signed bytes: another one for another signature. Its first 8 bytes are the short id."""
    signature = sha256(data[_SIGNATURE]).digest()
    return sha256(unsigned(data) + signature).hexdigest()


def is_signed(data: bytes) -> bool:
    return data[_SIGNATURE] != _UNSIGNED


def _message(data: bytes, flags: int) -> str:
    if flags == 0 and not data:
        return ""
    if flags != _WITH_MESSAGE or len(data) <= _MESSAGE_FORM.size:
        raise ValueError("more than a payment and a message")
    version, size = _MESSAGE_FORM.unpack_from(data)
    text = data[_MESSAGE_FORM.size :]
    if version != _MESSAGE_VERSION or size != len(text) | _IS_TEXT:
        raise ValueError("not one message of plain text")
    return text.decode()
