"""Where in the data directory of an exchange the journal and its snapshots are."""

from pathlib import Path


def journal_in(data: Path) -> Path:
    return data / "journal"


def snapshots_in(data: Path) -> Path:
    return data / "snapshots"
