"""The engines there are. Every suite of the rules runs on each of them: this is the one list.

A new engine joins by one line here; what it must keep is `tests/contracts/test_engine_contract.py`.
"""

from collections.abc import Callable

import pytest

from coinport.engine.rulebook import Rulebook
from coinport.engine.seam import Engine

NewEngine = Callable[[], Engine]

ENGINES: list[NewEngine] = [Rulebook]

every_engine = pytest.mark.parametrize("new_engine", ENGINES, ids=lambda new: new().name)
