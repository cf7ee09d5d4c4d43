"""Token buckets: what is allowed, what the headers say, what they remember."""

import pytest

from coinport.gateway.ratelimit import UNLIMITED, Buckets, Limit, Limits, RateLimits
from coinport.model.units import AccountId

SECOND = 1_000_000_000
ALICE, BOB = AccountId(1_000_000_001), AccountId(1_000_000_002)


class Clock:
    now = 5 * SECOND

    def __call__(self) -> int:
        return self.now


def test_a_rested_client_may_spend_its_burst_at_once_and_no_more() -> None:
    buckets = Buckets[str](Limit(per_second=2, burst=3), Clock())
    assert [buckets.take("a").allowed for _ in range(5)] == [True, True, True, False, False]


def test_tokens_come_back_at_the_given_rate_and_never_above_the_burst() -> None:
    clock = Clock()
    buckets = Buckets[str](Limit(per_second=2, burst=3), clock)
    for _ in range(3):
        buckets.take("a")
    clock.now += SECOND // 2
    assert [buckets.take("a").allowed for _ in range(2)] == [True, False]
    clock.now += 1000 * SECOND
    assert [buckets.take("a").allowed for _ in range(4)] == [True, True, True, False]


def test_a_refused_request_costs_nothing() -> None:
    clock = Clock()
    buckets = Buckets[str](Limit(per_second=1, burst=1), clock)
    for _ in range(100):
        buckets.take("a")
    clock.now += SECOND
    assert buckets.take("a").allowed


def test_one_client_does_not_spend_what_is_anothers() -> None:
    buckets = Buckets[str](Limit(per_second=1, burst=1), Clock())
    assert [buckets.take(key).allowed for key in "aabb"] == [True, False, True, False]


def test_the_headers_say_what_is_left_and_when_to_come_again() -> None:
    buckets = Buckets[str](Limit(per_second=0.5, burst=2), Clock())
    assert dict(buckets.take("a").headers()) == {
        b"x-ratelimit-limit": b"2",
        b"x-ratelimit-remaining": b"1",
        b"x-ratelimit-reset": b"2",
    }
    buckets.take("a")
    assert dict(buckets.take("a").headers()) == {
        b"x-ratelimit-limit": b"2",
        b"x-ratelimit-remaining": b"0",
        b"x-ratelimit-reset": b"4",
        b"retry-after": b"2",
    }


def test_who_comes_again_after_retry_after_is_allowed() -> None:
    clock = Clock()
    buckets = Buckets[str](Limit(per_second=0.3, burst=1), clock)
    buckets.take("a")
    clock.now += buckets.take("a").retry_after_s * SECOND
    assert buckets.take("a").allowed


def test_asking_for_the_verdict_takes_nothing() -> None:
    buckets = Buckets[str](Limit(per_second=1, burst=1), Clock())
    assert buckets.verdict("a").remaining == 1
    assert buckets.verdict("a").allowed
    buckets.take("a")
    assert buckets.verdict("a") == buckets.take("a")
    assert not buckets.verdict("a").allowed


def test_memory_is_bounded_and_the_longest_unused_bucket_goes_first() -> None:
    buckets = Buckets[str](Limit(per_second=0.001, burst=2), Clock(), most=2)
    for key in "abac":
        buckets.take(key)
    assert not buckets.take("a").allowed
    assert buckets.take("b").remaining == 1
    assert len(buckets._full_at) == 2


def test_public_calls_are_limited_by_address_and_private_ones_by_account() -> None:
    one = Limit(per_second=1, burst=1)
    limits = RateLimits(Limits(public=one, private=one, failures=one), Clock())
    verdicts = [
        limits.public("192.0.2.1"),
        limits.public("192.0.2.1"),
        limits.public("192.0.2.2"),
        limits.private(ALICE),
        limits.private(ALICE),
        limits.private(BOB),
        limits.failures("192.0.2.1"),
        limits.failed("192.0.2.1"),
        limits.failures("192.0.2.1"),
    ]
    assert [verdict and verdict.allowed for verdict in verdicts] == [
        True, False, True, True, False, True, True, True, False,
    ]  # fmt: skip


def test_addresses_of_one_ipv6_network_share_a_bucket() -> None:
    limits = RateLimits(Limits(public=Limit(per_second=1, burst=1)), Clock())
    verdicts = [limits.public("2001:db8::1"), limits.public("2001:db8::2")]
    assert [verdict and verdict.allowed for verdict in verdicts] == [True, False]


def test_limits_can_be_switched_off() -> None:
    limits = RateLimits(UNLIMITED)
    assert limits.public("192.0.2.1") is None
    assert limits.private(ALICE) is None
    assert limits.failed("192.0.2.1") is None
    assert limits.failures("192.0.2.1") is None


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (1, 0), (float("nan"), 1)])
def test_a_limit_that_would_allow_nothing_is_refused(per_second: float, burst: int) -> None:
    with pytest.raises(ValueError, match="rate limit"):
        Limit(per_second=per_second, burst=burst)
