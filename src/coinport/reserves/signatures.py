"""The last two lines of every published file: its digest and the exchange's signature.

The digest is the SHA-256 of all bytes before the line feed in front of it, the signature (Ed25519)
covers all before the line feed in front of itself. Nothing has to be encoded anew to check them.
The digest tells whoever has no Ed25519 at hand that a file was damaged; only the signature tells
that it is the exchange's.
"""

import hashlib
import re
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from coinport.journal.disk import Disk, create_file
from coinport.reserves.documents import unhex
from coinport.reserves.errors import ProofWrong, PublishingFailed

KEY_BYTES: Final = 32

_SIGNATURE = b'\n"signature":"'
_END_BYTES = len(b'\n"digest":"",') + 64 + len(_SIGNATURE) + 128 + len(b'"}\n')
_END = re.compile(rb'\n"digest":"([0-9a-f]{64})",' + _SIGNATURE + rb'[0-9a-f]{128}"}\n').fullmatch


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The key in the file `path`; where there is none, a new one, on the disk before it is used.

    Raises PublishingFailed, OSError.
    """
    if not path.exists():
        create_file(Disk(), path, Ed25519PrivateKey.generate().private_bytes_raw(), KEY_BYTES)
    if path.stat().st_mode & 0o077:
        raise PublishingFailed(f"{path}: others may read this key: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise PublishingFailed(f"{path}: {len(key)} bytes are no key: restore it from a backup")
    return Ed25519PrivateKey.from_private_bytes(key)


def public_text(key: Ed25519PrivateKey) -> str:
    """The public key as files and people name it: 64 hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def sealed(body: bytes, key: Ed25519PrivateKey) -> bytes:
    """A whole JSON document; `body` is its beginning, up to a comma."""
    signed = _with_digest(body)
    return signed + _SIGNATURE + key.sign(signed).hex().encode() + b'"}\n'


def unsealed(content: bytes) -> bytes:
    """The body. Raises ProofWrong where the digest is not its digest."""
    end = _END(content[-_END_BYTES:])
    body = content[:-_END_BYTES]
    if end is None:
        raise ProofWrong("it does not end with a digest and a signature")
    if hashlib.sha256(body).hexdigest().encode() != end[1]:
        raise ProofWrong("something in it was changed: the digest is another")
    return body


def verify_signature(content: bytes, public_key: str) -> None:
    """Of a document that `unsealed` has let through. Raises ProofWrong."""
    key = Ed25519PublicKey.from_public_bytes(unhex(public_key, KEY_BYTES))
    signed, _, rest = content.rpartition(_SIGNATURE)
    try:
        key.verify(bytes.fromhex(rest[:128].decode()), signed)
    except InvalidSignature:
        raise ProofWrong(f"the signature is not that of {public_key}") from None


def _with_digest(body: bytes) -> bytes:
    return body + b'\n"digest":"' + hashlib.sha256(body).hexdigest().encode() + b'",'
