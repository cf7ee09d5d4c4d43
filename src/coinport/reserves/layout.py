"""Where in the data directory what is published stands, and what must never be."""

import re
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """Of a published file; its name begins with it."""

    SNAPSHOT = "snapshot"
    TRANSFER = "transfer"


_NAME = re.compile(rf"({'|'.join(Kind)})-([1-9][0-9]{{0,17}})\.json").fullmatch


def published_in(data: Path) -> Path:
    """A directory for each currency, open to everybody."""
    return data / "published"


def proofs_in(data: Path) -> Path:
    """A directory for each currency, private: it says which rows are whose."""
    return data / "proofs"


def tree_path(data: Path, currency: str, snapshot: int) -> Path:
    return proofs_in(data) / currency / f"{Kind.SNAPSHOT}-{snapshot}.tree"


def key_path(data: Path) -> Path:
    """The exchange's signing key."""
    return data / "publishing.key"


def file_name(kind: Kind, id: int) -> str:
    return f"{kind}-{id}.json"


def named(name: str) -> tuple[Kind, int] | None:
    """What a file of this name is; None where it is none that is published."""
    match = _NAME(name)
    return (Kind(match[1]), int(match[2])) if match else None


def published(directory: Path, kind: Kind) -> list[tuple[int, Path]]:
    """Id and path of the files of one kind in a currency's directory, the oldest first."""
    found = [(named(path.name), path) for path in directory.glob(f"{kind}-*.json")]
    return sorted((what[1], path) for what, path in found if what)
