"""Schemes: how a transaction of each kind of chain is read, recognized as ours, and signed."""

from collections.abc import Callable, Collection
from typing import Final, Protocol

from bip_utils.base58 import Base58ChecksumError
from bip_utils.bip.bip32 import Bip32Const, Bip32KeyError, Bip32Slip10Secp256k1
from coincurve import PrivateKey
from msgspec import Struct

from coinport.model.units import Amount
from coinport.wallets import messages, p2pkh, simchain
from coinport.wallets.addresses import InvalidAddress
from coinport.wallets.addresses import p2pkh as p2pkh_address
from coinport.wallets.chain import Payout, Signed, Unsigned
from coinport.wallets.dialects import DIALECTS
from coinport.wallets.hashes import hash160
from coinport.wallets.networks import Network
from coinport.wallets.p2pkh import Unsignable
from coinport.wallets.scripts import output_script
from coinport.wallets.signing import KeyPath


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
