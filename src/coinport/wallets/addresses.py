"""Addresses of all ten chain currencies: what is one, in which form it is kept, and what is not."""

import re
from collections.abc import Callable
from typing import Final

import base58
from msgspec import Struct

from coinport.wallets import nxt_accounts, segwit
from coinport.wallets.hashes import hash160, ripemd160
from coinport.wallets.networks import Network, Versions, versions

TEXT_LENGTH_MAX: Final = 200
"""Characters of an address as it is typed, its memo included."""
MEMO_BYTES_MAX: Final = 100
TAG_MAX: Final = 2**32 - 1
"""Of an XRP destination tag."""

CURRENCIES: Final = ("BTC", "LTC", "DOGE", "DRK", "BLK", "VRC", "ZET", "XRP", "NXT", "BTSX")
MEMO_CURRENCIES: Final = ("XRP", "NXT", "BTSX")

_KEY_HASH_BYTES = 20
_TAG = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_XRP_ACCOUNT = b"\x00"
_X_ADDRESS = re.compile(rb"\x05\x44(.{20})([\x00\x01])(.{4})\x00{4}", re.DOTALL)
"""Prefix of the main network, account, whether there is a tag, the tag (little-endian)."""
_BTSX_NAME = re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z](?:[a-z0-9-]*[a-z0-9])?)*")
_BTSX_NAME_LENGTHS = range(3, 64)
_BTSX_KEY = re.compile(r"[1-9A-HJ-NP-Za-km-z]{25,60}")
_BTSX_PREFIX = "BTS"
_BTSX_PREFIX_ONCE = "BTSX"
"""Wallets of before BitShares 2 wrote keys with it."""
_BTSX_CHECK_BYTES = 4
_PUBLIC_KEY = re.compile(rb"[\x02\x03].{32}", re.DOTALL)


class InvalidAddress(ValueError):
    """Not an address of this currency that money may be sent to; the message says why."""


class Address(Struct, frozen=True, order=True):
    text: str
    """In its one canonical form: two addresses are the same if and only if they are equal."""
    memo: str = ""
    """Destination tag (XRP), message (NXT) or memo (BTSX); empty where there is none."""


def parse(currency: str, text: str, memo: str = "", network: Network = Network.MAIN) -> Address:
    """The address that `text` names. Raises InvalidAddress.

    A memo may stand in the text (`r...?dt=7`, `r...:7`, an X-address, `NXT-...?message=7`,
    `name?memo=7`), in `memo`, or in both if they agree.
    """
    if len(text) > TEXT_LENGTH_MAX or not text.isascii() or not text.isprintable():
        raise InvalidAddress("an address is a short line of plain characters")
    if currency in _FORMATS:
        found = _FORMATS[currency](text.strip())
        return Address(found.text, _one_memo(currency, found.memo, memo.strip()))
    if currency not in CURRENCIES:
        raise InvalidAddress(f"{currency} has no addresses")
    if memo:
        raise InvalidAddress(f"{currency} has no memo: leave it out")
    return Address(_bitcoin(text.strip(), currency, network))


def p2pkh(currency: str, public_key: bytes, network: Network = Network.MAIN) -> str:
    """The address that `public_key` signs for: the one kind that can sign messages too."""
    payload = versions(currency, network).key_hash + hash160(public_key)
    return base58.b58encode_check(payload).decode()


def key_hash(currency: str, text: str, network: Network = Network.MAIN) -> bytes | None:
    """The hash of the key behind a P2PKH address; None for any other valid address.

    Raises InvalidAddress.
    """
    address = parse(currency, text, "", network).text
    known = versions(currency, network)
    if known.segwit and address.startswith(known.segwit + "1"):
        return None
    payload = _base58_checked(address)
    return payload[1:] if payload[:1] == known.key_hash else None


def memo_in(text: str) -> str:
    """The memo that a sender wrote; empty where it is none that we ever gave to anybody."""
    memo = text.strip()
    return memo if memo.isprintable() and len(memo.encode()) <= MEMO_BYTES_MAX else ""


def _bitcoin(text: str, currency: str, network: Network) -> str:
    known = versions(currency, network)
    prefix = text.lower().rpartition("1")[0]
    if prefix in ("ltcmweb", "tmweb"):
        raise InvalidAddress("MWEB addresses are not supported: use a public one")
    if known.segwit and prefix == known.segwit:
        return _segwit(text, known)
    payload = _base58_checked(text)
    if len(payload) != 1 + _KEY_HASH_BYTES:
        raise InvalidAddress("wrong length")
    if payload[:1] not in (known.key_hash, known.script_hash):
        raise InvalidAddress(f"not an address of {currency}'s {network.name.lower()} network")
    return text


def _segwit(text: str, known: Versions) -> str:
    try:
        version, program = segwit.decode(known.segwit, text)
    except ValueError as error:
        raise InvalidAddress(str(error)) from error
    if (version, len(program)) not in known.programs:
        raise InvalidAddress(f"witness version {version} is not in use")
    return text.lower()


def _base58_checked(text: str, alphabet: bytes = base58.BITCOIN_ALPHABET) -> bytes:
    try:
        return base58.b58decode_check(text, alphabet=alphabet)
    except ValueError as error:
        raise InvalidAddress("wrong checksum: look for a slip of the pen") from error


def _xrp(text: str) -> Address:
    if text.startswith("X"):
        return _x_address(text)
    account, tag = _split(text, "?dt=")
    if not tag:
        account, tag = _split(text, ":")
    payload = _base58_checked(account, base58.XRP_ALPHABET)
    if len(payload) != 1 + _KEY_HASH_BYTES or payload[:1] != _XRP_ACCOUNT:
        raise InvalidAddress("not an account of the XRP ledger")
    return Address(account, tag)


def _x_address(text: str) -> Address:
    parts = _X_ADDRESS.fullmatch(_base58_checked(text, base58.XRP_ALPHABET))
    if parts is None:
        raise InvalidAddress("not an X-address of the main network")
    account, has_tag, tag = parts.groups()
    if has_tag == b"\x00" and any(tag):
        raise InvalidAddress("an X-address without a tag that has one")
    classic = base58.b58encode_check(_XRP_ACCOUNT + account, alphabet=base58.XRP_ALPHABET)
    number = str(int.from_bytes(tag, "little")) if has_tag == b"\x01" else ""
    return Address(classic.decode(), number)


def _nxt(text: str) -> Address:
    account, memo = _split(text, "?message=")
    try:
        return Address(nxt_accounts.address(nxt_accounts.account(account)), memo)
    except ValueError as error:
        raise InvalidAddress(str(error)) from error


def _btsx(text: str) -> Address:
    name, memo = _split(text, "?memo=")
    if name.startswith(_BTSX_PREFIX):
        return Address(_BTSX_PREFIX + _btsx_key(name), memo)
    if len(name) not in _BTSX_NAME_LENGTHS or not _BTSX_NAME.fullmatch(name):
        raise InvalidAddress("neither an account name (lower case) nor a key of BitShares")
    return Address(name, memo)


def _btsx_key(text: str) -> str:
    """What follows the prefix, be it the old one or the new one."""
    # A key may itself begin with an X: only the checksum says which prefix it is.
    for prefix in (_BTSX_PREFIX, _BTSX_PREFIX_ONCE):
        key = text.removeprefix(prefix)
        if not _BTSX_KEY.fullmatch(key):
            continue
        data = base58.b58decode(key)
        payload, check = data[:-_BTSX_CHECK_BYTES], data[-_BTSX_CHECK_BYTES:]
        if ripemd160(payload)[:_BTSX_CHECK_BYTES] == check:
            _check_btsx_payload(payload)
            return key
    raise InvalidAddress("wrong checksum: look for a slip of the pen")


def _check_btsx_payload(payload: bytes) -> None:
    if len(payload) != _KEY_HASH_BYTES and not _PUBLIC_KEY.fullmatch(payload):
        raise InvalidAddress("neither a key nor the hash of one")


def _split(text: str, mark: str) -> tuple[str, str]:
    head, found, tail = (part.strip() for part in text.partition(mark))
    if found and not tail:
        raise InvalidAddress(f"nothing follows {mark!r}")
    return head, tail


def _one_memo(currency: str, in_text: str, given: str) -> str:
    if in_text and given and in_text != given:
        raise InvalidAddress(f"two memos: {in_text!r} in the address and {given!r} beside it")
    memo = in_text or given
    if currency == "XRP" and memo and not (_TAG.fullmatch(memo) and int(memo) <= TAG_MAX):
        raise InvalidAddress(f"a destination tag is a number from 0 to {TAG_MAX}")
    if len(memo.encode()) > MEMO_BYTES_MAX or not memo.isprintable():
        raise InvalidAddress(f"a memo is one line of at most {MEMO_BYTES_MAX} bytes")
    return memo


_FORMATS: Final[dict[str, Callable[[str], Address]]] = {"XRP": _xrp, "NXT": _nxt, "BTSX": _btsx}
