"""Readiness: where the read models are stuck, whoever asks them waits for nothing."""

from collections.abc import Callable
from collections.abc import Sequence as SequenceOf
from typing import Final

from coinport.journal.records import end_of
from coinport.model.records import Record
from coinport.model.units import Sequence

LAG_MAX_MS: Final = 5_000
"""Of the read models; ordinarily it is a tenth of a second."""
MARK_EVERY_MS: Final = 500
MARKS_MAX: Final = 100


class Readiness:
    """Follows the feed and marks some of its records: the read models lag as far behind as the
    oldest marked record that they do not have has been waiting."""

    def __init__(self, projected: Callable[[], Sequence], clock: Callable[[], int]) -> None:
        """`projected` tells the last record that the read models have."""
        self._projected = projected
        self._clock = clock
        self._marks: list[tuple[Sequence, int]] = []
        """Sequence, and when it was told in ms; the oldest first."""

    def begin(self, last: Sequence) -> None:
        """The feed goes on from here."""
        self._marks.append((last, self._clock()))

    def __call__(self) -> bool:
        return self.lag_ms <= LAG_MAX_MS

    @property
    def lag_ms(self) -> int:
        self._forget()
        return self._clock() - self._marks[0][1] if self._marks else 0

    def follow(self, records: SequenceOf[Record]) -> None:
        self._forget()
        marks, now = self._marks, self._clock()
        if not marks or now - marks[-1][1] >= MARK_EVERY_MS:
            marks.append((end_of(records)[0], now))
        if len(marks) > MARKS_MAX:
            del marks[1::2]

    def _forget(self) -> None:
        """What the read models have."""
        projected = self._projected()
        while self._marks and self._marks[0][0] <= projected:
            del self._marks[0]
