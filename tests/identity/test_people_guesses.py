"""Guesses: wrong passwords lock out, tell nothing, and keep nobody else waiting."""

import asyncio

import pytest

from coinport.identity.errors import Busy, WrongCredentials
from tests.identity.entering import HOME, refused


def test_unknown_user_wrong_password_and_lock_out_cost_the_same(people, register, hasher):
    async def cost(user: str, password: str) -> int:
        before = hasher.verified
        await refused(people, user, password)
        return hasher.verified - before

    async def scenario():
        ann = await register("ann@example.com")
        unknown = [await cost(user, "x") for user in ("bob@example.com", "1", "9" * 30, "", "\0")]
        assert unknown == [1] * 5
        assert [await cost("ann@example.com", f"wrong {n}") for n in range(10)] == [1] * 10
        assert await cost("ann@example.com", "correct horse") == 1
        assert await cost(str(ann.account), "correct horse") == 1

    asyncio.run(scenario())


def test_ten_wrong_passwords_lock_the_account_for_that_address_only(people, register, clock):
    async def scenario():
        ann = await register("ann@example.com")
        for n in range(10):
            # Whichever way the account is named:
            user = "ann@example.com" if n % 2 else str(ann.account)
            assert await people.verify("ann@example.com", "correct horse", HOME) == ann.account
            await refused(people, user, f"wrong {n}")
        # The right one was verified before, and is refused all the same:
        await refused(people, "ann@example.com", "correct horse")
        assert await people.verify("ann@example.com", "correct horse", "192.0.2.2") == ann.account
        clock.advance(minutes=14, seconds=59)
        await refused(people, "ann@example.com", "correct horse")
        clock.advance(seconds=1)
        assert await people.verify("ann@example.com", "correct horse", HOME) == ann.account

    asyncio.run(scenario())


def test_wrong_passwords_further_apart_do_not_lock(people, register, clock):
    async def scenario():
        ann = await register("ann@example.com")
        for n in range(20):
            await refused(people, "ann@example.com", f"wrong {n}")
            clock.advance(minutes=2)
        assert await people.verify("ann@example.com", "correct horse", HOME) == ann.account

    asyncio.run(scenario())


def test_of_many_guesses_at_once_none_is_right_after_ten_wrong_ones(people, register):
    async def scenario():
        await register("ann@example.com")
        wrong = [refused(people, "ann@example.com", f"wrong {n}") for n in range(14)]
        await asyncio.gather(*wrong, refused(people, "ann@example.com", "correct horse"))

    asyncio.run(scenario())


def test_a_hundred_wrong_passwords_over_all_accounts_lock_the_address(people, register):
    async def scenario():
        ann = await register("ann@example.com")
        for n in range(99):
            await refused(people, f"nobody{n}@example.com")
        assert await people.verify("ann@example.com", "correct horse", HOME) == ann.account
        await refused(people, "nobody@example.com")
        await refused(people, "ann@example.com", "correct horse")
        assert await people.verify("ann@example.com", "correct horse", "192.0.2.2") == ann.account

    asyncio.run(scenario())


def test_what_counts_towards_the_address_does_not_give_the_password_away(people, register):
    """Locked out, a right and a wrong guess must leave the same traces."""

    async def scenario():
        await register("ann@example.com")
        bob = await register("bob@example.com")
        for n in range(10):
            await refused(people, "ann@example.com", f"wrong {n}")
        for _ in range(90):
            await refused(people, "ann@example.com", "correct horse")
        await refused(people, "bob@example.com", "correct horse")
        assert await people.verify("bob@example.com", "correct horse", "192.0.2.2") == bob.account

    asyncio.run(scenario())


def test_more_different_guesses_than_can_wait_are_refused_as_busy(people, register, hasher):
    async def scenario():
        await register("ann@example.com")
        hasher.gate.clear()
        asked = [
            asyncio.ensure_future(people.verify("ann@example.com", f"wrong {n}", HOME))
            for n in range(30)
        ]
        for _, refusal in zip(range(8), asyncio.as_completed(asked), strict=False):
            with pytest.raises(Busy):
                await refusal
        hasher.gate.set()
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(each, WrongCredentials) for each in results) == 22

    asyncio.run(scenario())
