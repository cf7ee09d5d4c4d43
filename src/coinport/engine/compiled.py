"""What is compiled from C++, where it was built. None where it was not: Python does all of it."""

from importlib import import_module
from types import ModuleType


def _built() -> ModuleType | None:
    try:
        return import_module("coinport.engine._native")
    except ImportError:
        return None


compiled = _built()
