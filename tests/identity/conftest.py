"""A new identity database, a clock that only moves when told, and quick password hashes."""

from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path
from threading import Event

import pytest
from argon2 import PasswordHasher

from coinport.database import Database
from coinport.identity.lockout import Lockout
from coinport.identity.passwords import Passwords, argon2id
from coinport.identity.people import People, Profile
from coinport.identity.secret_box import SecretBox
from coinport.identity.storage import open_identity
from coinport.model.units import ACCOUNT_FIRST, AccountId


class Clock:
    def __init__(self) -> None:
        self.now_ms = 1_790_000_000_000

    def __call__(self) -> int:
        return self.now_ms

    def advance(self, *, minutes: int = 0, seconds: int = 0) -> None:
        self.now_ms += (minutes * 60 + seconds) * 1000


class CountingHasher(PasswordHasher):
    """Counts verifications: they are what takes time, so they must not tell cases apart."""

    def __init__(self, like: PasswordHasher) -> None:
        super().__init__(like.time_cost, like.memory_cost, like.parallelism)
        self.verified = 0
        self.entered = Event()
        self.gate = Event()
        self.gate.set()

    def verify(self, hash, password):
        self.verified += 1
        self.entered.set()
        self.gate.wait()
        return super().verify(hash, password)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Database, SecretBox]]:
    database, box = open_identity(f"sqlite:///{tmp_path}/identity.db", tmp_path / "secret.key")
    yield database, box
    database.dispose()


@pytest.fixture
def database(opened: tuple[Database, SecretBox]) -> Database:
    return opened[0]


@pytest.fixture
def box(opened: tuple[Database, SecretBox]) -> SecretBox:
    return opened[1]


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher(argon2id(passes=1, memory_kib=8))


@pytest.fixture
def people(database: Database, hasher: CountingHasher, clock: Clock) -> Iterator[People]:
    passwords = Passwords(hasher, threads=2, queue_max=20)
    yield People(
        database,
        passwords,
        clock,
        pairs=Lockout(10, window_ms=15 * 60_000, clock=clock),
        origins=Lockout(100, window_ms=15 * 60_000, clock=clock),
        remember_ms=5 * 60_000,
        refuse_common=True,
    )
    passwords.close()


@pytest.fixture
def register(people: People) -> Callable[..., Awaitable[Profile]]:
    numbers = count(ACCOUNT_FIRST)

    async def open_account() -> AccountId:
        return AccountId(next(numbers))

    async def register(email: str, pwdhash: str = "correct horse", lang: str = "") -> Profile:
        return await people.register(email, pwdhash, lang, open_account)

    return register
