"""Rate limits as clients meet them: headers, 429, and who is limited together."""

from decimal import Decimal

import pytest

from coinport.gateway.errors import Code
from coinport.gateway.ratelimit import Limit, Limits
from tests.api import Answer
from tests.gateway.callers import basic
from tests.gateway.clients import registered, visitor
from tests.gateway.conftest import Running

ALICE, BOB = "alice@example.com", "bob@example.com"
pytestmark = pytest.mark.anyio

WIDE = Limit(per_second=1, burst=1000)


def limit_headers(answer: Answer) -> dict[str, str]:
    names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after")
    headers = answer.headers
    return {name: headers[name] for name in names if name in headers}


async def test_public_calls_are_limited_for_each_address(run_exchange: Running) -> None:
    limits = Limits(public=Limit(per_second=0.5, burst=2))
    async with run_exchange(limits=limits) as exchange:
        client = visitor(exchange, "192.0.2.1")
        first, second, third = [await client.get("time") for _ in range(3)]
        assert limit_headers(first) == {
            "x-ratelimit-limit": "2",
            "x-ratelimit-remaining": "1",
            "x-ratelimit-reset": "2",
        }
        assert second.code == 0
        assert (third.status, third.code) == (429, Code.RATE_LIMITED)
        assert limit_headers(third) == {
            "x-ratelimit-limit": "2",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": "4",
            "retry-after": "2",
        }
        assert (await visitor(exchange, "192.0.2.2").get("time")).code == 0
        exchange.house.clock.now_ms += 2_000
        assert (await client.get("time")).code == 0


async def test_private_calls_are_limited_for_each_account_wherever_they_come_from(
    run_exchange: Running,
) -> None:
    limits = Limits(public=WIDE, private=Limit(per_second=1, burst=2))
    async with run_exchange(limits=limits) as exchange:
        await registered(exchange, ALICE)
        await registered(exchange, BOB)
        answers = [
            await visitor(exchange, f"192.0.2.{at}", authorization=basic(ALICE)).get("user/profile")
            for at in range(3)
        ]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert limit_headers(answers[2])["retry-after"] == "1"
        bob = visitor(exchange, "192.0.2.0", authorization=basic(BOB))
        assert limit_headers(await bob.get("user/profile"))["x-ratelimit-remaining"] == "1"


async def test_a_forged_forwarded_for_gives_no_fresh_allowance(run_exchange: Running) -> None:
    async with run_exchange(limits=Limits(public=Limit(per_second=1, burst=1))) as exchange:
        client = visitor(exchange, "203.0.113.9")
        answers = [await client.get("time", x_forwarded_for=f"198.51.100.{at}") for at in range(3)]
        assert [answer.status for answer in answers] == [200, 429, 429]


async def test_limits_that_are_off_leave_no_trace(run_exchange: Running) -> None:
    async with run_exchange() as exchange:
        alice = await registered(exchange, ALICE)
        for answer in (await alice.get("time"), await alice.get("user/profile")):
            assert limit_headers(answer) == {}


async def test_the_limits_are_published(run_exchange: Running) -> None:
    limits = Limits(public=Limit(per_second=0.5, burst=20), private=None)
    async with run_exchange(limits=limits) as exchange:
        published = (await visitor(exchange).get("exchange_info")).data["rate_limits"]
        assert published["public"] == {"per_second": Decimal("0.5"), "burst": 20}
        assert published["private"] is None
