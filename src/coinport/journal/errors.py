"""What can be wrong with a journal, from the point of view of whoever runs the exchange."""

from pathlib import Path


class JournalLocked(Exception):
    """Another process has the journal open for writing."""


class JournalFailed(Exception):
    """A write or fsync failed. What is on the disk now is known only after opening anew."""


class JournalDamaged(Exception):
    """The files are not what a crash can leave: something acknowledged is lost or altered."""

    def __init__(self, path: Path, offset: int, what: str, remedy: str = "") -> None:
        """`path` is a file in the folder of the journal; where it is another one, or where repair
        is of no use, `remedy` says what is."""
        remedy = remedy or (
            "Restore the file from a copy; or, to give up what can no longer be read, run"
            f" `coinport journal repair {path.parent}`"
        )
        super().__init__(f"{path}, offset {offset}: {what}. {remedy}.")
        self.path = path
        self.offset = offset
        """Bytes from the start of the file; 0 for the file as a whole."""
