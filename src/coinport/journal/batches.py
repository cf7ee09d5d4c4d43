"""Batches: the records that became durable together, as they stand in a segment file.

    length u32 | CRC-32C u32 | CRC of the batch before u32 | count u32 | first sequence u64
    | length of each record u32 ... | records ... | 1 to 8 bytes 0xFF up to a multiple of 8

All numbers are little-endian. `length` counts what follows the CRC, and the CRC covers exactly
that. It starts from a salt made of the journal's random number, so that nothing that a stranger can
put into a record looks like a batch. The CRC of the batch before makes a chain: a batch of an older
copy, or one in the wrong place, does not fit.
"""

import struct
from collections.abc import Sequence as SequenceOf

import google_crc32c
from msgspec import Struct

from coinport.model.units import Sequence

ALIGNMENT = 8

FRAME = struct.Struct("<II")
"""Length and CRC, the start of a batch; what they speak of is its body."""

_HEAD = struct.Struct("<IIQ")
_PADDING = b"\xff" * ALIGNMENT
"""Never zero, so that the last byte in use of a segment is the end of a batch."""


class Batch(Struct, frozen=True, gc=False):
    first: Sequence
    records: list[bytes]
    crc: int
    previous: int
    """CRC of the batch before."""
    size: int
    """Bytes in the file, a multiple of `ALIGNMENT`."""

    @property
    def last(self) -> Sequence:
        return Sequence(self.first + len(self.records) - 1)


def salt_of(journal: int) -> int:
    salt: int = google_crc32c.value(journal.to_bytes(8, "little"))
    return salt


def encode_batch(
    records: SequenceOf[bytes], first: Sequence, previous: int, salt: int
) -> tuple[bytes, int]:
    """The bytes, and their CRC for the next batch to refer to."""
    count = len(records)
    head = _HEAD.pack(previous, count, first)
    lengths = struct.pack(f"<{count}I", *map(len, records))
    body = b"".join((head, lengths, *records))
    body += _PADDING[len(body) % ALIGNMENT :]
    crc = google_crc32c.extend(salt, body)
    return FRAME.pack(len(body), crc) + body, crc


def decode_batch(body: bytes, crc: int, salt: int) -> Batch | None:
    """None where the body is not whole or not as it was written."""
    if len(body) < _HEAD.size or google_crc32c.extend(salt, body) != crc:
        return None
    previous, count, first = _HEAD.unpack_from(body)
    position = _HEAD.size + 4 * count
    records = []
    for length in struct.unpack_from(f"<{count}I", body, _HEAD.size):
        records.append(body[position : position + length])
        position += length
    return Batch(Sequence(first), records, crc, previous, FRAME.size + len(body))
