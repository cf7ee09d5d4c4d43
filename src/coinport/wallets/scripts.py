"""Scripts of Bitcoin's family: what an output to an address says, and what spends it."""

import base58

from coinport.wallets import segwit
from coinport.wallets.addresses import parse
from coinport.wallets.networks import Network, versions

_KEY_HASH_PREFIX, _KEY_HASH_SUFFIX = b"\x76\xa9\x14", b"\x88\xac"
_KEY_HASH_BYTES = 20


def output_script(currency: str, address: str, network: Network = Network.MAIN) -> bytes:
    """Raises InvalidAddress."""
    text = parse(currency, address, network=network).text
    known = versions(currency, network)
    if known.segwit and text.startswith(known.segwit + "1"):
        version, program = segwit.decode(known.segwit, text)
        return bytes([0x50 + version if version else 0, len(program)]) + program
    payload = base58.b58decode_check(text)
    if payload[:1] == known.key_hash:
        return p2pkh_script(payload[1:])
    return b"\xa9\x14" + payload[1:] + b"\x87"


def p2pkh_script(key_hash: bytes) -> bytes:
    return _KEY_HASH_PREFIX + key_hash + _KEY_HASH_SUFFIX


def p2pkh_key_hash(script: bytes) -> bytes | None:
    """Whose key spends this output; None where it is not P2PKH."""
    key_hash = script[len(_KEY_HASH_PREFIX) : -len(_KEY_HASH_SUFFIX)]
    if len(key_hash) == _KEY_HASH_BYTES and script == p2pkh_script(key_hash):
        return key_hash
    return None


def pushed(*data: bytes) -> bytes:
    """A script that pushes each of `data`, none of them longer than 75 bytes."""
    return b"".join(bytes([len(item)]) + item for item in data)
