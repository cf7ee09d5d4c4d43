"""Recovery: every start, after a crash or not, takes the newest good snapshot and replays the rest
of the journal."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import structlog

from coinport.engine.seam import Engine
from coinport.journal.errors import JournalDamaged
from coinport.journal.layout import journal_in
from coinport.journal.log import SEGMENT_BYTES, FileLog
from coinport.journal.segments import bad_record, list_segments
from coinport.journal.snapshots import (
    Snapshot,
    SnapshotUnusable,
    check_origin,
    read_snapshot,
    read_state,
    snapshot_paths,
)
from coinport.model.units import Sequence

_log = structlog.get_logger(__name__)


class Log(Protocol):
    """A `FileLog` or a `LogReader`."""

    directory: Path
    first: Sequence
    last: Sequence

    def read(self, after: Sequence) -> Iterator[bytes]: ...


def recover(
    data: Path, new_engine: Callable[[], Engine], segment_bytes: int = SEGMENT_BYTES
) -> tuple[Engine, FileLog]:
    """The engine as the journal in the data directory left it, and the journal, open for writing.

    Raises what `FileLog` raises.
    """
    log = FileLog(journal_in(data), segment_bytes)
    try:
        return rebuild(data, log, new_engine), log
    except BaseException:
        log.close()
        raise


def rebuild(data: Path, log: Log, new_engine: Callable[[], Engine]) -> Engine:
    """The engine as of `log.last`.

    Raises JournalDamaged where records are missing or make no sense, or where the journal is older
    than a snapshot.
    """
    engine = _newest_state(data, log, new_engine)
    for sequence, record in enumerate(log.read(engine.sequence), engine.sequence + 1):
        try:
            engine.replay([record])
        except Exception as error:
            what = f"cannot be replayed: {error!r}"
            raise bad_record(log.directory, Sequence(sequence), what) from error
    assert engine.sequence == log.last
    return engine


def _newest_state(data: Path, log: Log, new_engine: Callable[[], Engine]) -> Engine:
    segments = list_segments(log.directory)
    for path in snapshot_paths(data):
        engine = new_engine()
        try:
            snapshot = read_snapshot(path)
            if snapshot.journal == segments[0].journal:
                _refuse_newer(snapshot, log)
            check_origin(snapshot, segments)
            engine.restore(read_state(snapshot))
        except JournalDamaged:
            raise
        except SnapshotUnusable as error:
            _log.warning("snapshot passed over", file=str(path), error=str(error))
        except Exception as error:  # noqa: BLE001 - the engine cannot use what another release made
            _log.warning("snapshot passed over", file=str(path), error=repr(error))
        else:
            return engine
    if log.first > 1:
        raise JournalDamaged(
            log.directory,
            0,
            f"it begins with record {log.first}, and there is no good snapshot",
            "Put the older segments back, or a snapshot of this journal",
        )
    return new_engine()


def _refuse_newer(snapshot: Snapshot, log: Log) -> None:
    if snapshot.sequence > log.last:
        raise JournalDamaged(
            snapshot.path,
            0,
            f"the snapshot is of record {snapshot.sequence}, but the journal in {log.directory}"
            f" ends with {log.last}",
            "Put the newer journal back; or, to give up what is not in this one, move the"
            " snapshot away",
        )
