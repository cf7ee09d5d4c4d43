"""Transfers of BitShares as bytes, and their signature.

The chain counts 1e-5 BTSX (its asset 1.3.0), the exchange 1e-8. A transfer's id is a hash without
the signature: nobody can change it. Of signatures the chain takes only those whose two numbers are
written in 32 bytes without being taken for negative ones; another nonce gives another signature.
"""

import struct
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import base58
import msgspec
from coincurve import PrivateKey
from coincurve._libsecp256k1 import ffi  # type: ignore[import-not-found]  # for `custom_nonce`
from msgspec import Struct

from coinport.model.units import Amount
from coinport.wallets.hashes import ripemd160

MAIN_CHAIN: Final = "4018d7844c78f6a6c41c6a552b898022310fc5dec06da467ee7905a8dad512c8"
ASSET: Final = "1.3.0"
UNITS: Final = 1_000
"""Of the exchange, for one of the chain."""
UNITS_MAX: Final = 3_600_570_502 * 10**5
"""All BTSX that there will ever be, in the chain's units."""

_KEY_PREFIX = "BTS"
_COMPRESSED = 27 + 4
"""Before a signature, with what tells which of up to four keys made it."""


class Memo(Struct, frozen=True, forbid_unknown_fields=True):
    """Sealed: only the owners of the two keys can read it."""

    sender: str
    recipient: str
    nonce: int
    message: str
    """In hex."""


class Transfer(Struct, frozen=True, forbid_unknown_fields=True):
    ref_block: int
    """The height, of which two bytes count, and the prefix of a block that must be in the chain."""
    ref_prefix: int
    expires: int
    """Unix second: in no later block."""
    fee: int
    """In the chain's units, like `amount`."""
    sender: int
    """Instance of an account: 1.2.x."""
    recipient: int
    amount: int
    memo: Memo | None


class SignedTransfer(Struct, frozen=True, forbid_unknown_fields=True):
    transfer: Transfer
    signature: str
    """In hex."""


def exchange_units(amount: int) -> Amount:
    return Amount(amount * UNITS)


def encode(transfer: Transfer) -> bytes:
    """Raises ValueError: a key that is none, or a number out of its range."""
    try:
        head = struct.pack("<HII", transfer.ref_block, transfer.ref_prefix, transfer.expires)
        return head + b"\x01" + _operation(transfer) + b"\x00"  # one; extensions: none
    except struct.error as error:
        raise ValueError(f"a number out of its range: {error}") from error


def txid(transfer: Transfer) -> str:
    return sha256(encode(transfer)).digest()[:20].hex()


def sign(transfer: Transfer, key: PrivateKey, chain_id: str = MAIN_CHAIN) -> SignedTransfer:
    digest = sha256(bytes.fromhex(chain_id) + encode(transfer)).digest()
    attempt = 0
    while True:
        extra = ffi.new("unsigned char[32]", attempt.to_bytes(32, "big"))
        signature = key.sign_recoverable(digest, hasher=None, custom_nonce=(ffi.NULL, extra))
        numbers, which = signature[:64], signature[64]
        if is_canonical(numbers):
            return SignedTransfer(transfer, (bytes([_COMPRESSED + which]) + numbers).hex())
        attempt += 1


def is_canonical(numbers: bytes) -> bool:
    """Both halves of 64 bytes are positive, and none could be written in fewer bytes."""
    return all(
        not number[0] & 0x80 and (number[0] != 0 or number[1] & 0x80)
        for number in (numbers[:32], numbers[32:])
    )


def as_json(signed: SignedTransfer) -> dict[str, Any]:
    """As nodes take it."""
    transfer = signed.transfer
    operation: dict[str, Any] = {
        "fee": {"amount": transfer.fee, "asset_id": ASSET},
        "from": account_id(transfer.sender),
        "to": account_id(transfer.recipient),
        "amount": {"amount": transfer.amount, "asset_id": ASSET},
        "extensions": [],
    }
    if transfer.memo:
        operation["memo"] = memo_json(transfer.memo)
    return {
        "ref_block_num": transfer.ref_block,
        "ref_block_prefix": transfer.ref_prefix,
        "expiration": datetime.fromtimestamp(transfer.expires, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "operations": [[0, operation]],
        "extensions": [],
        "signatures": [signed.signature],
    }


def memo_json(memo: Memo) -> dict[str, str]:
    return {
        "from": memo.sender,
        "to": memo.recipient,
        "nonce": str(memo.nonce),
        "message": memo.message,
    }


def account_id(instance: int) -> str:
    return f"1.2.{instance}"


def instance(object_id: str, prefix: str = "1.2.") -> int:
    """Raises ValueError."""
    number = object_id.removeprefix(prefix)
    if number == object_id or not (number.isascii() and number.isdecimal()):
        raise ValueError(f"{object_id[:50]!r} is not an id like {prefix}0")
    return int(number)


def decode_signed(blob: str) -> SignedTransfer:
    return msgspec.json.decode(blob, type=SignedTransfer)


def _operation(transfer: Transfer) -> bytes:
    return b"".join(
        (
            b"\x00",  # a transfer
            _asset(transfer.fee),
            _varint(transfer.sender),
            _varint(transfer.recipient),
            _asset(transfer.amount),
            b"\x01" + _memo(transfer.memo) if transfer.memo else b"\x00",
            b"\x00",  # extensions: none
        )
    )


def _asset(amount: int) -> bytes:
    return struct.pack("<Q", amount) + _varint(0)


def _memo(memo: Memo) -> bytes:
    message = bytes.fromhex(memo.message)
    keys = _public_key(memo.sender) + _public_key(memo.recipient)
    return keys + struct.pack("<Q", memo.nonce) + _varint(len(message)) + message


def _public_key(text: str) -> bytes:
    data = base58.b58decode(text.removeprefix(_KEY_PREFIX))
    key, check = data[:-4], data[-4:]
    if not text.startswith(_KEY_PREFIX) or ripemd160(key)[:4] != check or len(key) != 33:
        raise ValueError(f"{text[:60]!r} is not a key of BitShares")
    return key


def _varint(number: int) -> bytes:
    """Seven bits a byte, lowest first."""
    rest, data = number, b""
    while rest > 0x7F:
        data += bytes([rest & 0x7F | 0x80])
        rest >>= 7
    return data + bytes([rest])
