"""Requests: what arrived, read within bounds; and who may ask."""

from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from coinport.gateway.addresses import ClientAddresses
from coinport.gateway.errors import ApiError, Code, Language, Text
from coinport.model.units import AccountId

LANGUAGE_RANGES_MAX: Final = 20
"""Entries of an `Accept-Language` header that are looked at."""


class Permission(StrEnum):
    """What an endpoint needs its caller to have."""

    READ = "read"
    TRADE = "trade"
    WITHDRAW = "withdraw"
    OWNER = "owner"
    """Password or session: no token ever has it."""


class Scheme(StrEnum):
    """How a caller has proven who he is."""

    NONE = ""
    BASIC = "basic"
    TOKEN = "token"  # noqa: S105
    HMAC = "hmac"
    COOKIE = "cookie"


class Caller(NamedTuple):
    account: AccountId
    permissions: frozenset[Permission]
    scheme: Scheme
    with_code: bool = False
    """A one-time code was asked for beside the password: of a session, when it began."""


ANYBODY: Final = Caller(AccountId(0), frozenset(), Scheme.NONE)
"""The caller of a public endpoint."""


class Request(Struct, frozen=True):
    """An HTTP request as it was sent: signatures are made over these bytes."""

    method: str
    path: bytes
    """Still percent-encoded, without the query."""
    query: bytes
    """Still percent-encoded, without the question mark."""
    headers: dict[bytes, bytes]
    """Names in lower case; of a repeated header the last."""
    body: bytes
    address: str
    """The client's; behind a proxy named in the configuration, what that says."""
    secure: bool
    """It came over HTTPS."""


async def read_request(
    scope: Scope, receive: Receive, addresses: ClientAddresses, body_max: int
) -> Request:
    """Only a POST has a body. Raises ApiError where it is longer than `body_max` bytes, and
    ClientDisconnect."""
    headers = dict(scope["headers"])
    method = scope["method"]
    peer = scope["client"]
    forwarded_for = headers.get(b"x-forwarded-for")
    return Request(
        method,
        scope.get("raw_path") or scope["path"].encode(),
        scope["query_string"],
        headers,
        await _body(receive, headers, body_max) if method == "POST" else b"",
        addresses.of(peer[0] if peer else "", forwarded_for and forwarded_for.decode("latin-1")),
        scope["scheme"] == "https",
    )


async def _body(receive: Receive, headers: dict[bytes, bytes], most: int) -> bytes:
    declared = headers.get(b"content-length", b"0")
    if len(declared) > 10 or not declared.isdigit() or int(declared) > most:
        raise _too_large(most)
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body") and len(body) <= most and message["type"] == "http.request":
        return body
    return await _rest_of_body(receive, message, most)


async def _rest_of_body(receive: Receive, message: Message, most: int) -> bytes:
    """Counted as it comes: a declared length may be a lie, and a chunked body declares none."""
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > most:
            raise _too_large(most)
        if not message.get("more_body"):
            return bytes(body)
        message = await receive()


def _too_large(most: int) -> ApiError:
    detail = Text(f"longer than {most} bytes", f"超过 {most} 字节")
    headers = [(b"connection", b"close")]  # nobody will read the rest of it
    return ApiError(Code.BAD_PARAMETER, "body", detail, status=413, headers=headers)


def language_of(headers: dict[bytes, bytes]) -> Language:
    """What `Accept-Language` likes best of what we speak; English where it says nothing of use."""
    weights = {Language.EN: 0.0, Language.ZH: 0.0}
    ranges = headers.get(b"accept-language", b"").decode("latin-1").lower().split(",")
    for entry in ranges[:LANGUAGE_RANGES_MAX]:
        tag, _, parameter = entry.partition(";")
        primary = tag.strip().partition("-")[0]
        if primary in weights:
            language = Language(primary)
            weights[language] = max(weights[language], _weight(parameter))
    return Language.ZH if weights[Language.ZH] > weights[Language.EN] else Language.EN


def _weight(parameter: str) -> float:
    """Of `q=0.8`; 1 without one, 0 for nonsense."""
    name, _, value = parameter.partition("=")
    if not name.strip():
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
