"""Events change the state, each in its own way, and none is forgotten."""

from coinport.engine import evolve
from coinport.model.events import Event


def test_every_event_is_applied() -> None:
    assert set(evolve._APPLY) == set(Event.__args__)
