"""Put deliberate faults into the native engine, one at a time: the comparison must find each.

    python -m tests.mutants.comparing                 every fault of `native.py`
    python -m tests.mutants.comparing ioc-rests       only this one

The exit code is 1 where one was not found.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.mutants.faults import FAULTS
from tests.mutants.native import PATCHES
from tests.native_build import BUILD, ROOT, border, build, copy_package, run_tests

FLAGS = ("-O0",)
COMMANDS = "15000"


def main(names: list[str]) -> int:
    chosen = names or list(PATCHES)
    objects = border(FLAGS, BUILD / "mutants")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        if _found(None, objects):
            print("the engines differ without any fault: mend that first", file=sys.stderr)
            return 1
        unfound = []
        found_each = pool.map(partial(_found, objects=objects), chosen)
        for name, found in zip(chosen, found_each, strict=True):
            print(f"{name:28}{'found' if found else '-':8}{FAULTS[name]}", flush=True)
            if not found:
                unfound.append(name)
    print(f"{len(chosen) - len(unfound)} of {len(chosen)} faults in the native engine were found.")
    return 1 if unfound else 0


def damage(source: Path, fault: str) -> None:
    """Put `fault` into the sources in the folder `source`."""
    name, stands, does = PATCHES[fault]
    text = (source / name).read_text("utf-8")
    assert text.count(stands) == 1, f"{fault}: {stands!r} stands {text.count(stands)} times"
    (source / name).write_text(text.replace(stands, does), "utf-8")


def _found(fault: str | None, objects: Sequence[Path]) -> bool:
    """Whether the two engines differ with this fault."""
    with tempfile.TemporaryDirectory(prefix="coinport-mutant-") as name:
        folder = Path(name)
        native = Path(shutil.copytree(ROOT / "native", folder / "native"))
        if fault:
            damage(native / "src", fault)
        build(native, copy_package(folder), FLAGS, objects)
        # A fault may keep the engine from ever coming back, where no signal reaches Python.
        arguments = ["-x", "--timeout-method=thread", "tests/comparison"]
        done = run_tests(folder, arguments, COINPORT_STREAM=COMMANDS)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"the tests did not run:\n{done.stdout}\n{done.stderr}")
        return done.returncode == 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
