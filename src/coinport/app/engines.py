"""Which engine decides: the native one where it was built, the rulebook where it was not."""

from collections.abc import Callable
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from typing import Final, Literal, TypeAlias

from coinport.app.config_keys import ConfigError
from coinport.engine.seam import Engine

Choice: TypeAlias = Literal["auto", "native", "python"]


class EngineChoice(Enum):
    """The same for the command line."""

    auto = "auto"
    native = "native"
    python = "python"

    value: Choice


ENGINES: Final = {
    "native": "coinport.engine.native:NativeEngine",
    "python": "coinport.engine.rulebook:Rulebook",
}
"""Module and class of each."""


def built() -> bool:
    """Whether the native engine was, for this Python."""
    return find_spec("coinport.engine._native") is not None


def engine_named(choice: Choice) -> str:
    """Module and class of the engine that is meant. Raises ConfigError where it is not here."""
    if choice == "auto":
        choice = "native" if built() else "python"
    if choice == "native" and not built():
        raise ConfigError(
            "engine is native, but that was not built here: install a C++20 compiler and coinport"
            " again, or choose auto or python"
        )
    return ENGINES[choice]


def engine_class(choice: Choice) -> Callable[[], Engine]:
    """Raises ConfigError where it is not here."""
    module, _, name = engine_named(choice).partition(":")
    found: Callable[[], Engine] = getattr(import_module(module), name)
    return found
