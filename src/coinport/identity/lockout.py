"""Lock-out: too many wrong attempts, and even a right one is refused for a while."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

KEYS_MAX: Final = 100_000
"""Keys remembered; the one longest without a wrong attempt is forgotten first."""


class Lockout:
    """`limit` wrong attempts for one key within the window lock it. In memory only.

    An attempt is judged first and the lock looked at afterwards, without waiting in between: so
    who is locked out waits as long as anybody, and guesses made at once count like guesses in turn.
    """

    def __init__(self, limit: int, *, window_ms: int, clock: Callable[[], int]) -> None:
        """Attempts count together within `window_ms`, and a lock lasts as long."""
        self._limit = limit
        self._window_ms = window_ms
        self._clock = clock
        self._wrong_ms: OrderedDict[Hashable, list[int]] = OrderedDict()

    def locked(self, key: Hashable) -> bool:
        wrong = self._wrong_ms.get(key)
        return (
            wrong is not None
            and len(wrong) >= self._limit
            and self._clock() < wrong[-1] + self._window_ms
        )

    def count_wrong(self, key: Hashable) -> None:
        """While a key is locked further attempts do not count: a lock ends."""
        if self.locked(key):
            return
        now = self._clock()
        wrong = self._wrong_ms.pop(key, [])
        self._wrong_ms[key] = [time for time in wrong if time > now - self._window_ms] + [now]
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
