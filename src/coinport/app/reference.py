"""The files that are generated from the code: `make docs` writes them, `make check` compares."""

import sys
from collections.abc import Callable
from pathlib import Path

from coinport.app import config

ROOT = Path(__file__).parents[3]

GENERATED: dict[str, Callable[[], str]] = {
    "coinport.example.toml": config.example,
}
"""What makes the text of each, by its path from the root of the repository."""


def stale() -> list[str]:
    return [
        name
        for name, made in GENERATED.items()
        if not (ROOT / name).is_file() or (ROOT / name).read_text() != made()
    ]


def main() -> None:
    if "--check" in sys.argv:
        if names := stale():
            sys.exit(f"not what the code says: {', '.join(names)}; run: make docs")
        return
    for name in stale():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(GENERATED[name]())
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
