"""Cookies of a session, and how to tell a request of our own pages from one another site forged."""

from hmac import compare_digest
from typing import Final

from starlette.requests import cookie_parser

from coinport.gateway.addresses import is_loopback
from coinport.gateway.errors import Text
from coinport.gateway.requests import Request

XSRF: Final = "XSRF-TOKEN"
"""Readable by our pages' scripts, which send it back as `X-XSRF-TOKEN`."""
SESSION: Final = "coinport_session"
SESSION_SECURE: Final = "__Host-coinport_session"
"""The prefix keeps subdomains and plain HTTP from setting it."""

FROM_ELSEWHERE: Final = Text("not from another site, nor by a link", "不能来自其他网站或链接")

Headers = list[tuple[bytes, bytes]]


def is_secure(request: Request) -> bool:
    """Over HTTPS, here or at a proxy: plain HTTP is for loopback only."""
    return request.secure or not is_loopback(request.address)


def session_id(request: Request) -> str | None:
    cookies = cookie_parser(request.headers.get(b"cookie", b"").decode("latin-1"))
    return cookies.get(_name(request)) or None


def begin(request: Request, session_id: str, xsrf: str) -> Headers:
    """Headers that set the cookies; they end with the browser, the session by its own rules."""
    return _set(request, session_id, xsrf, "")


def end(request: Request) -> Headers:
    return _set(request, "", "", "; Max-Age=0")


def from_elsewhere(request: Request) -> bool:
    """Whether the browser says that another site, be it a sibling, made it send this request."""
    return request.headers.get(b"sec-fetch-site") in {b"cross-site", b"same-site"}


def from_our_page(request: Request, xsrf: str) -> bool:
    """Whether it is proven that one of our own pages sent this request: by the token of its
    session, or in the word of the browser. Nothing is taken for granted."""
    given = request.headers.get(b"x-xsrf-token", b"")
    return compare_digest(given, xsrf.encode()) or same_origin(request)


def same_origin(request: Request) -> bool:
    """Whether the browser says so."""
    headers = request.headers
    if site := headers.get(b"sec-fetch-site"):
        return site == b"same-origin"
    host = headers.get(b"host", b"")
    scheme = b"https://" if is_secure(request) else b"http://"
    return host != b"" and headers.get(b"origin") == scheme + host


def is_json(request: Request) -> bool:
    """A form of another site cannot send this type without being asked for by the browser."""
    media_type = request.headers.get(b"content-type", b"").partition(b";")[0]
    return media_type.strip().lower() == b"application/json" or not (media_type or request.body)


def _name(request: Request) -> str:
    return SESSION_SECURE if is_secure(request) else SESSION


def _set(request: Request, session_id: str, xsrf: str, more: str) -> Headers:
    terms = "; Path=/; SameSite=Lax" + ("; Secure" if is_secure(request) else "") + more
    return [
        (b"set-cookie", f"{_name(request)}={session_id}{terms}; HttpOnly".encode()),
        (b"set-cookie", f"{XSRF}={xsrf}{terms}".encode()),
    ]
