"""Rate limits: a token bucket for each address (public calls) and each account (private ones).

A bucket is one number: the time at which it will be full again. It holds `burst` tokens and gains
`per_second` of them; a request takes one.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, NamedTuple, TypeVar

from msgspec import Struct

from coinport.gateway.addresses import rate_limited_as
from coinport.model.units import AccountId

BUCKETS_MAX: Final = 100_000
"""Buckets of one limit; one more drops the one unused for the longest, which is full or nearly."""

_NS: Final = 1_000_000_000

Key = TypeVar("Key", bound=Hashable)


class Limit(Struct, frozen=True):
    per_second: float
    """How many requests a second for ever. Above 0."""
    burst: int
    """How many at once, after a rest. At least 1."""

    def __post_init__(self) -> None:
        if not self.per_second > 0 or self.burst < 1:
            raise ValueError(f"a rate limit needs per_second > 0 and burst >= 1: {self}")


class Limits(Struct, frozen=True):
    """As configured, and as `exchange_info` publishes them. None: not limited."""

    public: Limit | None = Limit(per_second=20, burst=100)
    """Calls without credentials, for each address (IPv6: each /64)."""
    private: Limit | None = Limit(per_second=50, burst=200)
    """Calls with credentials, for each account."""
    failures: Limit | None = Limit(per_second=2, burst=200)
    """Calls with wrong credentials, for each address. Passwords are locked out long before."""


UNLIMITED: Final = Limits(public=None, private=None, failures=None)


class Verdict(NamedTuple):
    allowed: bool
    limit: int
    remaining: int
    """Requests that would be allowed now."""
    full_s: int
    """Seconds until `remaining` is `limit` again, rounded up."""
    retry_after_s: int
    """Seconds until a refused request would be allowed, rounded up; 0 for an allowed one."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """`X-RateLimit-*`, and `Retry-After` where it was refused."""
        headers = [
            (b"x-ratelimit-limit", b"%d" % self.limit),
            (b"x-ratelimit-remaining", b"%d" % self.remaining),
            (b"x-ratelimit-reset", b"%d" % self.full_s),
        ]
        if not self.allowed:
            headers.append((b"retry-after", b"%d" % self.retry_after_s))
        return headers


class RateLimits:
    """Every answer None: not limited."""

    def __init__(self, limits: Limits, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self.limits = limits
        self._public = _buckets(limits.public, clock_ns)
        self._private = _buckets(limits.private, clock_ns)
        self._failures = _buckets(limits.failures, clock_ns)

    def public(self, address: str) -> Verdict | None:
        """Takes from the bucket of an address, for a call without credentials."""
        return self._public.take(rate_limited_as(address)) if self._public else None

    def private(self, account: AccountId) -> Verdict | None:
        """Takes from the bucket of an account, for a call whose credentials are good."""
        return self._private.take(account) if self._private else None

    def allows(self, account: AccountId) -> bool:
        """Whether `private` would allow a call now; takes nothing."""
        return self._private is None or self._private.has(account)

    def failed(self, address: str) -> Verdict | None:
        """Takes from the bucket of an address, for a call whose credentials are wrong."""
        return self._failures.take(rate_limited_as(address)) if self._failures else None

    def failures(self, address: str) -> Verdict | None:
        """Whether an address may still try credentials that cost us work; takes nothing."""
        return self._failures.verdict(rate_limited_as(address)) if self._failures else None


class Buckets(Generic[Key]):
    """The buckets of one limit."""

    def __init__(self, limit: Limit, clock_ns: Callable[[], int], most: int = BUCKETS_MAX) -> None:
        self._limit = limit
        self._clock_ns = clock_ns
        self._most = most
        self._token_ns = max(1, round(_NS / limit.per_second))
        self._burst_ns = self._token_ns * limit.burst
        self._full_at: OrderedDict[Key, int] = OrderedDict()

    def take(self, key: Key) -> Verdict:
        """Take a token where there is one; a refused request costs nothing."""
        now = self._clock_ns()
        full_at = max(self._full_at.get(key, 0), now) + self._token_ns
        late_ns = full_at - now - self._burst_ns
        if late_ns > 0:
            return self._verdict(False, full_at - self._token_ns - now, late_ns)
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return self._verdict(True, full_at - now, 0)

    def has(self, key: Key) -> bool:
        """Whether there is a token to take."""
        full_at = max(self._full_at.get(key, 0) - self._clock_ns(), 0)
        return full_at + self._token_ns <= self._burst_ns

    def verdict(self, key: Key) -> Verdict:
        """What `take` would say, taking nothing."""
        now = self._clock_ns()
        full_ns = max(self._full_at.get(key, 0) - now, 0)
        late_ns = max(full_ns + self._token_ns - self._burst_ns, 0)
        return self._verdict(late_ns == 0, full_ns, late_ns)

    def _verdict(self, allowed: bool, full_ns: int, late_ns: int) -> Verdict:
        return Verdict(
            allowed,
            self._limit.burst,
            (self._burst_ns - full_ns) // self._token_ns,
            -(-full_ns // _NS),
            -(-late_ns // _NS),
        )


def _buckets(limit: Limit | None, clock_ns: Callable[[], int]) -> Buckets[Hashable] | None:
    return Buckets(limit, clock_ns) if limit else None
