"""Deposit addresses from an extended public key."""

import pytest
from bip_utils.bip.bip32 import Bip32Slip10Secp256k1

from coinport.wallets.derivation import CHANGE, INDEX_MAX, AccountKey, InvalidExtendedKey
from coinport.wallets.networks import Network

SEED = bytes.fromhex(
    "5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc1"
    "9a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4"
)
"""Of the mnemonic "abandon ... about", whose addresses are published everywhere."""
PUBLISHED = {
    "BTC": (0, "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA"),
    "LTC": (2, "LUWPbpM43E2p7ZSh8cyTBEkvpHmr3cB8Ez"),
    "DOGE": (3, "DBus3bamQjgJULBJtYXpEzDWQRwF5iwxgC"),
    "DRK": (5, "XoJA8qE3N2Y3jMLEtZ3vcN42qseZ8LvFf5"),
}


def account(coin: int) -> Bip32Slip10Secp256k1:
    return Bip32Slip10Secp256k1.FromSeedAndPath(SEED, f"m/44'/{coin}'/0'")


def public(coin: int) -> str:
    return account(coin).PublicKey().ToExtended()


@pytest.mark.parametrize("currency", PUBLISHED)
def test_the_first_address_is_the_one_that_every_wallet_shows(currency: str) -> None:
    coin, address = PUBLISHED[currency]
    assert AccountKey(public(coin)).address(currency, 0) == address


@pytest.mark.parametrize("branch", [0, CHANGE])
@pytest.mark.parametrize("index", [0, 1, 999, INDEX_MAX])
def test_public_keys_are_those_of_the_private_keys(branch: int, index: int) -> None:
    private = account(2).ChildKey(branch).ChildKey(index)
    expected = private.PublicKey().RawCompressed().ToBytes()
    assert AccountKey(public(2)).public_key(index, branch) == expected


def test_addresses_differ_by_index_branch_and_network() -> None:
    key = AccountKey(public(2))
    addresses = [key.address("LTC", index) for index in range(50)]
    addresses += [key.address("LTC", 0, CHANGE), key.address("LTC", 0, network=Network.REGTEST)]
    assert len(set(addresses)) == 52


def test_a_private_key_is_refused_and_not_repeated() -> None:
    private = account(2).PrivateKey().ToExtended()
    with pytest.raises(InvalidExtendedKey, match="belongs to the signer") as refused:
        AccountKey(private)
    assert private not in str(refused.value)


@pytest.mark.parametrize(
    "damage", ["", "xpub", public(2)[:-1], public(2)[:-1] + "2", "zpub" + public(2)[4:]]
)
def test_a_damaged_key_is_refused(damage: str) -> None:
    with pytest.raises(InvalidExtendedKey):
        AccountKey(damage)


@pytest.mark.parametrize("index", [-1, INDEX_MAX + 1])
def test_an_index_out_of_range_is_refused(index: int) -> None:
    with pytest.raises(ValueError, match="index"):
        AccountKey(public(2)).public_key(index)
