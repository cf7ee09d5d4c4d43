"""Inputs that the fuzzer begins with (native/fuzz/fuzz.cpp): commands, records, snapshots.

python -m tests.fuzz_seeds FOLDER
"""

import sys
from itertools import islice
from pathlib import Path

from coinport.app.bench.everything import everything
from coinport.engine.rulebook import Rulebook

COMMANDS, RECORDS, SNAPSHOT = 0, 1, 2


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    engine = Rulebook()
    for number, (_, commands, records) in enumerate(islice(everything(engine), 1, 12)):
        for at in range(0, len(commands), 20):
            name = f"{number}-{at}"
            write(folder / f"{name}-commands", COMMANDS, pieces(commands[at : at + 20]))
            write(folder / f"{name}-records", RECORDS, pieces(records[at : at + 20]))
    small = Rulebook()
    _, commands, _ = next(everything(Rulebook()))
    small.execute(1, commands[:40])
    write(folder / "snapshot", SNAPSHOT, small.snapshot())


def pieces(items: list[bytes]) -> bytes:
    return b"".join(len(item).to_bytes(2, "little") + item for item in items)


def write(path: Path, kind: int, data: bytes) -> None:
    path.write_bytes(bytes([kind]) + data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
