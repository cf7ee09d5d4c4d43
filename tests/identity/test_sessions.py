import asyncio

import pytest
from sqlalchemy import text

from coinport.identity.sessions import LIFETIME_MS, SESSIONS_MAX, Sessions
from tests.databases import read_only

IDLE_MS = 60 * 60 * 1000


@pytest.fixture
def sessions(database, clock) -> Sessions:
    return Sessions(database, clock, idle_ms=IDLE_MS)


def test_a_session_is_found_by_its_id_and_by_nothing_else(sessions, register):
    async def scenario():
        ann = await register("ann@example.com")
        session = await sessions.create(ann.account)
        assert await sessions.find(session.id) == session
        assert session.account == ann.account
        for other in ("", session.id[:-1], session.id + " ", session.xsrf, "\udcff", "\0"):
            assert await sessions.find(other) is None

    asyncio.run(scenario())


def test_ids_are_new_at_every_login_and_long_enough(sessions, register):
    async def scenario():
        ann = await register("ann@example.com")
        made = [await sessions.create(ann.account) for _ in range(10)]
        assert len({each.id for each in made}) == len({each.xsrf for each in made}) == 10
        assert min(len(each.id) for each in made) * 6 >= 128

    asyncio.run(scenario())


def test_the_database_and_the_logs_see_no_id(sessions, register, database):
    async def scenario():
        session = await sessions.create((await register("ann@example.com")).account)
        rows = await database.read(lambda c: str(c.execute(text("SELECT * FROM sessions")).all()))
        assert session.id not in rows
        assert session.xsrf not in rows
        assert session.id not in repr(session)
        assert session.xsrf not in repr(session)

    asyncio.run(scenario())


def test_a_session_ends_an_hour_after_its_last_use(sessions, register, clock):
    async def scenario():
        session = await sessions.create((await register("ann@example.com")).account)
        for _ in range(5):
            clock.advance(minutes=59)
            assert await sessions.find(session.id) is not None
        clock.advance(minutes=60)
        assert await sessions.find(session.id) is None
        assert await sessions.find(session.id) is None

    asyncio.run(scenario())


def test_a_session_goes_on_while_its_use_cannot_be_noted(sessions, register, clock, database):
    async def scenario():
        session = await sessions.create((await register("ann@example.com")).account)
        with read_only(database):
            for _ in range(3):
                clock.advance(minutes=59)
                assert await sessions.find(session.id) is not None

    asyncio.run(scenario())


def test_no_session_lives_for_ever(sessions, register, clock):
    async def scenario():
        session = await sessions.create((await register("ann@example.com")).account)
        end = clock() + LIFETIME_MS
        while clock() < end:
            assert await sessions.find(session.id) is not None
            clock.advance(minutes=30)
        assert await sessions.find(session.id) is None

    asyncio.run(scenario())


def test_a_session_and_its_last_use_survive_a_restart(sessions, register, database, clock):
    async def scenario():
        session = await sessions.create((await register("ann@example.com")).account)
        clock.advance(minutes=50)
        await sessions.find(session.id)
        clock.advance(minutes=50)
        restarted = Sessions(database, clock, idle_ms=IDLE_MS)
        assert await restarted.find(session.id) == session

    asyncio.run(scenario())


def test_a_logout_ends_one_session_for_good(sessions, register, database, clock):
    async def scenario():
        ann = await register("ann@example.com")
        one, other = await sessions.create(ann.account), await sessions.create(ann.account)
        await sessions.end(one.id)
        await sessions.end(one.id)
        assert await sessions.find(one.id) is None
        assert await sessions.find(other.id) == other
        assert await Sessions(database, clock, idle_ms=IDLE_MS).find(one.id) is None

    asyncio.run(scenario())


def test_all_sessions_of_an_account_end_at_once_and_no_others(sessions, register):
    async def scenario():
        ann, bob = await register("ann@example.com"), await register("bob@example.com")
        of_ann = [await sessions.create(ann.account) for _ in range(3)]
        of_bob = await sessions.create(bob.account)
        await sessions.end_all(ann.account)
        assert [await sessions.find(each.id) for each in of_ann] == [None] * 3
        assert await sessions.find(of_bob.id) == of_bob

    asyncio.run(scenario())


def test_a_session_that_is_read_while_it_ends_does_not_come_back(sessions, register, database):
    async def scenario():
        session = await sessions.create((await register("ann@example.com")).account)
        for _ in range(20):
            await asyncio.gather(sessions.end(session.id), sessions.find(session.id))
            assert await sessions.find(session.id) is None
            session = await sessions.create(session.account)

    asyncio.run(scenario())


def test_a_logout_is_finished_even_if_the_client_goes_away(sessions, register, database):
    async def scenario():
        session = await sessions.create((await register("ann@example.com")).account)
        assert await sessions.find(session.id) == session
        ending = asyncio.ensure_future(sessions.end(session.id))
        await asyncio.sleep(0)
        ending.cancel()
        await asyncio.sleep(0)
        await database.write(lambda _: None)  # comes after the logout in the writers' queue
        assert await sessions.find(session.id) is None

    asyncio.run(scenario())


def test_too_many_sessions_end_the_oldest(sessions, register, clock):
    async def scenario():
        ann = await register("ann@example.com")
        made = []
        for _ in range(SESSIONS_MAX + 1):
            made.append(await sessions.create(ann.account))
            assert await sessions.find(made[-1].id) is not None
            clock.advance(seconds=1)
        found = [await sessions.find(each.id) is not None for each in made]
        assert found == [False] + [True] * SESSIONS_MAX

    asyncio.run(scenario())


def test_sessions_that_are_over_leave_the_database(sessions, register, database, clock):
    async def scenario():
        ann = await register("ann@example.com")
        await sessions.create(ann.account)
        clock.advance(minutes=121)
        await sessions.create(ann.account)
        return await database.read(lambda c: c.scalar(text("SELECT count(*) FROM sessions")))

    assert asyncio.run(scenario()) == 1
