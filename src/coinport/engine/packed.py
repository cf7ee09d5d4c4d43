"""Packed: many encoded commands or records in two pieces of bytes, without an object for each.

This is how a batch stands in the journal too (`journal/batches.py`), so what an engine returns can
be written, and what was read can be replayed, as it is.
"""

import struct
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import NamedTuple


class Packed(NamedTuple):
    lengths: bytes
    """Of each, 32 bits little-endian, in order."""
    data: bytes
    """All of them, one behind the other."""


def pack(items: Iterable[bytes]) -> Packed:
    items = list(items)
    return Packed(struct.pack(f"<{len(items)}I", *map(len, items)), b"".join(items))


def unpack(packed: Packed) -> list[bytes]:
    """Raises ValueError where the lengths do not add up to the data."""
    lengths, data = packed
    if len(lengths) % 4:
        raise ValueError("lengths are 32-bit numbers")
    ends = list(accumulate(struct.unpack(f"<{len(lengths) // 4}I", lengths), initial=0))
    if ends[-1] != len(data):
        raise ValueError("the lengths do not add up to the data")
    return [data[start:end] for start, end in pairwise(ends)]
