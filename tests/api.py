"""A client of the API for tests: in this process or over a network, signing as anybody; every
answer is held against the OpenAPI document."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import httpx
import jsonschema

PREFIX = "/api/v2"


class Answer(NamedTuple):
    status: int
    code: int
    data: Any
    """Figures are int, float or Decimal, always exact."""
    message: str
    headers: httpx.Headers
    text: str


class Key(NamedTuple):
    token: str
    secret: str

    def signature(
        self, sent_ms: int, method: str, target: bytes, body: bytes = b""
    ) -> dict[str, str]:
        """The headers that sign such a request."""
        message = b"\n".join((b"%d" % sent_ms, method.encode(), target, body))
        return {
            "x-coinport-key": self.token,
            "x-coinport-timestamp": str(sent_ms),
            "x-coinport-signature": hmac.new(
                self.secret.encode(), message, hashlib.sha256
            ).hexdigest(),
        }


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Api:
    """`as_key` makes one that signs. Paths are below `PREFIX`; a query is part of the path."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        document: Mapping[str, Any],
        clock: Callable[[], int] = _now_ms,
        key: Key | None = None,
    ) -> None:
        self.http = http
        self.contract = Contract(document)
        self._clock = clock
        self._key = key

    @classmethod
    async def at(cls, url: str, clock: Callable[[], int] = _now_ms) -> "Api":
        """Of a server that runs; to be closed by `http.aclose`."""
        http = httpx.AsyncClient(base_url=url)
        return cls(http, (await http.get(f"{PREFIX}/openapi.json")).json(), clock)

    def as_key(self, key: Key) -> "Api":
        return Api(self.http, self.contract.document, self._clock, key)

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.send("GET", path, headers=headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        return await self.send("POST", path, content, headers=headers)

    async def send(
        self, method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Underscores in the names of headers are hyphens."""
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        request = self.http.build_request(
            method, f"{PREFIX}/{path}", content=content, headers=named
        )
        if self._key:
            request.headers.update(self.signature(method, request.url.raw_path, content))
        return self.contract.checked(await self.http.send(request))

    def signature(self, method: str, target: bytes, body: bytes = b"") -> dict[str, str]:
        """The headers that sign such a request, of one that `as_key` made."""
        assert self._key
        # Each signature is accepted once, so no two may be made in the same millisecond.
        return self._key.signature(_LATER(self._clock()), method, target, body)


class _Later:
    def __init__(self) -> None:
        self._last = 0

    def __call__(self, now_ms: int) -> int:
        self._last = now_ms if abs(now_ms - self._last) > 1000 else max(now_ms, self._last + 1)
        return self._last


_LATER = _Later()


class Contract:
    """What the document promises, with nothing else beside it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._components = json.loads(json.dumps(document["components"]))
        for schema in self._components["schemas"].values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
        self._paths = [
            (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), path)
            for path in sorted(document["paths"], key=lambda path: path.count("{"))
        ]
        self._validator = lru_cache(None)(self._new_validator)

    def checked(self, response: httpx.Response) -> Answer:
        request = response.request
        body = json.loads(response.text, parse_float=exact_figure)
        path = self._path(request.url.path)
        method = "get" if request.method == "HEAD" else request.method.lower()
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        self._validator(path, method, str(response.status_code)).validate(body)
        return Answer(
            response.status_code,
            body["code"],
            body["data"],
            body.get("message", ""),
            response.headers,
            response.text,
        )

    def _path(self, path: str) -> str:
        return next((known for pattern, known in self._paths if pattern.fullmatch(path)), "")

    def _new_validator(self, path: str, method: str, status: str) -> Any:
        responses = self.document["paths"].get(path, {}).get(method, {}).get("responses", {})
        if status in responses:
            schema = responses[status]["content"]["application/json"]["schema"]
        else:
            schema = {
                "$ref": "#/components/schemas/Failure",
                "properties": {"code": {"const": 1012}},
            }
            assert status in ("404", "405"), f"{method} {path} does not promise a status {status}"
        return jsonschema.Draft202012Validator({**schema, "components": self._components})


def exact_figure(text: str) -> float | Decimal:
    """A float where it says the very same, so that tests can say 0.5."""
    assert re.fullmatch(r"-?(0|[1-9][0-9]*)\.[0-9]*[1-9]", text), f"not a plain decimal: {text}"
    return float(text) if repr(float(text)) == text else Decimal(text)
