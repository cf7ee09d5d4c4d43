"""The trading page as files: built from `web/`, held in memory, sent compressed. It is a client of
the public API like any other."""

import hashlib
import mimetypes
from collections.abc import Awaitable, Callable, Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final, NamedTuple

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

AREAS: Final = (
    "trade",
    "login",
    "register",
    "account",
    "markets",
    "fees",
    "reserves",
    "operator",
)
"""First segments of the page's own paths, as in `web/src/frame/areas.ts`."""
INDEX: Final = "index.html"
NOT_BUILT: Final = "The trading page is not built (make setup). The API: /api/v2/docs\n"

_API: Final = "/api/"
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "vary": "accept-encoding",
}
_ENCODINGS: Final = {"br": ".br", "gzip": ".gz"}
"""What the build wrote beside a file, the best first."""
_UNCHANGING: Final = "public, max-age=31536000, immutable"
"""Of a file whose name has its content's hash in it."""


class File(NamedTuple):
    media_type: str
    cache_control: str
    etag: str
    contents: dict[str, bytes]
    """By encoding; "" is as it is."""

    def response(self, request: Request, status: int = 200) -> Response:
        headers = {**_HEADERS, "cache-control": self.cache_control, "etag": self.etag}
        if status == 200 and request.headers.get("if-none-match") == self.etag:
            return Response(status_code=304, headers=headers)
        encoding = self._encoding(request.headers.get("accept-encoding", ""))
        if encoding:
            headers["content-encoding"] = encoding
        return Response(self.contents[encoding], status, headers, self.media_type)

    def _encoding(self, accepted: str) -> str:
        names = {part.partition(";")[0].strip() for part in accepted.split(",")}
        return next((each for each in _ENCODINGS if each in names and each in self.contents), "")


def page(folder: Traversable | None = None) -> list[BaseRoute]:
    """Its files and paths. Where it was not built, one line at "/" that says so."""
    files = dict(_files(folder or resources.files("coinport.gateway") / "page", ""))
    if INDEX not in files:
        return [Route("/", _not_built)]
    index = files.pop(INDEX)
    own = [Route("/", _sent(index))]
    for area in AREAS:
        own += [Route(f"/{area}", _sent(index)), Route(f"/{area}/{{rest:path}}", _sent(index))]
    sent = [Route(f"/{name}", _sent(file)) for name, file in files.items()]
    return [*own, *sent, _Mistyped("/{path:path}", _sent(index, status=404))]


class _Mistyped(Route):
    """An address that nothing else has, typed into a browser: the page says so. A program is told
    in JSON, and so is whoever asks below `_API`."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if (
            scope["type"] != "http"
            or scope["method"] not in ("GET", "HEAD")
            or scope["path"].startswith(_API)
            or "text/html" not in Headers(scope=scope).get("accept", "")
        ):
            return Match.NONE, {}
        return super().matches(scope)


async def _not_built(request: Request) -> Response:
    return PlainTextResponse(NOT_BUILT)


def _sent(file: File, status: int = 200) -> Callable[[Request], Awaitable[Response]]:
    async def send(request: Request) -> Response:
        return file.response(request, status)

    return send


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, File]]:
    """By path below `folder`."""
    if not folder.is_dir():
        return
    entries = {entry.name: entry for entry in folder.iterdir()}
    for name, entry in sorted(entries.items()):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{name}/")
        elif not name.endswith(tuple(_ENCODINGS.values())):
            plain = entry.read_bytes()
            contents = {"": plain} | {
                encoding: entries[name + ending].read_bytes()
                for encoding, ending in _ENCODINGS.items()
                if name + ending in entries
            }
            yield (
                f"{prefix}{name}",
                File(
                    mimetypes.guess_type(name)[0] or "application/octet-stream",
                    _UNCHANGING if prefix == "assets/" else "no-cache",
                    f'"{hashlib.sha256(plain).hexdigest()[:32]}"',
                    contents,
                ),
            )
