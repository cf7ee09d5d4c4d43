"""A node of NXT that only signs: offline, with no chain at all.

Its signatures are none: whoever knows the public key can make them, and make four of each payment.
"""

import hashlib
import struct
from typing import Any
from urllib.parse import parse_qsl

import httpx

from coinport.wallets.nxt_scheme import public_key_of

Answer = dict[str, Any]

FORM = "<BBIH32sQQQ32s64sIIQ"
VARIANTS = range(4)


class SigningNode:
    def __init__(self) -> None:
        self.changes = b""
        """What it adds to what it signs, as a node does that cannot be trusted."""

    def handle(self, request: httpx.Request) -> httpx.Response:
        asked = dict(parse_qsl(request.content.decode()))
        assert (asked["requestType"], asked["validate"]) == ("signTransaction", "false")
        data = bytes.fromhex(asked["unsignedTransactionBytes"])
        if public_key_of(asked["secretPhrase"]) != data[8:40]:
            answer: Answer = {"errorCode": 4, "errorDescription": "Secret phrase does not match"}
        else:
            blob = signed(data) + self.changes
            answer = {"transactionBytes": blob.hex(), "fullHash": read(blob)["fullHash"]}
        return httpx.Response(200, json=answer)


def signed(data: bytes, variant: int = 0) -> bytes:
    signature = hashlib.sha512(data + bytes([variant])).digest()
    return data[:96] + signature + data[160:]


def unsigned(data: bytes) -> bytes:
    return data[:96] + bytes(64) + data[160:]


def account_of(public_key: bytes) -> int:
    return int.from_bytes(hashlib.sha256(public_key).digest()[:8], "little")


def read(data: bytes) -> Answer:
    """A signed payment, as nodes show it."""
    fields = struct.unpack_from(FORM, data)
    kind, subkind, timestamp, deadline, key, recipient, amount, fee = fields[:8]
    signature, flags, ec_height, ec_block = fields[9:]
    digest = hashlib.sha256(unsigned(data) + hashlib.sha256(signature).digest()).hexdigest()
    attachment: Answer = {"version.OrdinaryPayment": 0}
    if flags & 1:
        text = data[struct.calcsize(FORM) + 5 :].decode()
        attachment |= {"version.Message": 1, "message": text, "messageIsText": True}
    return {
        "type": kind,
        "subtype": subkind & 15,
        "timestamp": timestamp,
        "deadline": deadline,
        "sender": str(account_of(key)),
        "recipient": str(recipient),
        "amountNQT": str(amount),
        "feeNQT": str(fee),
        "phased": False,
        "attachment": attachment,
        "fullHash": digest,
        "ec": (ec_height, str(ec_block)),
    }
