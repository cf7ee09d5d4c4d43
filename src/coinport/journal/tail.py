"""The end of the journal as it is found at start: what a crash can leave, and what it cannot.

Only one batch is ever under way: written, synced, marked as acknowledged, marked durably, and only
then the next. So a crash leaves one of three things behind the last marked batch:

- nothing, only zeros;
- pieces of one batch that was never acknowledged, both slots of the mark good: a torn tail;
- one whole batch, perhaps with a torn slot of the mark: it counts.

Anything else is damage.
"""

import os

from msgspec import Struct

from coinport.journal.batches import ALIGNMENT, FRAME, decode_batch, salt_of
from coinport.journal.disk import Disk, write_all
from coinport.journal.errors import JournalDamaged
from coinport.journal.mark import MARK, Mark
from coinport.journal.segments import HEAD_BYTES, Segment, read_batches
from coinport.model.units import Sequence

_ZEROS = bytes(1024 * 1024)


class Tail(Struct, frozen=True):
    last: Sequence
    crc: int
    """Of the last batch."""
    offset: int
    """Where the next batch goes."""
    end: int
    """Where nothing but zeros comes any more; above `offset`, something has to be cut."""
    unmarked: int | None
    """Batches behind the one that the mark names; None where that is nowhere here."""


def find_tail(segment: Segment, mark: Mark) -> Tail:
    """The end of the last segment. Raises JournalDamaged."""
    if segment.journal != mark.journal:
        raise JournalDamaged(segment.path, 0, "segment and mark are of different journals")
    tail = follow(segment, mark)
    if tail.unmarked is None:
        what = _lost(tail, mark)
    elif tail.unmarked > 1:
        what = f"the journal goes on to {tail.last}, but the mark says {mark.sequence}"
    elif tail.end > tail.offset and (tail.unmarked or not mark.whole):
        what = "what is here was written before the end of the journal was marked"
    elif _holds_batch(segment, tail):
        what = f"the batch after record {tail.last} is bad, but a good one follows it"
    elif not (tail.unmarked or mark.whole):
        raise JournalDamaged(segment.path.parent / MARK, 0, "a slot of the mark is damaged")
    else:
        return tail
    raise JournalDamaged(segment.path, tail.offset, what)


def follow(segment: Segment, mark: Mark | None = None) -> Tail:
    """The end of the good batches, whatever comes then."""
    last, crc, offset = Sequence(segment.first - 1), segment.previous, HEAD_BYTES
    marked = (mark.sequence, mark.crc) if mark else None
    unmarked = 0 if (last, crc) == marked else None
    for batch in read_batches(segment):
        last, crc, offset = batch.last, batch.crc, offset + batch.size
        if unmarked is not None:
            unmarked += 1
        elif (last, crc) == marked:
            unmarked = 0
    return Tail(last, crc, offset, _end_of_data(segment, offset), unmarked)


def cut_tail(disk: Disk, file: int, tail: Tail) -> None:
    """Durable when it returns. Raises OSError."""
    write_all(disk, file, bytes(tail.end - tail.offset), tail.offset)
    disk.sync(file)


def _lost(tail: Tail, mark: Mark) -> str:
    if tail.last < mark.sequence:
        return (
            f"records up to {mark.sequence} were acknowledged, but only those up to {tail.last}"
            " can be read"
        )
    return f"record {mark.sequence}, which the mark names, is not the one that is here"


def _end_of_data(segment: Segment, offset: int) -> int:
    """Behind the last byte from `offset` on that is not zero; `offset` where there is none."""
    end = offset
    with segment.path.open("rb", buffering=0) as file:
        file.seek(offset)
        while chunk := file.read(len(_ZEROS)):
            if chunk != _ZEROS and (used := len(chunk.rstrip(b"\0"))):
                end = offset + used
            offset += len(chunk)
    return end


def _holds_batch(segment: Segment, tail: Tail) -> bool:
    """No torn batch has a good one in it, whatever its records say: see the salt."""
    salt = salt_of(segment.journal)
    with segment.path.open("rb", buffering=0) as file:
        data = os.pread(file.fileno(), tail.end - tail.offset, tail.offset)
    for position in range(FRAME.size, len(data), ALIGNMENT):
        length, crc = FRAME.unpack_from(data, position - FRAME.size)
        end = position + length
        if position < end <= len(data) and decode_batch(data[position:end], crc, salt):
            return True
    return False
