"""What `coinport journal verify|dump|stats` tell. They read up to the last acknowledged record and
lock nothing: the exchange may run."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Sequence as SequenceOf
from enum import Enum
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from coinport.engine.seam import Engine
from coinport.journal.errors import JournalDamaged
from coinport.journal.layout import journal_in
from coinport.journal.reading import LogReader
from coinport.journal.segments import bad_record
from coinport.journal.snapshots import (
    Snapshot,
    SnapshotUnusable,
    check_origin,
    read_snapshot,
    read_state,
    snapshot_paths,
)
from coinport.model.records import Record, decode_record
from coinport.model.units import Sequence, TimeMs


class Verification(Struct, frozen=True):
    first: Sequence
    last: Sequence
    redecided: int
    """Records that the engine decided anew, with the same bytes."""
    first_ms: TimeMs | None
    """Time of the first of these; None where there is none."""
    last_ms: TimeMs | None
    snapshots: list[Sequence]
    """Those that are the state that the records lead to."""
    problems: list[str]
    """Empty where all is well; after a bad record nothing further is looked at."""


class Statistics(Struct, frozen=True):
    first: Sequence
    last: Sequence
    records: int
    segments: int
    disk_bytes: int
    """Of the segment files, with what is preallocated."""
    record_bytes: int
    first_ms: TimeMs | None
    """Time of the first record; None where there is none."""
    last_ms: TimeMs | None
    records_per_second: int
    """On average from the first to the last."""
    commands: dict[str, int]
    """How many of each kind."""
    snapshots: list[str]
    """File names, the newest first."""


def verify(data: Path, new_engine: Callable[[], Engine]) -> Verification:
    """Read every record, decide each anew and compare the bytes, and the states with the snapshots.

    Where the oldest segments were moved away, it begins with the oldest snapshot that is left.
    Raises FileNotFoundError where there is no journal, and JournalDamaged where it cannot be read
    at all.
    """
    paths = snapshot_paths(data)  # before the log is looked at: newer ones may come
    log = LogReader(journal_in(data))
    snapshots, problems = _good_snapshots(paths, log)
    engine = new_engine()
    if log.first > 1 and (usable := [at for at in snapshots if at >= log.first - 1]):
        engine.restore(read_state(snapshots[min(usable)]))
    start, redecided, agreeing = engine.sequence, 0, []
    first_ms = last_ms = None
    try:
        for sequence, record in _numbered(log):
            if sequence <= start:
                continue
            _redecide(engine, sequence, record, log)
            redecided += 1
            last_ms = engine.time
            first_ms = last_ms if first_ms is None else first_ms
            if snapshot := snapshots.get(sequence):
                if hashlib.sha256(engine.snapshot()).digest() == snapshot.digest:
                    agreeing.append(sequence)
                else:
                    problems.append(f"{snapshot.path} is not the state that the records lead to")
    except JournalDamaged as error:
        problems.append(str(error))
    return Verification(
        first=log.first,
        last=log.last,
        redecided=redecided,
        first_ms=first_ms,
        last_ms=last_ms,
        snapshots=agreeing,
        problems=problems,
    )


def dump(data: Path, after: int = 0, limit: int | None = None) -> Iterator[str]:
    """A line of JSON for each record after `after`, at most `limit` of them.

    Raises FileNotFoundError and JournalDamaged.
    """
    log = LogReader(journal_in(data))
    for sequence, record in islice(_numbered(log, after), limit):
        yield _line(_decoded(log, sequence, record))


def stats(data: Path) -> Statistics:
    """Raises FileNotFoundError and JournalDamaged."""
    log = LogReader(journal_in(data))
    commands: Counter[str] = Counter()
    first_ms = last_ms = None
    record_bytes = 0
    for sequence, encoded in _numbered(log):
        record = _decoded(log, sequence, encoded)
        commands[type(record.command).__name__] += 1
        record_bytes += len(encoded)
        last_ms = record.time
        first_ms = last_ms if first_ms is None else first_ms
    return Statistics(
        first=log.first,
        last=log.last,
        records=commands.total(),
        segments=len(log.segments),
        disk_bytes=sum(segment.path.stat().st_size for segment in log.segments),
        record_bytes=record_bytes,
        first_ms=first_ms,
        last_ms=last_ms,
        records_per_second=_rate(commands.total(), first_ms, last_ms),
        commands=dict(commands.most_common()),
        snapshots=[path.name for path in snapshot_paths(data)],
    )


class _Parts(Struct, array_like=True):
    """A record whose contents nobody needs to see."""

    sequence: Sequence
    time: TimeMs
    command: Raw
    events: Raw


_decode_parts = msgspec.msgpack.Decoder(_Parts).decode


def _numbered(log: LogReader, after: int = 0) -> Iterator[tuple[Sequence, bytes]]:
    """The records after `after`, as far as they are here, by their places in the journal."""
    start = Sequence(max(after, log.first - 1))
    for sequence, record in enumerate(log.read(start), start + 1):
        yield Sequence(sequence), record


def _decoded(log: LogReader, sequence: Sequence, record: bytes) -> Record:
    try:
        return decode_record(record)
    except ValueError as error:
        raise bad_record(log.directory, sequence, f"cannot be decoded: {error}") from error


def _redecide(engine: Engine, sequence: Sequence, record: bytes, log: LogReader) -> None:
    """Raises JournalDamaged where what the engine decides is not what the journal says."""
    if sequence != engine.sequence + 1:
        raise JournalDamaged(
            log.segments[0].path,
            0,
            f"record {sequence} cannot be decided without those before it",
            "Put the older segments back, or a good snapshot of them",
        )
    try:
        parts = _decode_parts(record)
        decided = engine.execute(parts.time, [bytes(parts.command)])[0]
    except Exception as error:
        what = f"cannot be decided: {error!r}"
        raise bad_record(log.directory, sequence, what) from error
    if decided != record:
        written, ruled = _decoded(log, sequence, record), decode_record(decided)
        what = f"is {_line(written)}, but the rules make it {_line(ruled)}"
        raise bad_record(log.directory, sequence, what)


def _good_snapshots(
    paths: SequenceOf[Path], log: LogReader
) -> tuple[dict[Sequence, Snapshot], list[str]]:
    good, problems = {}, []
    for path in paths:
        try:
            snapshot = read_snapshot(path)
            read_state(snapshot)
            check_origin(snapshot, log.segments)
        except SnapshotUnusable as error:
            if path.exists():  # else a newer one has made it superfluous by now
                problems.append(str(error))
        else:
            good[snapshot.sequence] = snapshot
    return good, problems


def _rate(records: int, first_ms: int | None, last_ms: int | None) -> int:
    return records * 1000 // max(1, (last_ms or 0) - (first_ms or 0))


def _line(record: Record) -> str:
    return msgspec.json.encode(_readable(record)).decode()


def _readable(value: object) -> object:
    """Fields and members of enumerations by name, commands and events with their type."""
    match value:
        case Struct():
            fields = {name: _readable(getattr(value, name)) for name in value.__struct_fields__}
            return fields if isinstance(value, Record) else {"type": type(value).__name__, **fields}
        case list():
            return [_readable(item) for item in value]
        case Enum():
            return value.name
        case _:
            return value
