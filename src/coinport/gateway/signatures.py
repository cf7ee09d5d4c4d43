"""Signatures: what an `Authorization` header says, and whether a signature fits a request. Pure.

Two schemes. MD5 (`Authorization: Token`) binds neither method, path nor time and is kept for
compatibility; HMAC-SHA256 (`X-Coinport-*` headers) binds all three.
"""

import binascii
import hashlib
import hmac
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import unquote_to_bytes

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

AUTHORIZATION_LENGTH_MAX: Final = 2048
"""Bytes of an `Authorization` header; a longer one is not read."""
_KEYED_MAX: Final = 10_000
"""Secrets whose prepared HMAC is kept."""


class Basic(NamedTuple):
    """`Basic base64(user:password)`; a password may contain colons."""

    user: str
    password: str


class Token(NamedTuple):
    """`Token base64(token:signature)`."""

    token: str
    signature: str


class RepeatedParameter(Exception):
    """A query names a parameter twice: what was signed is not what one of two readers reads."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def read_authorization(header: bytes) -> Basic | Token | None:
    """None for an unknown scheme, broken base64, broken UTF-8, no colon, or an empty half."""
    scheme, _, encoded = header.strip().partition(b" ")
    kind = _KINDS.get(scheme.lower())
    if kind is None or len(header) > AUTHORIZATION_LENGTH_MAX:
        return None
    try:
        text = binascii.a2b_base64(encoded.strip(), strict_mode=True).decode()
    except ValueError:
        return None
    left, _, right = text.partition(":")
    return kind(left, right) if left and right else None


_KINDS: Final[dict[bytes, type[Basic] | type[Token]]] = {b"basic": Basic, b"token": Token}


def md5_signs_query(secret: bytes, query: bytes, signature: str) -> bool:
    """Whether `signature` is that of a GET with this raw `query`, `?` excluded.

    The rule: `name=value` sorted by name, joined by `&`, then `&secret=SECRET`. Clients differ in
    whether they sign before or after URL-encoding, so both count, and the query just as sent.
    Raises RepeatedParameter.
    """
    pairs = _pairs(query)
    raw = b"&".join(pair for _, _, pair in pairs)
    forms = {query, raw}
    # "a=1%26b=2" decodes to what "a=1&b=2" is: such a query counts only as it was sent.
    if not any(b"&" in name or b"&" in value for name, value, _ in pairs):
        forms.add(b"&".join(name + b"=" + value for name, value, _ in pairs))
    return any(_md5_equal(form, secret, signature) for form in forms)


def md5_signs_body(secret: bytes, body: bytes, signature: str) -> bool:
    """Whether `signature` is that of a POST with this body: MD5 of `BODY&secret=SECRET`."""
    return _md5_equal(body, secret, signature)


def hmac_signs(
    secret: bytes, timestamp: bytes, method: bytes, target: bytes, body: bytes, signature: str
) -> bool:
    """Whether `signature` is the lower-case hex HMAC-SHA256 of the four, joined by line feeds.

    `timestamp` and `target` (path and query) are the bytes as sent.
    """
    signed = keyed(secret).copy()
    signed.update(b"\n".join((timestamp, method, target, body)))
    return _equal(signed.finalize().hex(), signature)


Keyed: TypeAlias = HMAC


@lru_cache(_KEYED_MAX)
def keyed(secret: bytes) -> Keyed:
    """To be copied: half of the work is done once for each secret."""
    return HMAC(secret, SHA256())


def _pairs(query: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """(decoded name, decoded value, the pair as sent), sorted by name."""
    pairs: dict[bytes, tuple[bytes, bytes, bytes]] = {}
    for pair in filter(None, query.split(b"&")):
        name, _, value = pair.partition(b"=")
        name = _decoded(name)
        if name in pairs:
            raise RepeatedParameter(name.decode(errors="replace"))
        pairs[name] = (name, _decoded(value), pair)
    return sorted(pairs.values())


def _decoded(encoded: bytes) -> bytes:
    return unquote_to_bytes(encoded.replace(b"+", b" "))


def _md5_equal(signed: bytes, secret: bytes, signature: str) -> bool:
    text = b"%b&secret=%b" % (signed, secret)
    return _equal(hashlib.md5(text, usedforsecurity=False).hexdigest(), signature)


def _equal(expected: str, given: str) -> bool:
    """In constant time. Bytes, because `compare_digest` refuses text beyond ASCII."""
    return hmac.compare_digest(expected.encode(), given.encode())
