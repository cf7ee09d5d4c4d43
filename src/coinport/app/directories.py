"""Data directories: a demo's is not for real, and a real one is not for a demo."""

from pathlib import Path
from typing import Final

from coinport.journal.layout import journal_in

MARKER: Final = "DEMO"
"""A file that says that a directory is a demo's."""


class WrongDirectory(Exception):
    """Nothing was changed."""


def refuse_demo(directory: Path) -> None:
    """Raises WrongDirectory."""
    if (directory / MARKER).exists():
        raise WrongDirectory(
            f"{directory} is a demo's, whose passwords everybody knows: use `coinport demo`"
        )


def refuse_real(directory: Path) -> None:
    """Raises WrongDirectory."""
    if journal_in(directory).exists() and not (directory / MARKER).exists():
        raise WrongDirectory(f"{directory} holds an exchange that is no demo: name another one")


def mark_as_demo(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    (directory / MARKER).write_text("Made by `coinport demo`: play money, known passwords.\n")
