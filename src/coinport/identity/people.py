"""People: who may log in. A person is an account's e-mail, password and profile."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from hashlib import blake2b
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from coinport.database import Busy, Database
from coinport.identity.common_passwords import is_common
from coinport.identity.errors import EmailTaken, InvalidField, WrongCredentials
from coinport.identity.lockout import Lockout, origin
from coinport.identity.memory import Memory
from coinport.identity.names import valid_name
from coinport.identity.passwords import Form, Passwords, StoredPassword, check_length, form_of
from coinport.identity.tables import one_time_codes, people
from coinport.model.units import AccountId

VERIFIED_MAX: Final = 10_000
EMAIL_LENGTH_MAX: Final = 254

_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)
_LANG = re.compile("([A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2})?")
_UID = re.compile("[0-9]{1,18}")


class Profile(Struct, frozen=True):
    account: AccountId
    email: str
    name: str
    mobile: str
    lang: str
    email_verified: bool
    mobile_verified: bool
    totp_enabled: bool
    created_ms: int


class Verified(Struct, frozen=True):
    account: AccountId
    until_ms: int


class People:
    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        clock: Callable[[], int],
        *,
        pairs: Lockout,
        origins: Lockout,
        remember_ms: int,
        refuse_common: bool,
    ) -> None:
        """`pairs` locks an account for an address, `origins` an address for all accounts.

        `remember_ms`: a verified password costs no hash for so long. `refuse_common`: no password
        may be one of the most common.
        """
        self._database = database
        self._passwords = passwords
        self._clock = clock
        self._refuse_common = refuse_common
        self._pairs = pairs
        self._origins = origins
        self._remember_ms = remember_ms
        self._verified: Memory[bytes, Verified] = Memory(VERIFIED_MAX)
        self._verified_key = secrets.token_bytes(32)
        self._left_over: list[AccountId] = []
        """Accounts that were opened for somebody who could not be registered then."""
        self._comparing: dict[tuple[bytes, int], asyncio.Task[tuple[AccountId | None, bool]]] = {}

    async def verify(self, user: str, password: str, address: str) -> AccountId:
        """Whose credentials these are. `user` is an e-mail or a uid, `address` the client's.

        Raises WrongCredentials after the same time for an unknown user, a wrong password and a
        lock-out; Busy. Cheap for a while after a success.
        """
        source = origin(address)
        key = self._key(user, password)
        verified = self._verified.known.get(key)
        if (
            verified is not None
            and self._clock() < verified.until_ms
            and not self._locked(verified.account, source)
        ):
            return verified.account
        changes = self._verified.changes
        account, right = await self._compare_once((key, changes), user, password)
        if account is not None and right and not self._locked(account, source):
            until_ms = self._clock() + self._remember_ms
            self._verified.put(key, Verified(account, until_ms), changes)
            return account
        if account is not None:
            self._pairs.count_wrong((account, source))
        # Counted even for a right password that is locked out, or counting would give it away.
        self._origins.count_wrong(source)
        raise WrongCredentials

    async def register(
        self,
        email: str,
        pwdhash: str,
        lang: str,
        open_account: Callable[[], Awaitable[AccountId]],
    ) -> Profile:
        """A new person with a new account, which `open_account` opens once all else is well.

        Raises InvalidField, EmailTaken, Busy.
        """
        email = _normal_email(email)
        if not _LANG.fullmatch(lang):
            raise InvalidField("lang", "must be like zh-CN")
        self.refuse_unusable(pwdhash)
        if await self.find(email) is not None:
            raise EmailTaken
        password = await self._passwords.hash(pwdhash)
        # The account comes first, for the journal and the database cannot commit together, and a
        # person without an account could log in to nothing. Whose row is then not written, be it
        # that the disk is full or that somebody was quicker with the e-mail, leaves an account to
        # the next who registers: however often it is tried, no account is left without a person,
        # but for what the process was about when it was killed.
        account = self._left_over.pop() if self._left_over else await open_account()
        profile = Profile(account, email, "", "", lang, False, False, False, self._clock())
        try:
            await self._insert(profile, password)
        except (Busy, EmailTaken):
            self._left_over.append(account)
            raise
        return profile

    async def profile(self, account: AccountId) -> Profile:
        """Of an account that a person is known to have."""
        profile = await self._profile(people.c.account == account)
        assert profile is not None
        return profile

    async def find(self, user: str) -> Profile | None:
        """Whose e-mail or uid `user` is. For administrators: it says whether somebody exists."""
        return await self._profile(_is_user(user))

    async def search(self, text: str, *, after: int, limit: int) -> tuple[list[Profile], bool]:
        """People whose e-mail has `text` in it, or whose uid it is, by their uids above `after`;
        and whether there are more. For administrators."""
        text = text.strip().lower()
        which = people.c.email.contains(text, autoescape=True)
        if _UID.fullmatch(text):
            which = or_(which, people.c.account == int(text))
        found = await self._profiles(which & (people.c.account > after), limit + 1)
        return found[:limit], len(found) > limit

    async def set_name(self, account: AccountId, name: str) -> None:
        """Raises InvalidField."""
        await self._update(account, name=valid_name(name))

    def refuse_unusable(self, pwdhash: str) -> None:
        """Raises InvalidField where it cannot be anybody's password."""
        check_length(pwdhash)
        if self._refuse_common and is_common(pwdhash, form_of(pwdhash)):
            raise InvalidField("pwdhash", "is one of the most common passwords")

    async def set_password(self, account: AccountId, pwdhash: str) -> None:
        """The caller ends the sessions of the account. Raises InvalidField, Busy."""
        self.refuse_unusable(pwdhash)
        password = await self._passwords.hash(pwdhash)
        change = self._update(account, password=password.encoded, password_form=password.form)
        known = self._verified.known
        await self._verified.drop_after(
            change, lambda _: [key for key, each in known.items() if each.account == account]
        )

    async def _compare_once(
        self, asked: tuple[bytes, int], user: str, password: str
    ) -> tuple[AccountId | None, bool]:
        """Who asks the same at the same time (a bot that starts) shares one comparison."""
        task = self._comparing.get(asked)
        if task is None:
            task = asyncio.create_task(self._compare(user, password))
            self._comparing[asked] = task

            def done(task: asyncio.Task[tuple[AccountId | None, bool]]) -> None:
                del self._comparing[asked]
                if not task.cancelled():
                    task.exception()  # looked at, even if every caller has gone

            task.add_done_callback(done)
        return await asyncio.shield(task)

    async def _compare(self, user: str, password: str) -> tuple[AccountId | None, bool]:
        """Who `user` is, and whether that is the password."""
        query = select(people).where(_is_user(user))
        row = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None:
            return None, await self._passwords.verify(None, password)
        stored = StoredPassword(Form(row.password_form), row.password)
        account = AccountId(row.account)
        right = await self._passwords.verify(stored, password)
        if right:
            with suppress(Busy):  # then at the next time
                await self._renew(account, stored, password)
        return account, right

    async def _renew(self, account: AccountId, stored: StoredPassword, password: str) -> None:
        renewed = await self._passwords.renewed(stored, password)
        if renewed is not None:
            change = (
                update(people)
                .where(people.c.account == account, people.c.password == stored.encoded)
                .values(password=renewed.encoded)
            )
            await self._database.write(lambda connection: connection.execute(change))

    def _locked(self, account: AccountId, source: str) -> bool:
        return self._origins.locked(source) or self._pairs.locked((account, source))

    def _key(self, user: str, password: str) -> bytes:
        """Of credentials in memory: without the random key nobody can search for them there."""
        text = f"{len(user)}:{user}{password}".encode("utf-8", "surrogatepass")
        return blake2b(text, key=self._verified_key, digest_size=32).digest()

    async def _profile(self, which: ColumnElement[bool]) -> Profile | None:
        found = await self._profiles(which, 1)
        return found[0] if found else None

    async def _profiles(self, which: ColumnElement[bool], limit: int) -> list[Profile]:
        columns = [people.c[name] for name in Profile.__struct_fields__ if name != "totp_enabled"]
        query = (
            select(*columns, one_time_codes.c.bound.is_(True).label("totp_enabled"))
            .outerjoin_from(people, one_time_codes)
            .where(which)
            .order_by(people.c.account)
            .limit(limit)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [Profile(**row._mapping) for row in rows]

    async def _insert(self, profile: Profile, password: StoredPassword) -> None:
        """Raises EmailTaken."""
        row = asdict(profile) | {"password": password.encoded, "password_form": password.form}
        del row["totp_enabled"]
        try:
            await self._database.write(lambda connection: connection.execute(insert(people), row))
        except IntegrityError as error:
            if "email" in str(error.orig):
                raise EmailTaken from None
            raise

    async def _update(self, account: AccountId, **values: object) -> None:
        change = update(people).where(people.c.account == account).values(**values)
        await self._database.write(lambda connection: connection.execute(change))


def _normal_email(text: str) -> str:
    """Trimmed and in lower case. Raises InvalidField where it cannot be an address."""
    email = text.strip().lower()
    local = email.partition("@")[0]
    # Before lower() other letters than a to z can become one of these.
    if (
        not text.isascii()
        or len(email) > EMAIL_LENGTH_MAX
        or len(local) > 64
        or not _EMAIL.fullmatch(email)
    ):
        raise InvalidField("email", "is not an e-mail address")
    return email


def _is_user(user: str) -> ColumnElement[bool]:
    text = user.strip().lower()
    return people.c.account == int(text) if _UID.fullmatch(text) else people.c.email == text
