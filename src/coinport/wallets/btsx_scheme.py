"""Transfers of BitShares, read and signed here.

A wallet could sign too, but it would put in another expiry and so make another transfer of what is
signed twice. What is asked of a wallet of the signer's own (`wallet`: a cli_wallet with the memo
key and no other) is only what the bytes do not say: whose name a number stands for, and what the
sealed memo is. Its API is as documented; no real one was at hand.
"""

from collections.abc import Collection
from typing import Final

import msgspec
from coincurve import PrivateKey
from msgspec import Struct

from coinport.wallets import btsx_transfers
from coinport.wallets.btsx_transfers import MAIN_CHAIN, Memo, Transfer, exchange_units
from coinport.wallets.chain import Signed, Unsigned
from coinport.wallets.own_node import OwnNode
from coinport.wallets.p2pkh import Unsignable
from coinport.wallets.schemes import ACCOUNT_PATH, Reading
from coinport.wallets.signing import KeyPath


class _Options(Struct):
    memo_key: str


class _Account(Struct):
    id: str
    name: str
    options: _Options


class BtsxScheme:
    """With the active key of the one account that the exchange has there."""

    def __init__(
        self, account: str, secret_key: bytes, wallet: OwnNode, chain_id: str = MAIN_CHAIN
    ) -> None:
        """`account`: its name. `secret_key`: 32 bytes, of secp256k1."""
        self._name: Final = account
        self._key = PrivateKey(secret_key)
        self._wallet = wallet
        self._chain_id = chain_id

    def read(self, unsigned: Unsigned) -> Reading:
        transfer = _decoded(unsigned)
        if len(unsigned.payouts) != 1:
            raise Unsignable("a transfer of BTSX is one payment")
        [payout] = unsigned.payouts
        us, to = self._account(self._name), self._account(payout.address)
        parties = tuple(map(btsx_transfers.account_id, (transfer.sender, transfer.recipient)))
        if parties != (us.id, to.id) or exchange_units(transfer.amount) != payout.amount:
            raise Unsignable("it does not pay what it is said to")
        if self._memo(transfer.memo, us, to) != payout.memo:
            raise Unsignable("its memo is not what it is said to be")
        if unsigned.inputs != (btsx_transfers.txid(transfer),):
            raise Unsignable("it does not use up what it is said to")
        if unsigned.expires != transfer.expires:
            raise Unsignable("it does not expire when it is said to")
        return Reading((payout,), frozenset(unsigned.inputs), exchange_units(transfer.fee))

    def address(self, path: KeyPath) -> str:
        if path != ACCOUNT_PATH:
            raise Unsignable("of BTSX there is only one account")
        return self._name

    def sign(self, unsigned: Unsigned, paths: Collection[KeyPath]) -> Signed:
        signed = btsx_transfers.sign(_decoded(unsigned), self._key, self._chain_id)
        return Signed(
            currency=unsigned.currency,
            payouts=unsigned.payouts,
            inputs=unsigned.inputs,
            fee=unsigned.fee,
            blob=msgspec.json.encode(signed).decode(),
            txid=btsx_transfers.txid(signed.transfer),
            since=unsigned.since,
            expires=unsigned.expires,
        )

    def sign_message(self, path: KeyPath, message: str) -> str:
        raise Unsignable("BTSX has no signed messages")

    def _account(self, name: str) -> _Account:
        found = self._wallet.call("/rpc", "get_account", name, kind=_Account)
        if found.name != name:
            raise Unsignable(f"{name} is not the name of an account")
        return found

    def _memo(self, memo: Memo | None, us: _Account, to: _Account) -> str:
        """Sealed for nobody but the recipient. Raises Unsignable."""
        if memo is None:
            return ""
        if (memo.sender, memo.recipient) != (us.options.memo_key, to.options.memo_key):
            raise Unsignable("its memo is sealed with other keys")
        sealed = btsx_transfers.memo_json(memo)
        text = self._wallet.call("/rpc", "read_memo", sealed, kind=str)
        if not text:
            raise Unsignable("its memo cannot be read")
        return text


def _decoded(unsigned: Unsigned) -> Transfer:
    try:
        transfer = msgspec.json.decode(unsigned.blob, type=Transfer)
        btsx_transfers.encode(transfer)
    except (msgspec.DecodeError, ValueError) as error:
        raise Unsignable(f"not a transfer of BTSX: {error}") from error
    return transfer
