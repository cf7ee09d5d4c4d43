"""The rulebook knows every command, and a decision sees what it has done so far."""

import pytest

from coinport.engine import rulebook
from coinport.engine.rulebook import Rulebook
from coinport.engine.seam import Engine
from coinport.model.commands import Command
from tests.scenario import play


def test_every_command_is_decided() -> None:
    assert set(rulebook._DECIDE) == set(Command.__args__)


def test_it_is_called_python() -> None:
    engine: Engine = Rulebook()
    assert engine.name == "python"


def test_replay_decides_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal stays readable when the rules have changed since."""
    world = play("bob deposits 10 USD\nbob buys 1 at 10", Rulebook)
    monkeypatch.setattr(rulebook, "_DECIDE", {})
    replayed = Rulebook()
    replayed.replay(world.records)
    assert replayed.snapshot() == world.engine.snapshot()
