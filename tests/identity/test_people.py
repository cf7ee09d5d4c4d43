"""People: who registers, and what is known of them."""

import asyncio
import itertools

import pytest
from sqlalchemy import text

from coinport.identity.errors import Busy, EmailTaken, InvalidField
from tests.databases import read_only
from tests.identity.entering import md5


def test_a_new_person_has_a_profile_and_is_found_by_email_and_by_uid(people, register, clock):
    async def scenario():
        ann = await register(" Ann@Example.COM ", lang="zh-CN")
        assert ann.email == "ann@example.com"
        assert (ann.name, ann.mobile, ann.lang, ann.totp_enabled) == ("", "", "zh-CN", False)
        assert (ann.email_verified, ann.mobile_verified) == (False, False)
        assert ann.created_ms == clock()
        assert await people.profile(ann.account) == ann
        assert await people.find("ANN@example.com") == ann
        assert await people.find(str(ann.account)) == ann
        assert await people.find("bob@example.com") is None

    asyncio.run(scenario())


NOT_EMAILS = [
    "ann",
    "@",
    "ann@",
    "@example.com",
    "ann@localhost",
    "a@b@example.com",
    "ann@example..com",
    ".ann@example.com",
    "ann@-example.com",
    "änn@example.com",
    "Kate@example.com",
    "<ann>@example.com",
    "1000000001",
]


@pytest.mark.parametrize(
    "email",
    [
        *NOT_EMAILS,
        "",
        "a b@example.com",
        "ann@example.com\nbcc:bob@example.com",
        "ann@example.com\0",
        "a" * 65 + "@example.com",
        "ann@" + "a." * 126 + "com",
    ],
)
def test_what_cannot_be_an_email_is_refused_by_name(register, email):
    with pytest.raises(InvalidField) as refusal:
        asyncio.run(register(email))
    assert refusal.value.field == "email"


@pytest.mark.parametrize("email", ["a.b+c@example.com", "o'neil@mail.example.co.uk", "1@2.3a"])
def test_unusual_but_plausible_emails_are_taken(register, email):
    assert asyncio.run(register(email)).email == email


@pytest.mark.parametrize("pwdhash", ["", "x" * 129, "123456", md5("qwerty"), md5("").upper()])
def test_an_unusable_password_is_refused_by_name(register, pwdhash):
    with pytest.raises(InvalidField) as refusal:
        asyncio.run(register("ann@example.com", pwdhash))
    assert refusal.value.field == "pwdhash"


def test_an_unusable_language_is_refused_by_name(register):
    with pytest.raises(InvalidField) as refusal:
        asyncio.run(register("ann@example.com", lang="<script>"))
    assert refusal.value.field == "lang"


def test_no_account_is_opened_for_what_is_refused(people):
    async def open_account():
        raise AssertionError("opened")

    async def scenario():
        for email, pwdhash in [("ann", "correct horse"), ("ann@example.com", "")]:
            with pytest.raises(InvalidField):
                await people.register(email, pwdhash, "", open_account)

    asyncio.run(scenario())


def test_an_email_is_taken_once_however_it_is_written(people, register):
    async def scenario():
        ann = await register("ann@example.com")
        with pytest.raises(EmailTaken) as refusal:
            await register("ANN@example.com ")
        assert refusal.value.field == "email"
        assert await people.find("ann@example.com") == ann

    asyncio.run(scenario())


def test_of_many_who_race_for_an_email_one_gets_it(people, register):
    async def scenario():
        results = await asyncio.gather(
            *[register("ann@example.com", f"correct horse {n}") for n in range(10)],
            return_exceptions=True,
        )
        assert sorted(type(each).__name__ for each in results) == ["EmailTaken"] * 9 + ["Profile"]

    asyncio.run(scenario())


def test_no_account_is_left_without_a_person(people, database):
    opened = itertools.count(1_000_000_001)

    async def open_account():
        return next(opened)

    def register(email):
        return people.register(email, "correct horse", "", open_account)

    async def scenario():
        with read_only(database):
            for _ in range(3):
                with pytest.raises(Busy):
                    await register("ann@example.com")
        await asyncio.gather(
            *[register("bob@example.com") for _ in range(5)], return_exceptions=True
        )
        last = [(await register(f"{name}@example.com")).account for name in "abcde"]
        assert next(opened) == 1_000_000_007, "Bob's, and five others"
        assert len(set(last)) == 5
        assert (await people.find("bob@example.com")).account not in last

    asyncio.run(scenario())


def test_an_account_that_somebody_has_already_is_not_called_a_taken_email(people):
    async def open_account():
        return 1_000_000_001

    async def scenario():
        await people.register("ann@example.com", "correct horse", "", open_account)
        with pytest.raises(Exception, match=r"people\.account"):
            await people.register("bob@example.com", "correct horse", "", open_account)

    asyncio.run(scenario())


def test_a_name_is_trimmed_printable_and_short(people, register):
    async def scenario():
        ann = await register("ann@example.com")
        await people.set_name(ann.account, " 王冬 ")
        assert (await people.profile(ann.account)).name == "王冬"
        for name in ("x" * 65, "a\nb", "\ud800"):
            with pytest.raises(InvalidField, match="name"):
                await people.set_name(ann.account, name)

    asyncio.run(scenario())


def test_errors_of_the_database_do_not_repeat_personal_data(database):
    with pytest.raises(Exception, match="people") as error:
        database.write_now(
            lambda c: c.execute(
                text("INSERT INTO people (account, email) VALUES (1, :email)"),
                {"email": "ann@example.com"},
            )
        )
    assert "ann@example.com" not in str(error.value)
