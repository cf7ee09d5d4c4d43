"""Schemes: how a transaction of each kind of chain is read, recognized as ours, and signed."""

# bip_utils takes half a second to import, and a start that has no use for it must not wait.
# ruff: noqa: PLC0415

from collections.abc import Callable, Collection
from typing import Final, Protocol

import msgspec
from coincurve import PrivateKey
from msgspec import Struct

from coinport.model.units import Amount
from coinport.wallets import messages, p2pkh, simchain, xrp_payments
from coinport.wallets.addresses import InvalidAddress
from coinport.wallets.addresses import p2pkh as p2pkh_address
from coinport.wallets.chain import Payout, Signed, Unsigned
from coinport.wallets.derivation import CHANGE
from coinport.wallets.dialects import DIALECTS
from coinport.wallets.hashes import hash160
from coinport.wallets.networks import Network
from coinport.wallets.p2pkh import Unsignable
from coinport.wallets.scripts import output_script
from coinport.wallets.signing import KeyPath
from coinport.wallets.xrp_payments import XrpPayment

ACCOUNT_PATH: Final = KeyPath(CHANGE, 0)
"""Of the one account, on chains where all users share it."""


class Reading(Struct, frozen=True):
    """What a transaction really does, from its bytes and not from what is said of it."""

    payouts: tuple[Payout, ...]
    inputs: frozenset[str]
    fee: Amount


class Scheme(Protocol):
    def read(self, unsigned: Unsigned) -> Reading:
        """Raises Unsignable: it cannot be read, or is not what it says it is."""

    def address(self, path: KeyPath) -> str:
        """Ours, at `path`. Raises Unsignable: there is none."""

    def sign(self, unsigned: Unsigned, paths: Collection[KeyPath]) -> Signed:
        """Raises Unsignable: it spends from an address that is at none of `paths`."""

    def sign_message(self, path: KeyPath, message: str) -> str:
        """Raises Unsignable: this currency has no signed messages."""


class BitcoinScheme:
    """With the account's extended private key. This object belongs in the signer's process."""

    def __init__(
        self, currency: str, extended_private_key: str, network: Network = Network.MAIN
    ) -> None:
        """Raises ValueError, which never shows the key."""
        from bip_utils.base58 import Base58ChecksumError
        from bip_utils.bip.bip32 import Bip32Const, Bip32KeyError, Bip32Slip10Secp256k1

        forms = {
            "xprv": Bip32Const.MAIN_NET_KEY_NET_VERSIONS,
            "tprv": Bip32Const.TEST_NET_KEY_NET_VERSIONS,
        }
        form = extended_private_key[:4]
        if form not in forms:
            raise ValueError(f"{currency}: an extended private key begins with xprv or tprv")
        try:
            self._account = Bip32Slip10Secp256k1.FromExtendedKey(extended_private_key, forms[form])
        except (Bip32KeyError, Base58ChecksumError, ValueError):
            raise ValueError(f"{currency}: the extended private key is damaged") from None
        self._currency = currency
        self._network = network
        self._timed = DIALECTS[currency].timed

    def read(self, unsigned: Unsigned) -> Reading:
        transaction, spent = p2pkh.spent(unsigned, timed=self._timed)
        said = [(self._script(payout.address), payout.amount) for payout in unsigned.payouts]
        if [(output.script, output.amount) for output in transaction.outputs] != said:
            raise Unsignable("its outputs are not the payouts that it is said to make")
        inputs = frozenset(str(at.outpoint) for at in transaction.inputs)
        if len(inputs) != len(transaction.inputs) or inputs != set(unsigned.inputs):
            raise Unsignable("its inputs are not those that it is said to spend")
        fee = sum(one.amount for one in spent) - sum(one.amount for one in transaction.outputs)
        return Reading(unsigned.payouts, inputs, Amount(fee))

    def address(self, path: KeyPath) -> str:
        return p2pkh_address(self._currency, self._key(path).public_key.format(), self._network)

    def sign(self, unsigned: Unsigned, paths: Collection[KeyPath]) -> Signed:
        keys = {hash160(key.public_key.format()): key for key in map(self._key, paths)}
        return p2pkh.sign(unsigned, keys.get, timed=self._timed)

    def sign_message(self, path: KeyPath, message: str) -> str:
        return messages.sign(self._currency, self._key(path), message)

    def _key(self, path: KeyPath) -> PrivateKey:
        from bip_utils.bip.bip32 import Bip32KeyError

        try:
            child = self._account.ChildKey(path.branch).ChildKey(path.index)
        except (Bip32KeyError, ValueError) as error:
            raise Unsignable(f"{path} is no path") from error
        return PrivateKey(child.PrivateKey().Raw().ToBytes())

    def _script(self, address: str) -> bytes:
        try:
            return output_script(self._currency, address, self._network)
        except InvalidAddress as error:
            raise Unsignable(f"{address}: {error}") from error


class XrpScheme:
    """With the secret key of the one account that the exchange has there."""

    def __init__(self, secret_key: bytes) -> None:
        """32 bytes, of secp256k1."""
        self._key = PrivateKey(secret_key)
        self._account = xrp_payments.account_of(self._key.public_key.format())

    def read(self, unsigned: Unsigned) -> Reading:
        payment = self._payment(unsigned)
        memo = "" if payment.tag is None else str(payment.tag)
        payout = Payout(payment.destination, payment.amount, memo)
        inputs = frozenset({f"{payment.account}:{payment.sequence}"})
        if unsigned.payouts != (payout,) or inputs != set(unsigned.inputs):
            raise Unsignable("it does not spend or pay what it is said to")
        if unsigned.expires != payment.last_ledger:
            raise Unsignable("it does not expire when it is said to")
        return Reading((payout,), inputs, payment.fee)

    def address(self, path: KeyPath) -> str:
        if path != ACCOUNT_PATH:
            raise Unsignable("of XRP there is only one account")
        return self._account

    def sign(self, unsigned: Unsigned, paths: Collection[KeyPath]) -> Signed:
        payment = self._payment(unsigned)
        if payment.account != self._account:
            raise Unsignable(f"{payment.account} is not ours to spend")
        blob, txid = xrp_payments.sign(payment, self._key)
        return Signed(
            currency=unsigned.currency,
            payouts=unsigned.payouts,
            inputs=unsigned.inputs,
            fee=unsigned.fee,
            blob=blob,
            txid=txid,
            since=unsigned.since,
            expires=unsigned.expires,
        )

    def sign_message(self, path: KeyPath, message: str) -> str:
        raise Unsignable("XRP has no signed messages")

    def _payment(self, unsigned: Unsigned) -> XrpPayment:
        try:
            return msgspec.json.decode(unsigned.blob, type=XrpPayment)
        except msgspec.DecodeError as error:
            raise Unsignable(f"not a payment of XRP: {error}") from error


class SimScheme:
    """Of a simulated chain: the same rules, and a signature that anybody could make."""

    def __init__(self, address: Callable[[KeyPath], str]) -> None:
        self.address: Final = address

    def read(self, unsigned: Unsigned) -> Reading:
        try:
            inputs, payouts = simchain.read(unsigned.blob)
        except ValueError as error:
            raise Unsignable(str(error)) from error
        if (inputs, payouts) != (unsigned.inputs, unsigned.payouts):
            raise Unsignable("it does not spend or pay what it is said to")
        return Reading(payouts, frozenset(inputs), unsigned.fee)

    def sign(self, unsigned: Unsigned, paths: Collection[KeyPath]) -> Signed:
        return simchain.sign(unsigned)

    def sign_message(self, path: KeyPath, message: str) -> str:
        raise Unsignable("a simulated chain has no signed messages")
