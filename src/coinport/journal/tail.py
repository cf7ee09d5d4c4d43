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
from coinport.journal.errors import JournalDamaged
from coinport.journal.mark import MARK, Mark
from coinport.journal.segments import HEAD_BYTES, Segment, read_batches
from coinport.model.units import Sequence

_CHUNK_BYTES = 1024 * 1024


class Tail(Struct, frozen=True):
    last: Sequence
    crc: int
    """Of the last batch."""
    offset: int
    """Where the next batch goes."""
    torn_bytes: int
    """What has to be cut there: 0 in most cases."""


def find_tail(segment: Segment, mark: Mark) -> Tail:
    """The end of the last segment. Raises JournalDamaged."""
    if segment.journal != mark.journal:
        raise JournalDamaged(segment.path, 0, "segment and mark are of different journals")
    tail, batches_ahead = _follow(segment, mark)
    end = _end_of_data(segment, tail.offset)
    if batches_ahead is None:
        what = _lost(tail, mark)
    elif batches_ahead > 1:
        what = f"the journal goes on to {tail.last}, but the mark says {mark.sequence}"
    elif end > tail.offset and (batches_ahead or not mark.whole):
        what = "what is here was written before the end of the journal was marked"
    elif _holds_batch(segment, tail.offset, end):
        what = f"the batch after record {tail.last} is bad, but a good one follows it"
    elif not (mark.whole or batches_ahead):
        raise JournalDamaged(segment.path.parent / MARK, 0, "a slot of the mark is damaged")
    else:
        return Tail(tail.last, tail.crc, tail.offset, end - tail.offset)
    raise JournalDamaged(segment.path, tail.offset, what)


def _follow(segment: Segment, mark: Mark) -> tuple[Tail, int | None]:
    """The end of the good batches, and how many there are behind the mark; None where the mark is
    not at the end of any of them."""
    last, crc, offset = Sequence(segment.first - 1), segment.previous, HEAD_BYTES
    ahead = 0 if (last, crc) == (mark.sequence, mark.crc) else None
    for batch in read_batches(segment):
        last, crc, offset = batch.last, batch.crc, offset + batch.size
        if ahead is not None:
            ahead += 1
        elif (last, crc) == (mark.sequence, mark.crc):
            ahead = 0
    return Tail(last, crc, offset, 0), ahead


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
        while chunk := file.read(_CHUNK_BYTES):
            if used := len(chunk.rstrip(b"\0")):
                end = offset + used
            offset += len(chunk)
    return end


def _holds_batch(segment: Segment, offset: int, end_of_data: int) -> bool:
    """A torn batch has no good one in it, whatever its records say: see the salt."""
    salt = salt_of(segment.journal)
    with segment.path.open("rb", buffering=0) as file:
        data = os.pread(file.fileno(), end_of_data - offset, offset)
    for position in range(FRAME.size, len(data), ALIGNMENT):
        length, crc = FRAME.unpack_from(data, position - FRAME.size)
        end = position + length
        if position < end <= len(data) and decode_batch(data[position:end], crc, salt):
            return True
    return False
