"""Which addresses money may be sent to, of every chain currency."""

import base58
import pytest
from bip_utils.bech32 import Bech32Encoder
from hypothesis import given
from hypothesis import strategies as st

from coinport.wallets import nxt_accounts, segwit
from coinport.wallets.addresses import (
    CURRENCIES,
    TEXT_LENGTH_MAX,
    Address,
    InvalidAddress,
    key_hash,
    p2pkh,
    parse,
)
from coinport.wallets.networks import Network, versions

BITCOIN_FAMILY = {
    "BTC": ("1N9eMy14zYA6H7Rpn7dpErxgmdbjLk6iW4", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
    "LTC": ("LTaaHE4JpeMFuexYZi19wJxbWqcHAC4DFp", "M8T1B2Z97gVdvmfkQcAtYbEepune1tzGua"),
    "DOGE": ("D8mHXhuo9XFH5VKVWVWa25eCHbAPu3iGyp", ""),
    "DRK": ("XjDSA4wfcigb9a13yoT4tQrS31dDuMzRp8", ""),
    "BLK": ("B4h1qQkghc8gwNWqEfHNyVi4DvjnJhPCs1", ""),
    "VRC": ("VEb5y22HNyRvhiT28jGNjpRVxBE6x4FJyt", ""),
    "ZET": ("", ""),
}
"""Real P2PKH and P2SH addresses, where one is at hand."""
KEY_HASH = bytes(range(20))
KEY_HASH_LIKE_A_PREFIX = bytes.fromhex("05c4afd463fb90f3a46ee900143d5766d17e8a48")
"""Written down, it begins with an X, as what follows `BTS` in `BTSX` does."""
XRP = "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf"
XRP_WITH_TAG_MAX = "XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHi"
NXT = "NXT-MRCC-2YLS-8M54-3CMAJ"
PUBLIC_KEY = bytes.fromhex(
    "02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
)


def made(version: bytes, payload: bytes = KEY_HASH) -> str:
    return base58.b58encode_check(version + payload).decode()


def btsx_key(payload: bytes, prefix: str = "BTS") -> str:
    from coinport.wallets.hashes import ripemd160

    return prefix + base58.b58encode(payload + ripemd160(payload)[:4]).decode()


@pytest.mark.parametrize(
    ("currency", "text"),
    [(currency, text) for currency, texts in BITCOIN_FAMILY.items() for text in texts if text],
)
def test_addresses_that_were_really_in_use_are_taken_as_they_are(currency: str, text: str) -> None:
    assert parse(currency, f" {text} ") == Address(text)


@pytest.mark.parametrize("currency", BITCOIN_FAMILY)
def test_both_kinds_of_each_currency_are_taken_and_those_of_no_other(currency: str) -> None:
    own = versions(currency)
    for version in (own.key_hash, own.script_hash):
        text = made(version)
        assert parse(currency, text).text == text
        for other in BITCOIN_FAMILY:
            if version not in (versions(other).key_hash, versions(other).script_hash):
                with pytest.raises(InvalidAddress, match="network"):
                    parse(other, text)


def test_no_two_currencies_have_a_version_byte_in_common() -> None:
    bytes_used = [
        version
        for currency in BITCOIN_FAMILY
        for version in (versions(currency).key_hash, versions(currency).script_hash)
    ]
    assert len(set(bytes_used)) == len(bytes_used)


@pytest.mark.parametrize(
    ("currency", "text"),
    [
        ("BTC", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
        ("BTC", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
        ("BTC", "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3"),
        ("BTC", "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"),
        ("LTC", segwit.encode("ltc", 0, KEY_HASH)),
        ("LTC", segwit.encode("ltc", 0, bytes(32))),
    ],
)
def test_segwit_addresses_are_taken_in_lower_case(currency: str, text: str) -> None:
    assert parse(currency, text) == Address(text.lower())


REFUSED = [
    ("BTC", "1N9eMy14zYA6H7Rpn7dpErxgmdbjLk6iW5", "checksum"),
    ("BTC", "1N9eMy14zYA6H7Rpn7dpErxgmdbjLk6iW", "checksum"),
    ("BTC", "1N9eMy14zYA6H7Rpn7dpErxgmdbjLk6i0O", "checksum"),
    ("BTC", "", "checksum"),
    ("BTC", made(b"\x00", KEY_HASH + b"\x00"), "length"),
    ("BTC", made(b"\x6f"), "main network"),
    ("BTC", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdz", "checksum"),
    ("BTC", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mDQ", "mixed case"),
    ("BTC", "bc1", "bech32"),
    ("BTC", segwit.encode("tb", 0, KEY_HASH), "checksum"),
    ("BTC", segwit.encode("bc", 2, bytes(32)), "not in use"),
    ("BTC", segwit.encode("bc", 1, bytes(20)), "not in use"),
    # A version-1 program with bech32's checksum instead of bech32m's (BIP 350).
    ("BTC", "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4", "bech32|checksum"),
    ("LTC", segwit.encode("ltc", 1, bytes(32)), "not in use"),
    ("LTC", Bech32Encoder.Encode("ltcmweb", bytes(66)), "MWEB"),
    ("LTC", Bech32Encoder.Encode("ltcmweb", bytes(66)).upper(), "MWEB"),
    ("LTC", Bech32Encoder.Encode("tmweb", bytes(66)), "MWEB"),
    ("LTC", made(b"\x05"), "network"),
    ("LTC", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "checksum"),
    ("DOGE", segwit.encode("doge", 0, KEY_HASH), "checksum"),
    ("DOGE", "1N9eMy14zYA6H7Rpn7dpErxgmdbjLk6iW4", "network"),
    ("XRP", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpg", "checksum"),
    ("XRP", "1N9eMy14zYA6H7Rpn7dpErxgmdbjLk6iW4", "checksum"),
    ("XRP", f"{XRP}?dt=", "nothing follows"),
    ("XRP", f"{XRP}?dt=4294967296", "destination tag"),
    ("XRP", f"{XRP}?dt=-1", "destination tag"),
    ("XRP", f"{XRP}?dt=07", "destination tag"),
    ("XRP", f"{XRP}:seven", "destination tag"),
    ("XRP", f"{XRP}?dt=1:2", "destination tag"),
    ("XRP", XRP_WITH_TAG_MAX[:-1] + "j", "checksum"),
    ("XRP", "T7oKJ3q7s94kDH6tpkBowhetT1JKfcfdSCmAXbS75iATyLD", "XRP"),
    ("NXT", "NXT-MRCC-2YLS-8M54-3CMAK", "checksum"),
    ("NXT", "NXT-MRCC-2YLS-8M54-3CMA", "looks like"),
    ("NXT", "NXT-MRCC-2YLS-8M54-3CMA1", "looks like"),
    ("NXT", "1739068987193023818", "looks like"),
    ("BTSX", "ab", "account name"),
    ("BTSX", "Alice", "account name"),
    ("BTSX", "1alice", "account name"),
    ("BTSX", "alice-", "account name"),
    ("BTSX", "alice..bob", "account name"),
    ("BTSX", "a" * 64, "account name"),
    ("BTSX", "alice bob", "account name"),
    ("BTSX", btsx_key(PUBLIC_KEY)[:-1] + "2", "checksum"),
    ("BTSX", btsx_key(b"\x05" + bytes(32)), "neither"),
    ("BTSX", btsx_key(bytes(30)), "neither"),
    ("CNY", "6222021234567890123", "no addresses"),
    ("GOOC", "50001", "no addresses"),
]


@pytest.mark.parametrize(("currency", "text", "why"), REFUSED)
def test_what_is_not_an_address_is_refused_with_the_reason(
    currency: str, text: str, why: str
) -> None:
    with pytest.raises(InvalidAddress, match=why):
        parse(currency, text)


@pytest.mark.parametrize(
    ("currency", "text", "memo", "address"),
    [
        ("XRP", XRP, "", Address(XRP)),
        ("XRP", XRP, "0", Address(XRP, "0")),
        ("XRP", f"{XRP}?dt=7", "", Address(XRP, "7")),
        ("XRP", f"{XRP}?dt=7", "7", Address(XRP, "7")),
        ("XRP", f"{XRP}:4294967295", "", Address(XRP, "4294967295")),
        ("XRP", XRP_WITH_TAG_MAX, "", Address(XRP, "4294967295")),
        ("NXT", NXT.lower(), "", Address(NXT)),
        ("NXT", f"{NXT}?message=1000000001", "", Address(NXT, "1000000001")),
        ("NXT", NXT, "hello", Address(NXT, "hello")),
        ("BTSX", "alice", "", Address("alice")),
        ("BTSX", "alice.bob-2?memo=1000000001", "", Address("alice.bob-2", "1000000001")),
        ("BTSX", f"{btsx_key(PUBLIC_KEY)}?memo=7", "", Address(btsx_key(PUBLIC_KEY), "7")),
    ],
)
def test_a_memo_stands_in_the_text_or_beside_it(
    currency: str, text: str, memo: str, address: Address
) -> None:
    assert parse(currency, text, memo) == address


@pytest.mark.parametrize(
    ("currency", "text", "address"),
    [
        ("XRP", f"{XRP} ?dt=5", Address(XRP, "5")),
        ("XRP", f"{XRP}?dt= 5", Address(XRP, "5")),
        ("XRP", f" {XRP} : 5 ", Address(XRP, "5")),
        ("NXT", f"{NXT} ?message= hello", Address(NXT, "hello")),
        ("BTSX", "alice ?memo= 7", Address("alice", "7")),
    ],
)
def test_spaces_around_an_address_and_its_memo_are_no_part_of_them(
    currency: str, text: str, address: Address
) -> None:
    assert parse(currency, text) == address


def test_a_memo_of_nothing_but_spaces_is_none() -> None:
    assert parse("XRP", XRP, "  ") == Address(XRP)


@pytest.mark.parametrize("payload", [PUBLIC_KEY, KEY_HASH, KEY_HASH_LIKE_A_PREFIX])
def test_a_key_of_bitshares_is_one_address_under_its_old_prefix_and_its_new_one(
    payload: bytes,
) -> None:
    address = Address(btsx_key(payload))
    for prefix in ("BTS", "BTSX"):
        assert parse("BTSX", btsx_key(payload, prefix)) == address


@pytest.mark.parametrize(
    ("currency", "text", "memo", "why"),
    [
        ("LTC", BITCOIN_FAMILY["LTC"][0], "7", "no memo"),
        ("XRP", f"{XRP}?dt=7", "8", "two memos"),
        ("XRP", XRP_WITH_TAG_MAX, "1", "two memos"),
        ("XRP", XRP, "٧", "destination tag"),
        ("XRP", XRP, "1e3", "destination tag"),
        ("NXT", NXT, "two\nlines", "one line"),
        ("BTSX", "alice", "é" * 51, "at most 100 bytes"),
    ],
)
def test_memos_that_contradict_or_cannot_be_sent_are_refused(
    currency: str, text: str, memo: str, why: str
) -> None:
    with pytest.raises(InvalidAddress, match=why):
        parse(currency, text, memo)


def test_a_test_networks_addresses_are_for_the_test_network_only() -> None:
    legacy, witness = (
        "mt18cMwoeBpSv7Vb4zVxKdeWdDCmMhk1nZ",
        "rltc1q46m2l24mk9m4e9swuxhxwdfj0dchkc6xprhfj8",
    )
    for text in (legacy, witness):
        assert parse("LTC", text, network=Network.REGTEST).text == text
        with pytest.raises(InvalidAddress):
            parse("LTC", text)


def test_only_p2pkh_addresses_have_a_key_that_can_be_asked_for() -> None:
    address = p2pkh("LTC", PUBLIC_KEY)
    assert key_hash("LTC", address) == bytes.fromhex("751e76e8199196d454941c45d1b3a323f1433bd6")
    assert key_hash("BTC", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4") is None
    assert key_hash("LTC", made(b"\x32")) is None


@pytest.mark.parametrize(
    ("account", "address"),
    [
        (1739068987193023818, "NXT-MRCC-2YLS-8M54-3CMAJ"),
        (8264278205416377583, "NXT-K59H-9RMF-64CY-9X6E7"),
        (8301188658053077183, "NXT-4Q7Z-5BEE-F5JZ-9ZXE8"),
        (1798923958688893959, "NXT-GM29-TWRT-M5CK-3HSXK"),
    ],
)
def test_nxt_accounts_are_written_as_every_nxt_wallet_does(account: int, address: str) -> None:
    assert nxt_accounts.address(account) == address
    assert nxt_accounts.account(address) == account


@given(
    account=st.integers(0, nxt_accounts.ACCOUNT_MAX), at=st.integers(0, 16), by=st.integers(1, 31)
)
def test_every_wrong_symbol_in_an_nxt_account_is_noticed(account: int, at: int, by: int) -> None:
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    good = nxt_accounts.address(account)
    assert nxt_accounts.account(good) == account
    place = at + 4 + min(at // 4, 3)
    wrong = alphabet[(alphabet.index(good[place]) + by) % 32]
    with pytest.raises(ValueError, match="checksum"):
        nxt_accounts.account(good[:place] + wrong + good[place + 1 :])


def test_an_nxt_account_beyond_64_bits_is_none() -> None:
    beyond = [(2**64) >> (5 * place) & 31 for place in range(13)]
    symbols = beyond + nxt_accounts._parity(beyond)
    text = "".join(nxt_accounts._ALPHABET[symbols[place]] for place in nxt_accounts._ORDER)
    with pytest.raises(ValueError, match="no account"):
        nxt_accounts.account(f"NXT-{text[:4]}-{text[4:8]}-{text[8:12]}-{text[12:]}")


@given(
    currency=st.sampled_from(CURRENCIES),
    text=st.text(max_size=TEXT_LENGTH_MAX + 1) | st.from_regex(r"(bc|ltc)1[a-z0-9]{0,90}"),
    memo=st.text(max_size=20),
)
def test_any_text_is_an_address_or_refused_and_nothing_else(
    currency: str, text: str, memo: str
) -> None:
    try:
        address = parse(currency, text, memo)
    except InvalidAddress:
        return
    assert parse(currency, address.text, address.memo) == address
