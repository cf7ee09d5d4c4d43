"""Passwords: who has the right one, and for how long it is remembered."""

import asyncio

import pytest
from sqlalchemy import text

from coinport.identity.errors import InvalidField
from coinport.identity.passwords import argon2id
from tests.identity.entering import HOME, md5, refused, sha256


@pytest.mark.parametrize("registered", [md5, sha256, lambda password: password])
def test_basic_takes_the_plain_password_or_the_hash_that_was_registered(
    people, register, hasher, registered
):
    async def scenario():
        ann = await register("ann@example.com", registered("correct horse"))
        for user in ("ann@example.com", " ANN@example.com", str(ann.account)):
            for password in ("correct horse", registered("correct horse")):
                before = hasher.verified
                assert await people.verify(user, password, HOME) == ann.account
                assert hasher.verified <= before + 1
        await refused(people, "ann@example.com", "Correct horse")
        await refused(people, "ann@example.com", registered("Correct horse"))
        await refused(people, "ann@example.com", "")

    asyncio.run(scenario())


def test_an_md5_is_the_same_in_upper_case(people, register):
    async def scenario():
        ann = await register("ann@example.com", md5("correct horse").upper())
        for password in ("correct horse", md5("correct horse"), md5("correct horse").upper()):
            assert await people.verify("ann@example.com", password, HOME) == ann.account

    asyncio.run(scenario())


def test_the_database_holds_neither_the_password_nor_what_the_client_made_of_it(database, register):
    asyncio.run(register("ann@example.com", md5("correct horse")))
    row = str(database.write_now(lambda c: c.execute(text("SELECT * FROM people")).all()))
    assert md5("correct horse") not in row
    assert "$argon2id$v=19$" in row


def test_a_verified_password_is_remembered_for_five_minutes(people, register, hasher, clock):
    async def scenario():
        ann = await register("ann@example.com")
        for verified in (1, 1, 2):
            assert await people.verify("ann@example.com", "correct horse", HOME) == ann.account
            assert hasher.verified == verified
            clock.advance(minutes=2, seconds=30)

    asyncio.run(scenario())


def test_a_wrong_password_is_not_remembered_as_anything(people, register, hasher):
    async def scenario():
        await register("ann@example.com")
        await refused(people, "ann@example.com")
        await refused(people, "ann@example.com")
        assert hasher.verified == 2

    asyncio.run(scenario())


def test_a_bot_that_starts_with_many_requests_at_once_costs_one_verification(
    people, register, hasher
):
    async def scenario():
        ann = await register("ann@example.com")
        asked = [people.verify("ann@example.com", "correct horse", HOME) for _ in range(100)]
        assert set(await asyncio.gather(*asked)) == {ann.account}
        assert hasher.verified == 1

    asyncio.run(scenario())


def test_a_new_password_ends_the_old_one_at_once(people, register):
    async def scenario():
        ann = await register("ann@example.com")
        bob = await register("bob@example.com")
        await people.verify("ann@example.com", "correct horse", HOME)
        await people.verify("bob@example.com", "correct horse", HOME)
        await people.set_password(ann.account, md5("battery staple"))
        await refused(people, "ann@example.com", "correct horse")
        assert await people.verify("ann@example.com", "battery staple", HOME) == ann.account
        assert await people.verify("bob@example.com", "correct horse", HOME) == bob.account
        with pytest.raises(InvalidField):
            await people.set_password(ann.account, "")

    asyncio.run(scenario())


def test_an_old_password_verified_during_the_change_is_not_remembered(people, register, hasher):
    async def scenario():
        ann = await register("ann@example.com")
        hasher.gate.clear()
        verifying = asyncio.ensure_future(people.verify("ann@example.com", "correct horse", HOME))
        await asyncio.to_thread(hasher.entered.wait)
        await people.set_password(ann.account, "battery staple")
        hasher.gate.set()
        assert await verifying == ann.account
        await refused(people, "ann@example.com", "correct horse")

    asyncio.run(scenario())


def test_a_password_hashed_at_another_cost_is_hashed_anew_at_the_next_login(
    people, register, hasher, database
):
    def stored(connection) -> str:
        return connection.scalar(text("SELECT password FROM people"))

    async def scenario():
        ann = await register("ann@example.com", md5("correct horse"))
        hasher._parameters = argon2id(passes=2, memory_kib=16)._parameters
        await refused(people, "ann@example.com")
        assert "m=8,t=1" in await database.read(stored)
        assert await people.verify("ann@example.com", "correct horse", HOME) == ann.account
        renewed = await database.read(stored)
        assert "m=16,t=2" in renewed
        for password in (md5("correct horse"), "correct horse"):
            assert await people.verify(str(ann.account), password, HOME) == ann.account
        assert await database.read(stored) == renewed

    asyncio.run(scenario())


def test_half_characters_in_a_header_are_just_wrong(people, register):
    async def scenario():
        await register("ann@example.com")
        await refused(people, "ann@example.com", "\ud800")
        await refused(people, "nobody\0@example.com", "\ud800")

    asyncio.run(scenario())
