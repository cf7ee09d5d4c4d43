"""The catalog of what is published: read from the directory once, kept in memory."""

import hashlib
import re
from bisect import bisect_left, insort
from pathlib import Path
from typing import Final

import structlog
from msgspec import Struct

from coinport.journal.disk import UNFINISHED
from coinport.model.units import TimeMs
from coinport.reserves.layout import Kind, file_name, named, proofs_in, published_in

HEAD_BYTES: Final = 4096
"""The members before the rows are found in as many."""

_TIMESTAMP = re.compile(rb'\n"timestamp":([0-9]{1,15}),\n').search
_log = structlog.get_logger(__name__)


class Published(Struct, frozen=True):
    """A file that stays as it is for ever."""

    kind: Kind
    currency: str
    id: int
    timestamp: TimeMs
    size_bytes: int

    @property
    def name(self) -> str:
        return file_name(self.kind, self.id)


class Catalog:
    """Files that a crash left half written never show: they have other names until they are whole,
    and opening the catalog removes them. Nothing may be publishing at that moment."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._files: dict[tuple[str, Kind], list[Published]] = {}
        self._digests: dict[Published, str] = {}
        for directory in (published_in(data), proofs_in(data)):
            for unfinished in directory.glob(f"*/*{UNFINISHED}"):
                unfinished.unlink(missing_ok=True)
        for path in published_in(data).glob("*/*.json"):
            if found := _found(path):
                self.add(found)

    def add(self, file: Published) -> None:
        """It was published just now. Adding it again changes nothing."""
        files = self._files.setdefault((file.currency, file.kind), [])
        if file not in files[-1:]:
            insort(files, file, key=_id)

    def newest(
        self, currency: str, kind: Kind, limit: int, below: int | None = None
    ) -> tuple[list[Published], bool]:
        """At most `limit` files, the newest first, with ids below `below`; and whether there are
        more."""
        files = self._files.get((currency, kind), [])
        end = len(files) if below is None else bisect_left(files, below, key=_id)
        start = max(end - limit, 0)
        return files[start:end][::-1], start > 0

    @property
    def newest_timestamp(self) -> TimeMs:
        """Of everything that is published; 0 where nothing is."""
        newest = (files[-1].timestamp for files in self._files.values())
        return max(newest, default=TimeMs(0))

    def find(self, currency: str, name: str) -> Published | None:
        """None where no such file is published, whatever `name` looks like."""
        what = named(name)
        if what is None:
            return None
        kind, id = what
        files = self._files.get((currency, kind), [])
        at = bisect_left(files, id, key=_id)
        return files[at] if at < len(files) and files[at].id == id else None

    def next_id(self) -> int:
        """Ids are counted over all currencies and kinds: a round of files, taken at one position of
        the journal, has one."""
        return 1 + max((files[-1].id for files in self._files.values()), default=0)

    def path(self, file: Published) -> Path:
        return published_in(self._data) / file.currency / file.name

    def digest(self, file: Published) -> str:
        """SHA-256 of the file, which is read for it the first time. Raises OSError."""
        if file not in self._digests:
            self._digests[file] = hashlib.sha256(self.path(file).read_bytes()).hexdigest()
        return self._digests[file]


def _found(path: Path) -> Published | None:
    what = named(path.name)
    with path.open("rb") as file:
        timestamp = _TIMESTAMP(file.read(HEAD_BYTES))
    if what is None or timestamp is None:
        _log.warning("passed over: not a published file", path=str(path))
        return None
    kind, id = what
    time = TimeMs(int(timestamp[1]))
    return Published(kind, path.parent.name, id, time, path.stat().st_size)


def _id(file: Published) -> int:
    return file.id
