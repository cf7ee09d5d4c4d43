"""Accounts of NXT: a 64-bit number, written with a Reed-Solomon code RS(17,13) over GF(32).

The code corrects slips of the pen; it is no cryptography. Of the 17 symbols 13 are the number in
base 32, lowest first, and 4 are the remainder that makes the whole divisible by the generator.
"""

import re
from typing import Final

ACCOUNT_MAX: Final = 2**64 - 1

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_DATA, _PARITY = 13, 4
_ORDER = (3, 2, 1, 0, 7, 6, 5, 4, 13, 14, 15, 16, 12, 8, 9, 10, 11)
"""Which symbol stands at each place of the text."""
_GENERATOR = (17, 9, 6, 30)
"""(x - a)(x - a^2)(x - a^3)(x - a^4), lowest coefficient first, without the leading 1."""
_FORM = re.compile(
    rf"NXT-([{_ALPHABET}]{{4}})-([{_ALPHABET}]{{4}})-([{_ALPHABET}]{{4}})-([{_ALPHABET}]{{5}})",
    re.IGNORECASE,
)


def account(address: str) -> int:
    """The number behind `address`. Raises ValueError."""
    parts = _FORM.fullmatch(address)
    if parts is None:
        raise ValueError("an NXT account looks like NXT-XXXX-XXXX-XXXX-XXXXX")
    symbols = [0] * len(_ORDER)
    for place, symbol in zip(_ORDER, "".join(parts.groups()).upper(), strict=True):
        symbols[place] = _ALPHABET.index(symbol)
    if symbols[_DATA:] != _parity(symbols[:_DATA]):
        raise ValueError("wrong checksum: look for a slip of the pen")
    number = sum(symbol << (5 * place) for place, symbol in enumerate(symbols[:_DATA]))
    if number > ACCOUNT_MAX:
        raise ValueError("no account has this number")
    return number


def address(account: int) -> str:
    """`NXT-...` of an account's number, 0 to `ACCOUNT_MAX`."""
    assert 0 <= account <= ACCOUNT_MAX
    data = [account >> (5 * place) & 31 for place in range(_DATA)]
    symbols = data + _parity(data)
    text = "".join(_ALPHABET[symbols[place]] for place in _ORDER)
    return f"NXT-{text[:4]}-{text[4:8]}-{text[8:12]}-{text[12:]}"


def _parity(data: list[int]) -> list[int]:
    rest = [0] * _PARITY
    for symbol in reversed(data):
        feedback = symbol ^ rest[-1]
        rest = [
            below ^ _product(factor, feedback)
            for below, factor in zip([0, *rest[:-1]], _GENERATOR, strict=True)
        ]
    return rest


def _product(left: int, right: int) -> int:
    """In GF(32), whose polynomial is x^5 + x^2 + 1."""
    product = 0
    while right:
        product ^= left if right & 1 else 0
        left = left << 1 ^ (0b100101 if left & 16 else 0)
        right >>= 1
    return product
