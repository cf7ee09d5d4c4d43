"""A channel: who listens, and when they are told. What they are told is its `Source`'s affair.

A newcomer gets a snapshot, and from then on every update, each of which goes on where the one
before ended. The first comes right after an update, so it needs no arithmetic to fit.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import structlog

from coinport.database import Busy
from coinport.gateway.streams.frames import data_frame
from coinport.model.records import Record
from coinport.model.units import Sequence

if TYPE_CHECKING:
    from coinport.gateway.streams.hub import Hub
    from coinport.gateway.streams.session import Session

_log = structlog.get_logger(__name__)


class Source(Protocol):
    """Of what a channel tells; the texts are JSON."""

    def follow(self, record: Record, event: Any) -> None:
        """An event that concerns it. Must be quick."""

    def update(self) -> bytes | None:
        """What has changed since the last update, or the first part of it where it is much; None:
        nothing to tell."""

    def snapshot(self) -> bytes:
        """All of it, as it is after the last update."""


Load = Callable[[], Awaitable[Sequence]]
"""Reads what a source begins with, as it was after the record that it returns."""


class Key(NamedTuple):
    name: str
    """As frames have it, `depth.BTC-CNY`."""
    account: int
    """0: public."""
    strings: bool
    """Figures are JSON strings."""


class Channel:
    __slots__ = (
        "_early",
        "_hub",
        "_joining",
        "_load",
        "_members",
        "_told",
        "curious",
        "flushed_at",
        "held",
        "interval_s",
        "key",
        "scheduled",
        "source",
        "unsent",
    )

    def __init__(
        self,
        key: Key,
        hub: "Hub",
        source: Source,
        load: Load | None,
        interval_s: float,
        curious: bool,
    ) -> None:
        """At most one update every `interval_s`. `curious`: of orders that did not trade, too."""
        self.key = key
        self.source = source
        self.interval_s = interval_s
        self.curious = curious
        self.flushed_at = 0.0
        self.scheduled = False
        """It will be flushed without being asked to once more."""
        self.unsent = 0
        """Frames of it that did not go to all their readers yet."""
        self.held = False
        """It will be flushed when there are none."""
        self._hub = hub
        self._load = load
        self._early: list[tuple[Record, Any]] | None = None if load is None else []
        """What came before it was loaded; None: it is."""
        self._members: dict[Session, None] = {}
        self._told: tuple[Session, ...] | None = None
        """The members, made anew only where they changed: a frame on its way keeps its readers."""
        self._joining: dict[Session, None] = {}

    @property
    def loading(self) -> bool:
        return self._early is not None

    @property
    def empty(self) -> bool:
        return not self._members and not self._joining

    @property
    def subscribers(self) -> int:
        return len(self._members) + len(self._joining)

    def join(self, session: "Session") -> None:
        self._joining[session] = None
        if self._early is None:
            self._hub.changed(self)

    def leave(self, session: "Session") -> None:
        self._joining.pop(session, None)
        if session in self._members:
            del self._members[session]
            self._told = None

    def hears(self, session: "Session") -> bool:
        """Whether it has, or gets with the next frame, a snapshot that updates go on from. Not
        who has left, nor who has joined again since and waits for a new one."""
        return session in self._members

    def follow(self, record: Record, event: Any) -> None:
        if self._early is not None:
            self._early.append((record, event))
            return
        self.source.follow(record, event)
        self._hub.changed(self)

    def flush(self) -> None:
        """An update to the members, then a snapshot to the newcomers."""
        while (update := self.source.update()) is not None:
            if not self._members:
                continue
            if self._told is None:
                self._told = tuple(self._members)
            self._hub.put(self, data_frame(self.key.name, "update", update), self._told)
        if self._joining:
            joining, self._joining = self._joining, {}
            snapshot = data_frame(self.key.name, "snapshot", self.source.snapshot())
            self._hub.put(self, snapshot, tuple(joining))
            self._members |= joining
            self._told = None

    async def load(self) -> None:
        """Once, before anybody is told anything; those who wait are told to try again where it
        cannot be."""
        if self._load is None:
            return
        try:
            sequence = await self._load()
        except (Busy, TimeoutError, asyncio.CancelledError) as error:
            _log.warning("a channel cannot be read now", channel=self.key.name, error=repr(error))
            for session in [*self._joining]:
                session.resync(self)
            return
        early, self._early = self._early or [], None
        for record, event in early:
            if record.sequence > sequence:
                self.source.follow(record, event)
        self._hub.changed(self)
