import asyncio
import base64
import hashlib
import itertools

import pytest
from sqlalchemy import text

from coinport.identity.errors import Busy, EmailTaken, InvalidField, WrongCredentials
from coinport.identity.passwords import argon2id
from tests.databases import read_only

HOME = "192.0.2.1"


def md5(password: str) -> str:
    return hashlib.md5(password.encode()).hexdigest()


def sha256(password: str) -> str:
    return base64.b64encode(hashlib.sha256(password.encode()).digest()).decode()


async def refused(people, user: str, password: str = "a wrong one", address: str = HOME) -> None:
    with pytest.raises(WrongCredentials):
        await people.verify(user, password, address)


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
