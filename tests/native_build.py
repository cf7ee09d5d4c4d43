"""The native engine built by hand: damaged, or with sanitizers, beside the one that is installed.

python -m tests.native_build sanitize PYTEST_ARGUMENTS...   the suites on a sanitized engine
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import nanobind

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "tests"
COMPILER = os.environ.get("CXX", "c++")
SANITIZED = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
LIBRARIES = ("libasan.so", "libubsan.so")
RUN = """
import sys, pytest
sys.meta_path[:] = [each for each in sys.meta_path if "ScikitBuild" not in type(each).__name__]
import coinport
from coinport.engine import _native
folder, *arguments = sys.argv[1:]
for each in (coinport, _native):
    assert each.__file__.startswith(folder), f"{each.__file__} is not the copy in {folder}"
sys.exit(pytest.main(arguments))
"""
"""Run pytest, but only on the copy: what an editable install has put before PYTHONPATH is taken
out."""


def border(flags: Sequence[str], folder: Path) -> list[Path]:
    """What does not change with the rules: nanobind, the border to Python and the texts of orders,
    compiled."""
    library = Path(nanobind.source_dir()) / "nb_combined.cpp"
    folder.mkdir(parents=True, exist_ok=True)
    sources = [
        library,
        ROOT / "native/src/module.cpp",
        *sorted((ROOT / "native/texts").glob("*.cpp")),
    ]
    objects = [folder / f"{source.stem}.o" for source in sources]
    newest = max(_newest(ROOT / "native/src"), _newest(ROOT / "native/texts"))
    for source, made in zip(sources, objects, strict=True):
        if not made.exists() or made.stat().st_mtime < newest:
            _compile(flags, [], source, made)
    return objects


def build(native: Path, package: Path, flags: Sequence[str], objects: Sequence[Path]) -> None:
    """The rules in the folder `native`, joined with `objects`, into the copy `package`."""
    rules = sorted(each for each in (native / "src").glob("*.cpp") if each.name != "module.cpp")
    made = package.parent / "rules.o"
    _compile(flags, rules[:-1], rules[-1], made)
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    target = package / "engine" / f"_native{suffix}"
    _run([COMPILER, *flags, "-shared", str(made), *map(str, objects), "-o", str(target)])


def copy_package(folder: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "*.so")
    return Path(shutil.copytree(ROOT / "src/coinport", folder / "coinport", ignore=ignored))


def run_tests(
    folder: Path, arguments: Sequence[str], **more: str
) -> "subprocess.CompletedProcess[str]":
    """pytest with the package in `folder`; `more` goes into its environment."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "COINPORT_SHRINK": "0", **more}
    command = [sys.executable, "-c", RUN, str(folder), "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def sanitize(arguments: Sequence[str]) -> int:
    folder = BUILD / "sanitized"
    objects = border(SANITIZED, folder)
    shutil.rmtree(folder / "coinport", ignore_errors=True)
    build(ROOT / "native", copy_package(folder), SANITIZED, objects)
    found = [_run([COMPILER, f"-print-file-name={name}"]).strip() for name in LIBRARIES]
    done = run_tests(
        folder,
        ["--capture=sys", *arguments],  # what a sanitizer says must not end with the process
        LD_PRELOAD=" ".join(found),
        ASAN_OPTIONS="detect_leaks=0",
        PYCRYPTODOME_DISABLE_DEEPBIND="1",  # its libraries are loaded in a way that ASan refuses
    )
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


def _compile(flags: Sequence[str], included: Sequence[Path], source: Path, made: Path) -> None:
    here = Path(nanobind.include_dir())
    paths = [str(here), str(here.parent / "ext/robin_map/include"), sysconfig.get_path("include")]
    before = [word for each in included for word in ("-include", str(each))]
    where = [f"-I{path}" for path in paths]
    fixed = ["-std=c++20", "-fPIC", "-fvisibility=hidden", "-DNDEBUG", "-fno-strict-aliasing"]
    _run([COMPILER, *fixed, *flags, *where, *before, "-c", str(source), "-o", str(made)])


def _newest(folder: Path) -> float:
    return max(each.stat().st_mtime for each in folder.iterdir())


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    assert sys.argv[1] == "sanitize", __doc__
    sys.exit(sanitize(sys.argv[2:]))
