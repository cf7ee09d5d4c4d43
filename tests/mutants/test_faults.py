"""The list of deliberate faults fits the rules as they are. `make mutants` tries them all."""

import shutil
from pathlib import Path

import pytest

from tests.mutants import comparing
from tests.mutants.__main__ import ROOT, damage
from tests.mutants.faults import FAULTS
from tests.mutants.python import PATCHES


def test_every_fault_is_known_in_every_engine() -> None:
    assert list(FAULTS) == list(PATCHES)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_can_be_put_in_and_leaves_sound_python(fault: str, tmp_path: Path) -> None:
    source = ROOT / "src" / "coinport" / "engine"
    engine = shutil.copytree(source, tmp_path / "engine")
    damage(engine, fault)
    changed = engine / PATCHES[fault][0]
    assert changed.read_text("utf-8") != (source / changed.name).read_text("utf-8")
    compile(changed.read_text("utf-8"), changed.name, "exec")


@pytest.mark.parametrize("fault", comparing.PATCHES)
def test_a_fault_can_be_put_into_the_native_engine(fault: str, tmp_path: Path) -> None:
    assert fault in FAULTS
    source = shutil.copytree(ROOT / "native" / "src", tmp_path / "src")
    comparing.damage(source, fault)
    changed = source / comparing.PATCHES[fault][0]
    assert changed.read_text("utf-8") != (ROOT / "native/src" / changed.name).read_text("utf-8")
