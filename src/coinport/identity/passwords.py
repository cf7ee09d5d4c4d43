"""Passwords: argon2id in a few threads, over whatever form the client registered."""

import base64
import hashlib
import re
import secrets
from enum import IntEnum
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from msgspec import Struct

from coinport.database import BoundedPool
from coinport.identity.errors import InvalidField

HASH_THREADS: Final = 2
HASH_QUEUE_MAX: Final = 20
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
    """Raises Busy where more than `HASH_QUEUE_MAX` wait: hashing must not take the machine."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """`hasher` None: argon2id with t=2, m=19 MiB, p=1 (about 60 ms)."""
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._pool = BoundedPool("password", HASH_THREADS, HASH_QUEUE_MAX)
        self._nobody = StoredPassword(Form.MD5, self._hasher.hash(secrets.token_hex()))

    async def hash(self, pwdhash: str) -> StoredPassword:
        """Raises InvalidField."""
        if not 0 < len(pwdhash) <= PWDHASH_LENGTH_MAX:
            raise InvalidField("pwdhash", f"must have 1 to {PWDHASH_LENGTH_MAX} characters")
        form = form_of(pwdhash)
        text = in_form(pwdhash, form)
        return StoredPassword(form, await self._pool.run(lambda: self._hasher.hash(text)))

    async def verify(self, stored: StoredPassword | None, password: str) -> bool:
        """One argon2 verification, whatever is compared with what.

        `password` may be plain or already in the form that was registered. None is nobody's
        password: never right, after the same time.
        """
        return await self._pool.run(lambda: self._verify(stored or self._nobody, password))

    def _verify(self, stored: StoredPassword, password: str) -> bool:
        try:
            return self._hasher.verify(stored.encoded, in_form(password, stored.form))
        except VerifyMismatchError:
            return False

    def close(self) -> None:
        self._pool.close()


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
