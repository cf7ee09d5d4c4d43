"""What identity keeps for withdrawals: names for destinations, address books, requests seen."""

import asyncio

import pytest
from sqlalchemy import select

from coinport.identity.address_book import ENTRIES_MAX, AddressBook
from coinport.identity.destinations import Destinations
from coinport.identity.errors import InvalidField, TooManyEntries
from coinport.identity.replays import Md5Withdrawals
from coinport.identity.storage import open_identity
from coinport.identity.tables import md5_withdrawals

COOL_DOWN_MS = 24 * 60 * 60 * 1000
DAY_MINUTES = 24 * 60


@pytest.fixture
def book(database, clock) -> AddressBook:
    return AddressBook(database, clock, cool_down_ms=COOL_DOWN_MS)


def test_a_destination_has_one_name_that_tells_nothing_of_it(database, register):
    async def scenario():
        ann, bob = await register("ann@example.com"), await register("bob@example.com")
        known = Destinations(database)
        name, new = await known.name(ann.account, "CNY", "ICBC 6222 0001, Ann")
        assert new
        assert await known.name(ann.account, "CNY", "ICBC 6222 0001, Ann") == (name, False)
        others = {
            (await known.name(account, currency, text))[0]
            for account, currency, text in (
                (bob.account, "CNY", "ICBC 6222 0001, Ann"),
                (ann.account, "GOOC", "ICBC 6222 0001, Ann"),
                (ann.account, "CNY", "ICBC 6222 0002, Ann"),
            )
        }
        assert len(others | {name}) == 4
        assert "6222" not in name
        assert await known.behind([name, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"]) == {
            name: "ICBC 6222 0001, Ann"
        }
        await known.forget(name)
        assert await known.behind([name]) == {}

    asyncio.run(scenario())


def test_an_entry_is_listed_once_and_removed_by_its_owner_alone(book, register, clock):
    async def scenario():
        ann, bob = await register("ann@example.com"), await register("bob@example.com")
        entry = await book.add(ann.account, "XRP", "rHOT", "7", " exchange ")
        assert (entry.label, entry.created_ms) == ("exchange", clock())
        clock.advance(minutes=1)
        assert await book.add(ann.account, "XRP", "rHOT", "7", "again") == entry
        other = await book.add(ann.account, "XRP", "rHOT", "8", "")
        assert await book.of(ann.account) == [entry, other]
        assert not await book.remove(bob.account, entry.id)
        assert await book.remove(ann.account, entry.id)
        assert not await book.remove(ann.account, entry.id)
        assert await book.of(ann.account) == [other]

    asyncio.run(scenario())


def test_a_book_has_an_end_and_its_labels_are_plain(book, register):
    async def scenario():
        ann = await register("ann@example.com")
        with pytest.raises(InvalidField):
            await book.add(ann.account, "BTC", "1", "", "two\nlines")
        for number in range(ENTRIES_MAX):
            await book.add(ann.account, "BTC", str(number), "", "")
        with pytest.raises(TooManyEntries):
            await book.add(ann.account, "BTC", "one more", "", "")

    asyncio.run(scenario())


def test_who_uses_the_book_only_withdraws_to_what_has_been_in_it_for_a_day(book, register, clock):
    async def scenario():
        ann = await register("ann@example.com")
        home, away = (ann.account, "BTC", "1Home", ""), (ann.account, "BTC", "1Away", "")
        assert await book.permits(*home)
        await book.use_only(ann.account, enabled=True)
        assert not await book.permits(*home)
        await book.add(*home, "home")
        clock.advance(minutes=DAY_MINUTES - 1)
        assert not await book.permits(*home)
        clock.advance(minutes=1)
        assert await book.permits(*home)
        assert not await book.permits(*away)
        assert not await book.permits(ann.account, "LTC", "1Home", "")
        assert not await book.permits(ann.account, "BTC", "1Home", "memo")

    asyncio.run(scenario())


def test_switching_that_off_takes_a_day_from_the_first_time_it_is_said(book, register, clock):
    async def scenario():
        ann = await register("ann@example.com")
        await book.use_only(ann.account, enabled=False)
        assert not await book.only(ann.account)
        await book.use_only(ann.account, enabled=True)
        await book.use_only(ann.account, enabled=False)
        clock.advance(minutes=DAY_MINUTES - 1)
        await book.use_only(ann.account, enabled=False)
        assert await book.only(ann.account)
        clock.advance(minutes=1)
        assert not await book.only(ann.account)
        await book.use_only(ann.account, enabled=True)
        assert await book.only(ann.account)

    asyncio.run(scenario())


def test_a_request_signed_by_md5_counts_once_a_day_also_after_a_restart(
    database, register, clock, tmp_path
):
    async def scenario():
        ann = await register("ann@example.com")
        seen = Md5Withdrawals(database, clock)
        assert await seen.first_time(ann.account, "token", b"body")
        assert not await seen.first_time(ann.account, "token", b"body")
        assert await seen.first_time(ann.account, "token", b"another")
        assert await seen.first_time(ann.account, "another", b"body")
        url = f"sqlite:///{tmp_path}/identity.db"
        reopened, _ = open_identity(url, tmp_path / "secret.key")
        clock.advance(minutes=DAY_MINUTES - 1)
        again = Md5Withdrawals(reopened, clock)
        assert not await again.first_time(ann.account, "token", b"body")
        clock.advance(minutes=1)
        assert await again.first_time(ann.account, "token", b"body")
        rows = await reopened.read(lambda on: on.execute(select(md5_withdrawals)).all())
        assert len(rows) == 1
        reopened.dispose()

    asyncio.run(scenario())
