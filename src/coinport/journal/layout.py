"""Where in the data directory of an exchange the journal and its snapshots are."""

from pathlib import Path

from coinport.journal.mark import MARK


def journal_in(data: Path) -> Path:
    return data / "journal"


def snapshots_in(data: Path) -> Path:
    return data / "snapshots"


def holds_journal(directory: Path) -> bool:
    """Whether a journal, or what damage has left of one, is in this very directory."""
    return (directory / MARK).exists() or any(directory.glob("*.segment"))
