"""Callers: requests as clients make them, and the people, tokens and sessions they name."""

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import pyotp
from argon2 import PasswordHasher

from coinport.gateway.credentials import AHEAD_MAX_MS, Credentials
from coinport.gateway.errors import ApiError, Code
from coinport.gateway.ratelimit import UNLIMITED, Limits, RateLimits
from coinport.gateway.requests import Permission, Request
from coinport.identity.lockout import Lockout
from coinport.identity.passwords import Passwords
from coinport.identity.people import People
from coinport.identity.sessions import Sessions
from coinport.identity.storage import open_identity
from coinport.identity.tokens import NewToken, Tokens
from coinport.identity.totp import OneTimeCodes
from coinport.model.units import ACCOUNT_FIRST, AccountId

LOCKED_MS = 15 * 60 * 1000
ADDRESS = "192.0.2.1"
PASSWORD = "correct horse"
EVERY_PERMISSION = frozenset({"read", "trade", "withdraw"})
ALL = frozenset(Permission) - {Permission.OPERATOR}
"""What a password or a session permits."""
SECURE = "__Host-coinport_session"
"""The cookie of a session."""
ORDERS = b"/api/v2/user/submit_orders"
BODY = b'{"orders":[]}'


class Clock:
    def __init__(self) -> None:
        self.now_ms = 1_790_000_000_000

    def __call__(self) -> int:
        return self.now_ms


class House:
    """A new identity database with quick password hashes, and the credentials in front of it."""

    def __init__(self, directory: Path, limits: Limits = UNLIMITED) -> None:
        self.clock = Clock()
        self.database, box = open_identity(
            f"sqlite:///{directory}/identity.db", directory / "secret.key"
        )
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.passwords = Passwords(hasher, threads=2, queue_max=20)
        self.people = People(
            self.database,
            self.passwords,
            self.clock,
            pairs=Lockout(10, window_ms=LOCKED_MS, clock=self.clock),
            origins=Lockout(100, window_ms=LOCKED_MS, clock=self.clock),
            remember_ms=5 * 60 * 1000,
            refuse_common=False,
        )
        self.sessions = Sessions(self.database, self.clock, idle_ms=60 * 60 * 1000)
        self.tokens = Tokens(self.database, box, self.clock)
        self.codes = OneTimeCodes(self.database, box, self.clock)
        self.ready = True
        self.suspended: set[AccountId] = set()
        self.is_suspended: Callable[[AccountId], bool] = self.suspended.__contains__
        self.limits = RateLimits(limits, lambda: self.clock() * 1_000_000)
        self._accounts = count(ACCOUNT_FIRST)
        self.credentials = self.restarted()
        self.clock.now_ms += AHEAD_MAX_MS + 1
        """From now on a signature may be used."""

    def restarted(self) -> Credentials:
        """New credentials, which remember nothing, over the same database."""
        return Credentials(
            people=self.people,
            sessions=self.sessions,
            tokens=self.tokens,
            one_time_codes=self.codes,
            limits=self.limits,
            suspended=self.is_suspended,
            clock=self.clock,
        )

    async def register(self, email: str = "alice@example.com") -> AccountId:
        async def open_account() -> AccountId:
            return AccountId(next(self._accounts))

        return (await self.people.register(email, PASSWORD, "", open_account)).account

    async def answer(self, request: Request) -> Code | None:
        """With which code `request` is refused; None if it is not."""
        return await code_of(self.credentials.authenticate(request))

    async def token(self, account: AccountId, **terms: object) -> NewToken:
        kept = {"permissions": EVERY_PERMISSION, "ip_allow": (), "md5": True, **terms}
        return await self.tokens.create(account, "", **kept)  # type: ignore[arg-type]

    async def bind_codes(self, account: AccountId) -> pyotp.TOTP:
        """The device of `account`; the code of the present step is used up."""
        seed, _ = await self.codes.begin(account)
        device = pyotp.TOTP(seed)
        await self.codes.bind(account, self.code(device))
        return device

    def code(self, device: pyotp.TOTP) -> str:
        return device.at(self.clock() // 1000)

    async def cookie(self) -> tuple[str, str]:
        """The `Cookie` header and the XSRF token of a new session of a new user."""
        session = await self.sessions.create(await self.register())
        return f"XSRF-TOKEN={session.xsrf}; {SECURE}={session.id}", session.xsrf

    def close(self) -> None:
        self.passwords.close()
        self.database.dispose()


def request(
    method: str = "GET",
    path: bytes = b"/api/v2/user/profile",
    query: bytes = b"",
    body: bytes = b"",
    address: str = ADDRESS,
    secure: bool = True,
    **headers: str,
) -> Request:
    """Headers by keyword: `sec_fetch_site="none"`."""
    encoded = {
        name.replace("_", "-").encode(): value.encode("latin-1") for name, value in headers.items()
    }
    return Request(method, path, query, encoded, body, address, secure)


def basic(user: str, password: str = PASSWORD) -> str:
    return _authorization("Basic", f"{user}:{password}")


def md5_token(token: NewToken, signed: bytes = b"", *, token_name: str = "") -> str:
    """Signed over `signed`: the sorted query, or the body."""
    digest = hashlib.md5(signed + b"&secret=" + token.secret.encode()).hexdigest()
    return _authorization("Token", f"{token_name or token.token}:{digest}")


def hmac_headers(
    token: NewToken,
    sent_ms: int,
    method: str = "GET",
    target: bytes = b"/api/v2/user/profile",
    body: bytes = b"",
    window_ms: int | None = None,
) -> dict[str, str]:
    message = b"\n".join((b"%d" % sent_ms, method.encode(), target, body))
    headers = {
        "x_coinport_key": token.token,
        "x_coinport_timestamp": str(sent_ms),
        "x_coinport_signature": hmac.new(
            token.secret.encode(), message, hashlib.sha256
        ).hexdigest(),
    }
    return headers | ({"x_coinport_window": str(window_ms)} if window_ms else {})


async def code_of(attempt: Awaitable[object]) -> Code | None:
    """With which code `attempt` is refused; None if it is not."""
    error = await refusal(attempt)
    return error and error.code


async def refusal(attempt: Awaitable[object]) -> ApiError | None:
    try:
        await attempt
    except ApiError as error:
        return error
    return None


def _authorization(scheme: str, text: str) -> str:
    return f"{scheme} {base64.b64encode(text.encode()).decode()}"
