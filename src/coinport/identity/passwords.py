"""Passwords: argon2id in a few threads, over whatever form the client registered."""

import base64
import hashlib
import re
import secrets
from enum import IntEnum
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError
from msgspec import Struct

from coinport.database import BoundedPool
from coinport.identity.errors import InvalidField

PWDHASH_LENGTH_MAX: Final = 128

_MD5 = re.compile("[0-9a-fA-F]{32}")
_SHA256 = re.compile("[0-9a-zA-Z+/]{43}=")


class Form(IntEnum):
    """What a client makes of a password before it sends it. Numbers are in the database."""

    AS_GIVEN = 0
    MD5 = 1
    """32 hexadecimal digits."""
    SHA256 = 2
    """44 characters of base64."""


class StoredPassword(Struct, frozen=True):
    form: Form
    encoded: str
    """argon2id of the form, with its salt and parameters."""


class Passwords:
    """Hashing must not take the whole machine: where `queue_max` wait, it raises Busy."""

    def __init__(self, hasher: PasswordHasher, *, threads: int, queue_max: int) -> None:
        """`hasher` as `argon2id` makes it."""
        self._hasher = hasher
        self._pool = BoundedPool("password", threads, queue_max)
        self._nobody = StoredPassword(Form.MD5, self._hasher.hash(secrets.token_hex()))

    async def hash(self, pwdhash: str) -> StoredPassword:
        """Raises InvalidField."""
        check_length(pwdhash)
        return await self._hash(pwdhash, form_of(pwdhash))

    async def verify(self, stored: StoredPassword | None, password: str) -> bool:
        """One argon2 verification, whatever is compared with what.

        `password` may be plain or already in the form that was registered. None is nobody's
        password: never right, after the same time.
        """
        return await self._pool.run(lambda: self._verify(stored or self._nobody, password))

    async def renewed(self, stored: StoredPassword, password: str) -> StoredPassword | None:
        """The same by today's cost, if `stored` was made at another; `password` is the right one.

        Until all are renewed, the old cost tells people from nobody.
        """
        if not self._hasher.check_needs_rehash(stored.encoded):
            return None
        return await self._hash(password, stored.form)

    def close(self) -> None:
        self._pool.close()

    async def _hash(self, password: str, form: Form) -> StoredPassword:
        text = in_form(password, form)
        return StoredPassword(form, await self._pool.run(lambda: self._hasher.hash(text)))

    def _verify(self, stored: StoredPassword, password: str) -> bool:
        try:
            return self._hasher.verify(stored.encoded, in_form(password, stored.form))
        except VerifyMismatchError:
            return False


def argon2id(*, passes: int, memory_kib: int) -> PasswordHasher:
    return PasswordHasher(passes, memory_kib, parallelism=1, type=Type.ID)


def check_length(pwdhash: str) -> None:
    """Raises InvalidField."""
    if not 0 < len(pwdhash) <= PWDHASH_LENGTH_MAX:
        raise InvalidField("pwdhash", f"must have 1 to {PWDHASH_LENGTH_MAX} characters")


def form_of(pwdhash: str) -> Form:
    if _MD5.fullmatch(pwdhash):
        return Form.MD5
    return Form.SHA256 if _SHA256.fullmatch(pwdhash) else Form.AS_GIVEN


def in_form(password: str, form: Form) -> bytes:
    """`password` in `form`, unless it looks as if it were already."""
    # surrogatepass: a header can smuggle in half a character, and that is not our mistake.
    given = password.encode("utf-8", "surrogatepass")
    match form:
        case Form.MD5:
            done = given.lower() if _MD5.fullmatch(password) else None
            return done or hashlib.md5(given, usedforsecurity=False).hexdigest().encode()
        case Form.SHA256:
            done = given if _SHA256.fullmatch(password) else None
            return done or base64.b64encode(hashlib.sha256(given).digest())
        case Form.AS_GIVEN:
            return given
