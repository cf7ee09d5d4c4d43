"""Which engine decides is chosen in one place."""

import sys

import pytest

from coinport.app import engines
from coinport.app.config_keys import ConfigError


def test_both_engines_can_be_chosen_by_name() -> None:
    assert engines.engine_class("python")().name == "python"
    if engines.built():
        assert engines.engine_class("native")().name == "native"
        assert engines.engine_class("auto")().name == "native"


def test_without_the_native_engine_the_rulebook_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "built", lambda: False)
    assert engines.engine_class("auto")().name == "python"
    with pytest.raises(ConfigError, match="compiler"):
        engines.engine_class("native")


def test_the_name_of_an_engine_is_that_of_a_class() -> None:
    for name in engines.ENGINES.values():
        module, _, cls = name.partition(":")
        assert cls
        assert module.startswith("coinport.engine.")
    assert "coinport.engine" in sys.modules
