"""Deposit addresses from an account's extended public key: no private key comes near."""

# bip_utils takes half a second to import, and a start that has no use for it must not wait.
# ruff: noqa: PLC0415

from coinport.wallets.addresses import p2pkh
from coinport.wallets.networks import Network

EXTERNAL, CHANGE = 0, 1
"""The branches of an account (BIP 44): addresses that are given out, and change."""
INDEX_MAX = 2**31 - 1


class InvalidExtendedKey(ValueError):
    """Not an extended public key; the message says what to do, and never shows the key."""


class AccountKey:
    """What gives the public keys of one account (`m/44'/coin'/account'`) and cannot sign."""

    def __init__(self, extended_public_key: str) -> None:
        """Raises InvalidExtendedKey."""
        from bip_utils.base58 import Base58ChecksumError
        from bip_utils.bip.bip32 import Bip32Const, Bip32KeyError, Bip32Slip10Secp256k1

        forms = {
            "xpub": Bip32Const.MAIN_NET_KEY_NET_VERSIONS,
            "tpub": Bip32Const.TEST_NET_KEY_NET_VERSIONS,
        }
        form = extended_public_key[:4]
        if form in ("xprv", "tprv"):
            raise InvalidExtendedKey(
                "this is a private key: it belongs to the signer alone; give the xpub"
            )
        if form not in forms:
            raise InvalidExtendedKey("an extended public key begins with xpub (or tpub)")
        try:
            account = Bip32Slip10Secp256k1.FromExtendedKey(extended_public_key, forms[form])
        except (Bip32KeyError, Base58ChecksumError, ValueError) as error:
            raise InvalidExtendedKey("this extended public key is damaged") from error
        self._branches = [account.ChildKey(branch) for branch in (EXTERNAL, CHANGE)]

    def public_key(self, index: int, branch: int = EXTERNAL) -> bytes:
        """Compressed; `index` from 0 to `INDEX_MAX`."""
        if index not in range(INDEX_MAX + 1):
            raise ValueError(f"index {index} is not from 0 to {INDEX_MAX}")
        return self._branches[branch].ChildKey(index).PublicKey().RawCompressed().ToBytes()

    def address(
        self, currency: str, index: int, branch: int = EXTERNAL, network: Network = Network.MAIN
    ) -> str:
        """The deposit address number `index`."""
        return p2pkh(currency, self.public_key(index, branch), network)
