"""The engines there are, in one list: a new one joins by a line here.

On each of them run the scenarios of docs/rulebook (tests/rulebook), the contract of the seam
(tests/contracts/test_engine_contract.py), what records say (tests/engine) and the random histories
(tests/properties). Where there was no compiler there is no native engine.
"""

from collections.abc import Callable

import pytest

from coinport.app import engines
from coinport.engine.rulebook import Rulebook
from coinport.engine.seam import Engine

NewEngine = Callable[[], Engine]

ENGINES: list[NewEngine] = [Rulebook]

if engines.built():
    from coinport.engine.native import NativeEngine

    ENGINES.append(NativeEngine)

every_engine = pytest.mark.parametrize("new_engine", ENGINES, ids=lambda new: new().name)
