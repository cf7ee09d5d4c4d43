"""The feed: what became durable, told to whoever follows, in order and at once."""

from collections.abc import Callable
from typing import TypeAlias

from coinport.journal.records import Records
from coinport.model.units import Sequence

Follower: TypeAlias = Callable[[Records], None]


class Feed:
    """Followers are called on the event loop, before the submitters get their answers; so they must
    be quick, and one that raises ends the exchange."""

    def __init__(self, last: Sequence) -> None:
        self.last = last
        """Sequence of the last record told, or of the journal's last at the start."""
        self._followers: list[Follower] = []

    def subscribe(self, follower: Follower) -> None:
        """`follower` is told every record from the next one on."""
        self._followers.append(follower)

    def publish(self, records: Records) -> None:
        """Records that follow `last`. None of them may be undone any more."""
        self.last = Sequence(self.last + len(records))
        for follower in self._followers:
            follower(records)
