"""Credentials: who sent a request.

The first of these that a request has decides alone; the others are not even looked at:
1. `Authorization: Basic` (a password) or `Authorization: Token` (a signature by MD5),
2. `X-Coinport-Key` and its kin (a signature by HMAC),
3. the cookie of a session; a POST must then prove that one of our own pages sent it.

Where a token, a password or a session is remembered in memory, nothing here waits.
"""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Final, NamedTuple

from coinport.gateway import cookies, signatures
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.ratelimit import RateLimits, Verdict
from coinport.gateway.replays import SeenSignatures
from coinport.gateway.requests import Caller, Permission, Request, Scheme
from coinport.gateway.signatures import Basic, RepeatedParameter, read_authorization
from coinport.gateway.wire import NAME_LENGTH_MAX, REPEATED
from coinport.identity.errors import CodeRequired, CodeWrong, WrongCredentials
from coinport.identity.people import People
from coinport.identity.sessions import Sessions
from coinport.identity.tokens import Token, Tokens, allows
from coinport.identity.totp import OneTimeCodes
from coinport.model.units import AccountId

AUTHORIZATION: Final = b"authorization"
OTP: Final = b"x-coinport-otp"
"""A one-time code, with a password of an account that has them switched on."""
HMAC_KEY: Final = b"x-coinport-key"
HMAC_TIMESTAMP: Final = b"x-coinport-timestamp"
HMAC_WINDOW: Final = b"x-coinport-window"
HMAC_SIGNATURE: Final = b"x-coinport-signature"

WINDOW_MS: Final = 5_000
WINDOW_MAX_MS: Final = 60_000
"""How old a timestamp may be: by default, and at most."""
AHEAD_MAX_MS: Final = 1_000
"""How far it may be ahead of our clock, whatever the window."""

_TRADE: Final = Permission.TRADE.value
EVERYTHING: Final = frozenset(Permission) - {Permission.OPERATOR}
"""What a password or a session permits."""

NOT_PROVEN: Final = Text(
    "a POST by cookie needs the X-XSRF-TOKEN header, or a same-origin Origin, "
    "and Content-Type application/json",
    "仅凭 Cookie 的 POST 需要 X-XSRF-TOKEN 请求头或同源 Origin，以及 Content-Type application/json",
)
NO_MD5: Final = Text("it does not accept signatures by MD5", "不接受 MD5 签名")
NOT_FROM_HERE: Final = Text("not from this address", "不允许来自此地址")
NOT_NOW: Final = Text("the timestamp is outside the window", "时间戳超出窗口")
USED_BEFORE: Final = Text("it was used before", "签名已使用")
NOT_MILLISECONDS: Final = Text("not milliseconds within bounds", "不是有效范围内的毫秒数")


class Credentials:
    def __init__(
        self,
        *,
        people: People,
        sessions: Sessions,
        tokens: Tokens,
        one_time_codes: OneTimeCodes,
        limits: RateLimits,
        suspended: Callable[[AccountId], bool],
        clock: Callable[[], int],
        alone_since: int | None = None,
    ) -> None:
        """`alone_since`: since when nobody else accepts signatures, in ms; by default, now."""
        self._people = people
        self._sessions = sessions
        self._tokens = tokens
        self._one_time_codes = one_time_codes
        self._limits = limits
        self._suspended = suspended
        self._clock = clock
        self._seen = SeenSignatures()
        self.oldest_ms = (clock() if alone_since is None else alone_since) + AHEAD_MAX_MS + 1
        """What was signed earlier may have been used before the start: that is forgotten."""

    async def authenticate(self, request: Request) -> Caller:
        """Raises ApiError: 1014, 1006, 1005, 1015, 1022; 1001 and 1007 for `X-Coinport-*` headers
        that cannot be read; 1002 where the address has failed too often."""
        return await self._counted(request, self._caller(request))

    def at_once(self, request: Request) -> Caller | None:
        """`authenticate` where nothing has to be waited for: a signature by HMAC, of a token that
        is remembered. None: it is something else, and nothing has happened."""
        headers = request.headers
        token = self._tokens.cached(headers.get(HMAC_KEY, b"").decode("latin-1"))
        if token is None or AUTHORIZATION in headers:
            return None
        try:
            caller = self._by_hmac(_signed(request), token, request)
        except ApiError:
            _within(self._limits.failed(request.address))
            raise
        return self._not_suspended(caller)

    def holder(self, token: Token) -> tuple[AccountId, signatures.Keyed] | None:
        """Whose `token` is, and by what its signatures are made. None where it may not trade, or
        not from everywhere."""
        if token.ip_allow or _TRADE not in token.permissions:
            return None
        return token.account, signatures.keyed(token.secret)

    def admitted(
        self, account: AccountId, signature: bytes, sent_ms: int, now: int
    ) -> list[tuple[bytes, bytes]] | None:
        """Take a request that `account` has signed, as `at_once` and the account's rate limit do:
        what they add to the headers of the answer. None: one of them would refuse it, and nothing
        has happened."""
        if (
            self._suspended(account)
            or not self._limits.allows(account)
            or not self._first_time(signature, sent_ms, now)
        ):
            return None
        verdict = self._limits.private(account)
        return verdict.headers() if verdict else []

    async def log_in(self, request: Request) -> Caller:
        """By password only: a token must not become a session, nor a session a newer one.

        Raises ApiError as `authenticate` does. Another site must not log its visitor in to an
        account of its own, whose password it can put into a link.
        """
        if cookies.from_elsewhere(request) or request.headers.get(b"sec-fetch-mode") == b"navigate":
            raise ApiError(Code.NOT_AUTHENTICATED, "", cookies.FROM_ELSEWHERE)
        basic = read_authorization(request.headers.get(AUTHORIZATION, b""))
        if not isinstance(basic, Basic):
            raise ApiError(Code.NOT_AUTHENTICATED)
        return await self._counted(request, self._by_password(basic, request))

    async def confirm(self, request: Request) -> None:
        """Raises ApiError where the password of a `log_in` no longer opens the account: it was
        changed after it was looked at, and whoever changed it wants all sessions to end."""
        basic = read_authorization(request.headers.get(AUTHORIZATION, b""))
        assert isinstance(basic, Basic)
        try:
            await self._people.verify(basic.user, basic.password, request.address)
        except WrongCredentials:
            raise ApiError(Code.NOT_AUTHENTICATED) from None

    async def _counted(self, request: Request, attempt: Awaitable[Caller]) -> Caller:
        """The outcome of `attempt`. A failure takes from what the address may fail; a request
        without any credentials counts as a public one."""
        try:
            caller = await attempt
        except NoCredentials:
            _within(self._limits.public(request.address))
            raise
        except ApiError:
            _within(self._limits.failed(request.address))
            raise
        return self._not_suspended(caller)

    def _not_suspended(self, caller: Caller) -> Caller:
        if self._suspended(caller.account):
            raise ApiError(Code.ACCOUNT_UNAVAILABLE)
        return caller

    async def _caller(self, request: Request) -> Caller:
        headers = request.headers
        if authorization := headers.get(AUTHORIZATION, b"").strip():
            match read_authorization(authorization):
                case signatures.Token(token, signature):
                    return self._by_md5(await self._token(token, request), signature, request)
                case Basic() as basic:
                    return await self._by_password(basic, request)
                case _:
                    raise ApiError(Code.NOT_AUTHENTICATED)
        if HMAC_KEY in headers or HMAC_SIGNATURE in headers or HMAC_TIMESTAMP in headers:
            signed = _signed(request)
            return self._by_hmac(signed, await self._token(signed.key, request), request)
        return await self._by_cookie(request)

    async def _token(self, token: str, request: Request) -> Token:
        found = self._tokens.cached(token)
        if found is None:
            _within(self._limits.failures(request.address))
            found = await self._tokens.find(token)
        if found is None:
            raise ApiError(Code.NOT_AUTHENTICATED)
        return found

    def _by_md5(self, token: Token, signature: str, request: Request) -> Caller:
        try:
            signed = (
                signatures.md5_signs_body(token.secret, request.body, signature)
                if request.method == "POST"
                else signatures.md5_signs_query(token.secret, request.query, signature)
            )
        except RepeatedParameter as repeated:
            name = repeated.name[:NAME_LENGTH_MAX]
            raise ApiError(Code.BAD_PARAMETER, name, REPEATED) from None
        if not signed:
            raise ApiError(Code.WRONG_SIGNATURE)
        if not token.md5:
            raise ApiError(Code.NOT_PERMITTED, "", NO_MD5)
        return _holder(token, Scheme.TOKEN, request)

    def _by_hmac(self, signed: "_Signed", token: Token, request: Request) -> Caller:
        sent_ms = signed.sent_ms
        now = self._clock()
        if not self._timely(sent_ms, signed.window_ms, now):
            raise ApiError(Code.WRONG_SIGNATURE, "", NOT_NOW)
        target = request.path + b"?" + request.query if request.query else request.path
        method = request.method.encode()
        if not signatures.hmac_signs(
            token.secret, signed.timestamp, method, target, request.body, signed.signature
        ):
            raise ApiError(Code.WRONG_SIGNATURE)
        caller = _holder(token, Scheme.HMAC, request)
        if not self._first_time(bytes.fromhex(signed.signature), sent_ms, now):
            raise ApiError(Code.WRONG_SIGNATURE, "", USED_BEFORE)
        return caller

    def _timely(self, sent_ms: int, window_ms: int, now: int) -> bool:
        return max(now - window_ms, self.oldest_ms) <= sent_ms <= now + AHEAD_MAX_MS

    def _first_time(self, signature: bytes, sent_ms: int, now: int) -> bool:
        # The window is not signed: whoever replays a request may send it with the longest.
        return self._seen.first_time(signature[:16], sent_ms + WINDOW_MAX_MS, now)

    async def _by_password(self, basic: Basic, request: Request) -> Caller:
        _within(self._limits.failures(request.address))
        try:
            account = await self._people.verify(basic.user, basic.password, request.address)
            code = request.headers.get(OTP)
            with_code = await self._one_time_codes.check(
                account, code.decode("latin-1") if code else None
            )
        except WrongCredentials:
            raise ApiError(Code.NOT_AUTHENTICATED) from None
        except (CodeRequired, CodeWrong):
            raise ApiError(Code.ONE_TIME_CODE) from None
        return Caller(account, EVERYTHING, Scheme.BASIC, with_code)

    async def _by_cookie(self, request: Request) -> Caller:
        session_id = cookies.session_id(request)
        if session_id is None:
            raise NoCredentials
        if cookies.from_elsewhere(request):
            raise ApiError(Code.NOT_AUTHENTICATED, "", cookies.FROM_ELSEWHERE)
        _within(self._limits.failures(request.address))
        session = await self._sessions.find(session_id)
        if session is None:
            raise ApiError(Code.NOT_AUTHENTICATED)
        if request.method != "GET" and not (
            cookies.from_our_page(request, session.xsrf) and cookies.is_json(request)
        ):
            raise ApiError(Code.NOT_AUTHENTICATED, "", NOT_PROVEN)
        return Caller(session.account, EVERYTHING, Scheme.COOKIE, session.with_code)


class NoCredentials(ApiError):
    """Nothing was even tried."""

    def __init__(self) -> None:
        super().__init__(Code.NOT_AUTHENTICATED)


class _Signed(NamedTuple):
    """What the headers of a signature by HMAC say."""

    key: str
    signature: str
    timestamp: bytes
    sent_ms: int
    window_ms: int


def _signed(request: Request) -> _Signed:
    """Raises ApiError where a header is missing or cannot be read."""
    key = _needed(request, HMAC_KEY).decode("latin-1")
    signature = _needed(request, HMAC_SIGNATURE).decode("latin-1")
    timestamp = _needed(request, HMAC_TIMESTAMP)
    sent_ms = _milliseconds(HMAC_TIMESTAMP, timestamp)
    window_ms = WINDOW_MS
    if window := request.headers.get(HMAC_WINDOW):
        window_ms = _milliseconds(HMAC_WINDOW, window, most=WINDOW_MAX_MS)
    return _Signed(key, signature, timestamp, sent_ms, window_ms)


def _holder(token: Token, scheme: Scheme, request: Request) -> Caller:
    """Who holds `token`. Raises ApiError where it must not be used from that address."""
    if not allows(token, request.address):
        raise ApiError(Code.NOT_PERMITTED, "", NOT_FROM_HERE)
    return Caller(token.account, _permissions(token.permissions), scheme)


@lru_cache
def _permissions(names: frozenset[str]) -> frozenset[Permission]:
    return frozenset(map(Permission, names))


def _within(verdict: Verdict | None) -> None:
    if verdict is not None and not verdict.allowed:
        raise ApiError(Code.RATE_LIMITED, headers=verdict.headers())


def _needed(request: Request, name: bytes) -> bytes:
    value = request.headers.get(name)
    if not value:
        raise ApiError(Code.MISSING_PARAMETER, name.decode())
    return value


def _milliseconds(name: bytes, text: bytes, most: int = 10**15) -> int:
    if not text.isdigit() or len(text) > 15 or not 0 < int(text) <= most:
        raise ApiError(Code.BAD_PARAMETER, name.decode(), NOT_MILLISECONDS)
    return int(text)
