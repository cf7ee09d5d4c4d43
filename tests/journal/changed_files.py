"""The files of a journal, to be opened again and again after something was done to them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from coinport.journal.batches import FRAME
from coinport.journal.errors import JournalDamaged
from coinport.journal.segments import HEAD_BYTES
from tests.journal.journals import contents, overwrite, records

BATCHES = [records(1, 8), records(9, 9), records(10, 16), records(17, 18), records(19, 24)]
"""Of a journal of two segments."""


class Journal:
    """The files of a journal, and a place to open them, or changed ones, again and again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = {file.name: file.read_bytes() for file in sorted(path.iterdir())}
        self.segments = [name for name in self.files if name.endswith(".segment")]
        self.acknowledged_end = 0
        """Behind the last acknowledged batch, in the last segment."""

    def end(self, name: str) -> int:
        """Behind the last batch of a segment."""
        return len(self.files[name].rstrip(b"\0"))

    def put(self, changed: Mapping[str, bytes | None]) -> None:
        wanted = {**self.files, **changed}
        for name in {*(file.name for file in self.path.iterdir()), *wanted}:
            if (data := wanted.get(name)) is None:
                (self.path / name).unlink(missing_ok=True)
            else:
                overwrite(self.path / name, data)

    def found(self, changed: Mapping[str, bytes | None]) -> list[bytes] | None:
        """The records of these files, some of them changed (None: missing); None: refused."""
        self.put(changed)
        try:
            return contents(self.path)
        except JournalDamaged as error:
            assert error.path.is_relative_to(self.path)
            assert str(error).startswith(f"{error.path}, offset {error.offset}: ")
            return None


def batch_offsets(data: bytes) -> Iterator[int]:
    offset = HEAD_BYTES
    while length := FRAME.unpack_from(data, offset)[0]:
        yield offset
        offset += FRAME.size + length
