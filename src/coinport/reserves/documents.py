"""The layout of published files: JSON, a line for each member and for each row.

There is one way to write a document, so one that reads right but is written otherwise (a member
given twice, say, of which readers see different ones) is refused.
"""

import re
from typing import Final, TypeVar

import msgspec
from msgspec import Raw, Struct

from coinport.model.decimals import decimal_text
from coinport.reserves.errors import ProofWrong
from coinport.reserves.merkle import SUM_MAX

DECIMALS_MAX: Final = 18

T = TypeVar("T", bound=Struct)


def body(document: Struct) -> bytes:
    """All of it but the signature, which is to follow. Its last field is a list of rows."""
    *head, rows = document.__struct_fields__
    members = [f'"{name}":{_json(getattr(document, name))},\n' for name in head]
    lines = ",\n".join(map(_json, getattr(document, rows)))
    return f'{{{"".join(members)}"{rows}":[\n{lines}\n],'.encode()


def read_body(kind: type[T], content: bytes) -> T:
    """What `body` made. Raises ProofWrong."""
    document = parsed(kind, content[:-1] + b"}")
    if body(document) != content:
        raise ProofWrong("its lines are not laid out as they should be")
    return document


def parsed(kind: type[T], content: bytes) -> T:
    """Raises ProofWrong."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProofWrong(f"not readable: {error}") from None


def figure(units: int, decimals: int) -> Raw:
    """An amount as a plain JSON number."""
    return Raw(decimal_text(units, decimals))


def units(amount: Raw, decimals: int) -> int:
    """`amount`, a number or a string of one, as a count of 10**-decimals. Raises ProofWrong."""
    match = _FIGURE(bytes(amount))
    whole, fraction = match.groups(b"") if match else (b"", b"")
    if match is None or not len(fraction) <= decimals <= DECIMALS_MAX:
        raise ProofWrong(f"{bytes(amount)[:80]!r} is no amount with {decimals} decimals")
    count = int(whole + fraction.ljust(decimals, b"0"))
    if count > SUM_MAX:
        raise ProofWrong(f"{count} units are too many")
    return count


def plain(amount: Raw) -> str:
    """As people read it."""
    return bytes(amount).decode().strip('"')


def unhex(text: str, size: int) -> bytes:
    """Raises ProofWrong."""
    if len(text) != 2 * size or not _HEXADECIMAL(text):
        raise ProofWrong(f"{text[:80]!r} is not {size} bytes in hexadecimal")
    return bytes.fromhex(text)


_FIGURE = re.compile(rb'"?(0|[1-9][0-9]{0,18})(?:\.([0-9]{0,17}[1-9]))?"?').fullmatch
_HEXADECIMAL = re.compile("[0-9a-f]*").fullmatch


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
