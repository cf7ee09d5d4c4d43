"""The seam between the rules and everything else: encoded commands in, encoded records out.

Any engine behind it must pass the suites that `tests/engines.py` names, and write the same bytes.
"""

from collections.abc import Sequence as SequenceOf
from typing import Protocol

from coinport.engine.packed import Packed
from coinport.model.units import Sequence, TimeMs


class Engine(Protocol):
    @property
    def name(self) -> str:
        """Which engine this is, for `status` and benchmarks: "python" or
        "native"."""

    @property
    def sequence(self) -> Sequence:
        """Of the last record executed or replayed; 0 at the start."""

    @property
    def time(self) -> TimeMs:
        """Of the last record; time never runs backwards."""

    def execute(self, time: TimeMs, commands: SequenceOf[bytes]) -> list[bytes]:
        """Decide and apply each command; one record each, in order, sequences consecutive.

        `time` earlier than the last record's counts as the last record's. Whatever a command says,
        the answer is a record; raises msgspec.DecodeError (UnicodeDecodeError for a broken text),
        before anything happened, only where bytes are not a command at all.
        """

    def execute_packed(self, time: TimeMs, commands: Packed) -> Packed:
        """The same without an object for each command and record; also raises ValueError, before
        anything happened, where lengths and data do not fit together."""

    def replay(self, records: SequenceOf[bytes]) -> None:
        """Apply what records say, without deciding anew.

        Raises ValueError where the first does not follow the last one executed or replayed.
        """

    def replay_packed(self, records: Packed) -> None:
        """The same of records as they stand in a batch of the journal."""

    def snapshot(self) -> bytes:
        """The whole state, canonical: equal states give equal bytes, whichever engine made them."""

    def restore(self, snapshot: bytes) -> None:
        """Become the state that `snapshot` holds. For a new engine only."""
