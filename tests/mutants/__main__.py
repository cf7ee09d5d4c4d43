"""Put deliberate faults into the rules, one at a time: each must make a test fail.

    python -m tests.mutants                 every fault of `faults.py`
    python -m tests.mutants fok-ignored     only this one

A fault goes into a copy of the package in a temporary folder; the tree is never touched. Prints
which suite noticed which fault; the exit code is 1 where one went unnoticed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.faults import FAULTS
from tests.mutants.python import PATCHES

ROOT = Path(__file__).parents[2]
SUITES = {
    "rulebook": ["tests/rulebook"],
    "engine": ["tests/engine", "tests/contracts/test_engine_contract.py"],
    "properties": ["tests/properties"],
}


def main(names: list[str]) -> int:
    if unknown := sorted(set(names) - set(FAULTS)):
        print(f"no such fault: {', '.join(unknown)}; see tests/mutants/faults.py", file=sys.stderr)
        return 2
    chosen = names or list(FAULTS)
    width = max(len(name) for name in FAULTS) + 2
    print(f"{'fault':{width}}{''.join(f'{suite:12}' for suite in SUITES)}what it does")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        if any(pool.map(_notices, SUITES, [None] * len(SUITES))):
            print("the suites fail without any fault: mend that first", file=sys.stderr)
            return 1
        unnoticed = []
        for name, by in zip(chosen, pool.map(_noticed, chosen), strict=True):
            row = "".join(f"{'noticed' if suite in by else '-':12}" for suite in SUITES)
            print(f"{name:{width}}{row}{FAULTS[name]}", flush=True)
            if not by:
                unnoticed.append(name)
    print(f"{len(chosen) - len(unnoticed)} of {len(chosen)} faults were noticed.")
    if unnoticed:
        print(f"Unnoticed: {', '.join(unnoticed)}.")
    return 1 if unnoticed else 0


def _noticed(fault: str) -> set[str]:
    """The suites that fail with this fault in the rules."""
    return {suite for suite in SUITES if _notices(suite, fault)}


def _notices(suite: str, fault: str | None) -> bool:
    with tempfile.TemporaryDirectory(prefix="coinport-mutant-") as folder:
        package = Path(folder) / "coinport"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "src/coinport", package, ignore=ignored)
        if fault is not None:
            damage(package / "engine", fault)
        return _fails(SUITES[suite], folder)


def damage(engine: Path, fault: str) -> None:
    """Put `fault` into the sources in the folder `engine`."""
    name, stands, does = PATCHES[fault]
    source = (engine / name).read_text("utf-8")
    found = source.count(stands)
    assert found == 1, f"{fault}: {stands!r} stands {found} times in {name}"
    (engine / name).write_text(source.replace(stands, does), "utf-8")


def _fails(tests: Iterable[str], source: str) -> bool:
    """Whether a test fails with the package in the folder `source`."""
    command = [sys.executable, "-c", _RUN, source, "-x", "-p", "no:cacheprovider", "--timeout=60"]
    environment = {**os.environ, "PYTHONPATH": source, "COINPORT_SHRINK": "0"}
    environment.pop("COINPORT_HISTORIES", None)
    run = subprocess.run(
        [*command, *tests], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if run.returncode not in (0, 1):
        raise RuntimeError(f"the tests did not run:\n{run.stdout}\n{run.stderr}")
    return run.returncode == 1


_RUN = """
import sys, pytest
sys.meta_path[:] = [each for each in sys.meta_path if "ScikitBuild" not in type(each).__name__]
import coinport
source, *arguments = sys.argv[1:]
assert coinport.__file__.startswith(source), f"{coinport.__file__} is not the copy in {source}"
sys.exit(pytest.main(arguments))
"""
"""Run pytest, but only on the damaged copy: what an editable install has put before PYTHONPATH is
taken out."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
