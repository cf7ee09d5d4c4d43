"""The pulse: how much happens now, and how fast; for people to look at."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

SECONDS: Final = 60
"""That throughput is averaged over."""
BATCHES: Final = 1_000
"""The newest batches, whose times are looked at."""


class Beat(NamedTuple):
    commands_per_second: float
    answers_per_second: float
    sync_ms: tuple[float, float]
    """How long a batch took to become durable: the median, and what 99 of 100 are below."""
    command_ms: tuple[float, float]
    """How long the first command of a batch waited for its answer: likewise."""
    uptime_ms: int


class Pulse:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: in seconds."""
        self._clock = clock
        self._started = clock()
        self._commands = _Rate(clock)
        self._answers = _Rate(clock)
        self._syncs: deque[float] = deque(maxlen=BATCHES)
        self._waits: deque[float] = deque(maxlen=BATCHES)

    def follow(self, records: int) -> None:
        """How many there were, just now."""
        self._commands.count(records)

    def answered(self, number: int = 1) -> None:
        self._answers.count(number)

    def synced(self, seconds: float) -> None:
        """From the thread that writes."""
        self._syncs.append(seconds)

    def commanded(self, seconds: float) -> None:
        self._waits.append(seconds)

    def beat(self) -> Beat:
        return Beat(
            self._commands.per_second(),
            self._answers.per_second(),
            _usual_and_high_ms(self._syncs),
            _usual_and_high_ms(self._waits),
            round((self._clock() - self._started) * 1000),
        )


def _usual_and_high_ms(seconds: deque[float]) -> tuple[float, float]:
    ordered = sorted(seconds.copy()) or [0.0]
    median, high = (ordered[len(ordered) * percent // 100] for percent in (50, 99))
    return median * 1000, high * 1000


class _Rate:
    """Counts by the second, of the last minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._started = clock()
        self._counts = [0] * SECONDS
        self._at = int(self._started)

    def count(self, number: int) -> None:
        now = int(self._clock())
        if now != self._at:
            self._forget(now)
        self._counts[now % SECONDS] += number

    def per_second(self) -> float:
        self._forget(int(self._clock()))
        seconds = min(SECONDS, max(1.0, self._clock() - self._started))
        return sum(self._counts) / seconds

    def _forget(self, now: int) -> None:
        for second in range(self._at + 1, min(now, self._at + SECONDS) + 1):
            self._counts[second % SECONDS] = 0
        self._at = now
