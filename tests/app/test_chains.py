"""What the configuration says of a currency becomes its chain, its addresses and its policy; what
cannot be right is refused by its name, before anybody asks a node."""

from collections.abc import Awaitable
from typing import Any

import pytest
from bip_utils.bip.bip32 import Bip32Slip10Secp256k1
from coincurve import PrivateKey

from coinport.app import genesis
from coinport.app.chains import Chains, Policies, chains
from coinport.app.config import Currency
from coinport.app.config_keys import ConfigError
from coinport.engine.rulebook import Rulebook
from coinport.model.events import CurrencyAdded
from coinport.model.listings import Currency as Listed
from coinport.model.listings import CurrencyKind, Listings
from coinport.model.records import decode_record, encode_command
from coinport.model.units import ACCOUNT_FIRST, AccountId, Amount, CurrencyId, TimeMs
from coinport.wallets import messages
from coinport.wallets.addresses import InvalidAddress, p2pkh
from coinport.wallets.networks import Network
from coinport.wallets.policy import policy
from coinport.wallets.purses import Purse
from coinport.wallets.signing import Answer, Request

ACCOUNT = Bip32Slip10Secp256k1.FromSeedAndPath(bytes(32), "m/44'/2'/0'")
XPUB, XPRV = ACCOUNT.PublicKey().ToExtended(), ACCOUNT.PrivateKey().ToExtended()
COLD_KEY = PrivateKey(bytes([7]) * 32)
COLD = p2pkh("LTC", COLD_KEY.public_key.format())
SIGNATURE = messages.sign("LTC", COLD_KEY, "coinport")
NODE = "http://user:secret@127.0.0.1:1"
XRP_ACCOUNT = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
CREATOR = "1259ec21d31a30898d7cd1609f80d9668b4778e3d97e941044b39f0c44d2e51b"
"""The public key of the account that NXT began with."""
ALICE = AccountId(ACCOUNT_FIRST)


def listings() -> Listings:
    records = Rulebook().execute(TimeMs(1), [encode_command(each) for each in genesis.commands()])
    events = [event for record in records for event in decode_record(record).events]
    return Listings((each.currency for each in events if isinstance(each, CurrencyAdded)), ())


def no_signer(request: Request) -> Awaitable[Answer]:
    raise AssertionError


def configured(**currencies: Currency) -> tuple[Chains, dict[str, Purse]]:
    made, listed = chains(currencies, no_signer), listings()
    return made, dict(made.purses(Policies(currencies, listed), listed))


def test_without_a_node_there_is_no_chain() -> None:
    _, purses = configured(LTC=Currency(day_max="5"), CNY=Currency(withdrawal_fee="3"))
    assert purses == {}


def test_each_user_of_a_bitcoind_has_an_address_of_the_xpub() -> None:
    chosen = Currency(node=NODE, xpub=XPUB, cold=COLD, cold_signature=SIGNATURE, day_max="5")
    made, purses = configured(LTC=chosen)
    purse = purses["LTC"]
    address, memo = purse.deposit_address(ALICE)
    assert (address[0], memo) == ("L", "")
    assert address != purse.deposit_address(AccountId(ALICE + 1))[0] != purse.hot
    assert not purse.chain.simulated
    assert (purse.cold, made.cold_signatures) == (COLD, {"LTC": SIGNATURE})
    assert purse.policy.day_max == Amount(5 * 10**8)


def test_on_regtest_all_addresses_are_those_of_regtest() -> None:
    there = p2pkh("LTC", COLD_KEY.public_key.format(), Network.REGTEST)
    signature = messages.sign("LTC", COLD_KEY, "coinport")
    made, purses = configured(
        LTC=Currency(node=NODE, xpub=XPUB, cold=there, cold_signature=signature, network="regtest")
    )
    assert purses["LTC"].hot[0] in "mn"
    assert made.read_address("LTC", there, "").text == there
    with pytest.raises(InvalidAddress):
        made.read_address("LTC", COLD, "")
    assert made.read_address("XRP", XRP_ACCOUNT, "7").memo == "7"


@pytest.mark.parametrize(
    ("symbol", "chosen", "hot"),
    [
        ("XRP", Currency(node=NODE, account=XRP_ACCOUNT), XRP_ACCOUNT),
        ("BTSX", Currency(node=NODE, account="coinport"), "coinport"),
        ("NXT", Currency(node=NODE, public_key=CREATOR), "NXT-MRCC-2YLS-8M54-3CMAJ"),
    ],
)
def test_where_users_share_an_account_a_memo_tells_them_apart(
    symbol: str, chosen: Currency, hot: str
) -> None:
    _, purses = configured(**{symbol: chosen})
    assert purses[symbol].hot == hot
    assert purses[symbol].deposit_address(ALICE) == (hot, str(ALICE))


GOOD = {"node": NODE, "xpub": XPUB}


@pytest.mark.parametrize(
    ("symbol", "keys", "complaint"),
    [
        ("LTC", {**GOOD, "xpub": XPRV}, "xpub: this is a private key: it belongs to the signer"),
        ("LTC", {**GOOD, "xpub": XPUB[:-1]}, "xpub: this extended public key is damaged"),
        ("LTC", {"node": NODE}, "xpub: an extended public key begins with xpub"),
        ("LTC", {"xpub": XPUB}, "node: is needed"),
        ("LTC", {**GOOD, "node": "127.0.0.1:secret"}, "node: this is no URL"),
        ("LTC", {**GOOD, "account": "a"}, "account: LTC has no such key"),
        ("LTC", {**GOOD, "cold": COLD[:-1]}, "cold: "),
        ("LTC", {**GOOD, "cold_signature": SIGNATURE}, "cold_signature: of which address?"),
        (
            "LTC",
            {**GOOD, "cold": COLD, "cold_signature": messages.sign("LTC", COLD_KEY, "other")},
            f"cold_signature: it is not that of 'coinport' by the key of {COLD}",
        ),
        ("LTC", {"day_max": "1e5"}, "LTC day_max: '1e5' is not an amount"),
        ("DOGE", {**GOOD, "network": "regtest"}, "network: there is no regtest of DOGE here"),
        ("XRP", {"node": NODE, "account": "rX"}, "account: 'rX': "),
        ("XRP", {"node": NODE, "account": XRP_ACCOUNT + "?dt=7"}, "account: write it as r"),
        ("XRP", {"node": NODE, "xpub": XPUB}, "xpub: XRP has no such key"),
        ("NXT", {"node": NODE, "public_key": "ab"}, "public_key: it is 32 bytes in hex"),
        ("CNY", {"node": NODE}, "node: CNY has no such key"),
        ("EUR", {"day_max": "1"}, "it is not listed here; there are BLK, BTC, "),
    ],
)
def test_what_cannot_be_right_is_named_and_no_secret_is_shown(
    symbol: str, keys: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ConfigError) as error:
        configured(**{symbol: Currency(**keys)})
    assert str(error.value).startswith(f"[currencies.{symbol}]")
    assert complaint in str(error.value)
    assert "secret" not in str(error.value)
    assert XPRV not in str(error.value)


def test_a_currency_that_is_listed_later_has_a_policy_too() -> None:
    listed = listings()
    policies = Policies({}, listed)
    listed.put_currency(Listed(CurrencyId(99), "EUR", 2, CurrencyKind.FIAT))
    assert policies["EUR"] == policy("EUR", 2)
