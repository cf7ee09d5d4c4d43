"""Lock-out: too many wrong attempts, and even a right one is refused for a while."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

WINDOW_MS: Final = 15 * 60 * 1000
"""Attempts that count together; also how long a lock lasts."""
KEYS_MAX: Final = 100_000
"""Keys remembered; the one longest without a wrong attempt is forgotten first."""


class Lockout:
    """`limit` wrong attempts for one key within the window lock it. In memory only."""

    def __init__(self, limit: int, clock: Callable[[], int]) -> None:
        self._limit = limit
        self._clock = clock
        self._wrong_ms: OrderedDict[Hashable, list[int]] = OrderedDict()

    def locked(self, key: Hashable) -> bool:
        wrong = self._wrong_ms.get(key)
        return (
            wrong is not None
            and len(wrong) >= self._limit
            and self._clock() < wrong[-1] + WINDOW_MS
        )

    def count_wrong(self, key: Hashable) -> None:
        """While a key is locked further attempts do not count: a lock ends."""
        if self.locked(key):
            return
        now = self._clock()
        wrong = self._wrong_ms.pop(key, [])
        self._wrong_ms[key] = [time for time in wrong if time > now - WINDOW_MS] + [now]
        if len(self._wrong_ms) > KEYS_MAX:
            self._wrong_ms.popitem(last=False)


@lru_cache(maxsize=4096)
def origin(address: str) -> str:
    """What counts as one address: a whole /64 of IPv6, for one customer can use all of it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(IPv6Address(int(parsed) >> 64 << 64))
