"""Who is at the other end of a socket, and whether that still holds."""

from typing import Final

from msgspec import UNSET, Struct
from starlette.types import Scope

from coinport.gateway import cookies
from coinport.gateway.addresses import ClientAddresses
from coinport.gateway.credentials import (
    AUTHORIZATION,
    HMAC_KEY,
    HMAC_SIGNATURE,
    HMAC_TIMESTAMP,
    HMAC_WINDOW,
)
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.requests import Caller, Permission, Request, Scheme
from coinport.gateway.routes import PREFIX
from coinport.gateway.services import Services
from coinport.gateway.signatures import Token, read_authorization
from coinport.gateway.streams.requests import Authenticate

PATH: Final = f"{PREFIX}/ws"

NOT_OURS: Final = Text(
    "a cookie counts only from our own pages (same origin)", "Cookie 仅限同源页面使用"
)
NO_PASSWORD: Final = Text("not by password", "不接受密码认证")
ENDED: Final = Text("the session or token is no longer good", "会话或令牌已失效")


class Proof(Struct, frozen=True):
    """Who a caller is and by what: a token, or a session."""

    caller: Caller
    by: str
    """The token, or the id of the session."""

    def __repr__(self) -> str:
        return f"Proof(account={self.caller.account})"


def upgrade_of(scope: Scope, addresses: ClientAddresses) -> Request:
    """The request that a socket begins with."""
    headers = dict(scope["headers"])
    peer = scope["client"]
    forwarded_for = headers.get(b"x-forwarded-for")
    return Request(
        "GET",
        scope.get("raw_path") or scope["path"].encode(),
        scope["query_string"],
        headers,
        b"",
        addresses.of(peer[0] if peer else "", forwarded_for and forwarded_for.decode("latin-1")),
        scope["scheme"] == "wss",
    )


def has_token(request: Request) -> bool:
    """Or a password: credentials that somebody gave on purpose."""
    names = (AUTHORIZATION, HMAC_KEY, HMAC_SIGNATURE, HMAC_TIMESTAMP)
    return any(name in request.headers for name in names)


def as_request(asked: Authenticate, upgrade: Request) -> Request:
    """As if the upgrade had had these headers, and no query."""
    given = {
        AUTHORIZATION: asked.authorization,
        HMAC_KEY: asked.key,
        HMAC_TIMESTAMP: asked.timestamp,
        HMAC_WINDOW: asked.window,
        HMAC_SIGNATURE: asked.signature,
    }
    headers = {
        name: str(value).encode("utf-8", "surrogatepass")
        for name, value in given.items()
        if value is not UNSET
    }
    if not headers:
        raise ApiError(Code.MISSING_PARAMETER, "key")
    return Request("GET", PATH.encode(), b"", headers, b"", upgrade.address, upgrade.secure)


async def proven(request: Request, services: Services) -> Proof:
    """Raises ApiError as `Credentials.authenticate` does."""
    caller = await services.credentials.authenticate(request)
    match caller.scheme:
        case Scheme.COOKIE:
            if not cookies.same_origin(request):
                raise ApiError(Code.NOT_AUTHENTICATED, "", NOT_OURS)
            return Proof(caller, cookies.session_id(request) or "")
        case Scheme.HMAC:
            return Proof(caller, request.headers[HMAC_KEY].decode("latin-1"))
        case Scheme.TOKEN:
            token = read_authorization(request.headers[AUTHORIZATION].strip())
            assert isinstance(token, Token)
            # Such a signature is the same for ever: whoever has seen one must not trade by it.
            allowed = caller.permissions & {Permission.READ}
            return Proof(caller._replace(permissions=allowed), token.token)
        case _:
            raise ApiError(Code.NOT_AUTHENTICATED, "", NO_PASSWORD)


def known_to_hold(proof: Proof, services: Services) -> bool:
    """Whether that can be said without waiting: of a token that was asked for lately."""
    return (
        proof.caller.scheme is not Scheme.COOKIE
        and services.tokens.cached(proof.by) is not None
        and not services.live.suspended(proof.caller.account)
    )


async def check(proof: Proof, services: Services, *, using: bool) -> None:
    """`using` a session prolongs it. Raises ApiError where it is over, the token is deleted or the
    account suspended."""
    if services.live.suspended(proof.caller.account):
        raise ApiError(Code.ACCOUNT_UNAVAILABLE)
    if not await _goes_on(proof, services, using):
        raise ApiError(Code.NOT_AUTHENTICATED, "", ENDED)


async def _goes_on(proof: Proof, services: Services, using: bool) -> bool:
    if proof.caller.scheme is not Scheme.COOKIE:
        tokens = services.tokens
        return (tokens.cached(proof.by) or await tokens.find(proof.by)) is not None
    if using:
        return await services.sessions.find(proof.by) is not None
    return await services.sessions.goes_on(proof.by)
