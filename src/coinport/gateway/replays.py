"""Replays: each HMAC signature counts once, for as long as its timestamp would be accepted."""

from typing import Final

SEEN_MAX: Final = 1_000_000
"""Signatures remembered, about 100 bytes each. Beyond, those that expire first are forgotten, and
whatever expires no later than they do is refused: less is accepted then, but nothing twice."""


class SeenSignatures:
    def __init__(self, most: int = SEEN_MAX) -> None:
        self._most = most
        self._count = 0
        self._expiring: dict[int, set[bytes]] = {}
        """By the second in which they expire: a window of seconds, so a few dozen sets."""
        self._purged_s = 0
        self._forgotten_s = 0
        """What expires in this second or before it may have been seen, and is no longer known."""

    def first_time(self, signature: bytes, expires_ms: int, now_ms: int) -> bool:
        """Whether `signature` may count now: not seen before, and not old enough to be forgotten.

        The caller has refused what is expired.
        """
        now_s, expires_s = now_ms // 1000, expires_ms // 1000
        if now_s != self._purged_s or self._count >= self._most:
            self._forget(now_s)
        if expires_s <= self._forgotten_s:
            return False
        seen = self._expiring.get(expires_s)
        if seen is None:
            seen = self._expiring[expires_s] = set()
        elif signature in seen:
            return False
        seen.add(signature)
        self._count += 1
        return True

    def _forget(self, now_s: int) -> None:
        """What has expired, and more where memory is full."""
        if now_s != self._purged_s:
            self._purged_s = now_s
            for second in [second for second in self._expiring if second < now_s]:
                self._drop(second)
        if self._count >= self._most:
            self._drop(min(self._expiring))

    def _drop(self, second: int) -> None:
        self._count -= len(self._expiring.pop(second))
        self._forgotten_s = max(self._forgotten_s, second)
