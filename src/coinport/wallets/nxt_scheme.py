"""Payments of NXT, read here and signed by a node of the signer's own.

NXT signs with EC-KCDSA on Curve25519, for which there is no maintained library. The node that
signs needs no chain and no network (`nxt.isOffline=true`); it sees the secret phrase, so it must
listen on loopback alone. What it is to sign has been read here, byte by byte, and what it returns
must be the same bytes. Its API is as documented; no real node was at hand.
"""

from collections.abc import Collection
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec import Struct

from coinport.wallets import nxt_accounts, nxt_payments
from coinport.wallets.chain import Payout, Signed, Unsigned
from coinport.wallets.nxt_payments import NxtPayment
from coinport.wallets.own_node import OwnNode
from coinport.wallets.p2pkh import Unsignable
from coinport.wallets.schemes import ACCOUNT_PATH, Reading
from coinport.wallets.signing import KeyPath


class _Answer(Struct):
    transactionBytes: str


class NxtScheme:
    """With the secret phrase of the one account that the exchange has there."""

    def __init__(self, secret_phrase: str, node: OwnNode) -> None:
        self._secret_phrase: Final = secret_phrase
        self._node = node
        self.public_key: Final = public_key_of(secret_phrase)

    def read(self, unsigned: Unsigned) -> Reading:
        data, payment = _decoded(unsigned)
        to = nxt_accounts.address(payment.recipient)
        payout = Payout(to, payment.amount, payment.message)
        inputs = (nxt_payments.name(data),)
        if (unsigned.payouts, unsigned.inputs) != ((payout,), inputs):
            raise Unsignable("it does not spend or pay what it is said to")
        if unsigned.expires != payment.expires:
            raise Unsignable("it does not expire when it is said to")
        return Reading((payout,), frozenset(inputs), payment.fee)

    def address(self, path: KeyPath) -> str:
        if path != ACCOUNT_PATH:
            raise Unsignable("of NXT there is only one account")
        return nxt_accounts.address(nxt_payments.account_of(self.public_key))

    def sign(self, unsigned: Unsigned, paths: Collection[KeyPath]) -> Signed:
        data, payment = _decoded(unsigned)
        if payment.sender_key != self.public_key:
            raise Unsignable(f"{nxt_accounts.address(payment.sender)} is not ours to spend")
        signed = self._signed(data)
        return Signed(
            currency=unsigned.currency,
            payouts=unsigned.payouts,
            inputs=unsigned.inputs,
            fee=unsigned.fee,
            blob=signed.hex(),
            txid=nxt_payments.full_hash(signed),
            since=unsigned.since,
            expires=unsigned.expires,
        )

    def sign_message(self, path: KeyPath, message: str) -> str:
        raise Unsignable("NXT has no signed messages")

    def _signed(self, data: bytes) -> bytes:
        """`validate=false`: an offline node cannot know whether the payment is valid by now."""
        answer = self._node.form(
            "/nxt",
            {
                "requestType": "signTransaction",
                "unsignedTransactionBytes": data.hex(),
                "secretPhrase": self._secret_phrase,
                "validate": "false",
            },
            _Answer,
        )
        try:
            signed = bytes.fromhex(answer.transactionBytes)
        except ValueError:
            signed = b""
        if nxt_payments.unsigned(signed) != data or not nxt_payments.is_signed(signed):
            raise Unsignable("the signer's own NXT node signed something else")
        return signed


def public_key_of(secret_phrase: str) -> bytes:
    """Of an account; with X25519, the same curve, by a library."""
    key = X25519PrivateKey.from_private_bytes(sha256(secret_phrase.encode()).digest())
    return key.public_key().public_bytes_raw()


def _decoded(unsigned: Unsigned) -> tuple[bytes, NxtPayment]:
    try:
        data = bytes.fromhex(unsigned.blob)
        payment = nxt_payments.decode(data)
    except ValueError as error:
        raise Unsignable(f"NXT: {error}") from error
    if nxt_payments.is_signed(data):
        raise Unsignable("NXT: it is signed already")
    return data, payment
