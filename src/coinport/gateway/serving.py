"""Serving: what happens to a request to an endpoint, in order.

1. Its address: the peer's, or what a named proxy says.
2. The body of a POST is read within its bound (1007, status 413).
3. Public: the address's rate limit (1002). Private: `credentials.authenticate(request)` (1014,
   1006, 1005), then the account's rate limit (1002), then the permission (1022).
4. The parameters are read (1001, 1007).
5. The handler; what it returns goes out in the envelope, an ApiError as that error.

A mistake of ours goes up to `app.create_app`'s handler: 1003 and a line in the log.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from coinport.database import Busy
from coinport.gateway.answers import failure, send_json, success
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.ratelimit import Verdict
from coinport.gateway.requests import ANYBODY, Caller, Request, language_of, read_request
from coinport.gateway.routes import Call, Endpoint, Nothing, Parameters
from coinport.gateway.services import Services
from coinport.gateway.wire import (
    NAME_LENGTH_MAX,
    SUPERFLUOUS,
    converted,
    number_figure,
    read_json,
    read_query,
    string_figure,
)
from coinport.journal.sequencer import Overloaded, Stopping

ResponseHeaders = list[tuple[bytes, bytes]]


class Served:
    """An endpoint as an ASGI application. `feature` is the object its handler is a method of."""

    def __init__(self, endpoint: Endpoint[Any, Any], feature: object, services: Services) -> None:
        self._handle = endpoint.__get__(feature, type(feature))
        self._name = endpoint.name
        self._permission = endpoint.permission
        self._limited = endpoint.limited
        self._failed_data = endpoint.failed_data
        self._read = _reader(endpoint)
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        services = self._services
        headers: ResponseHeaders = []
        try:
            request = await read_request(scope, receive, services.addresses, services.body_max)
            caller = await self._admitted(request, headers)
            parameters = self._read(request, scope["path_params"])
            call = Call(parameters, caller, request, _figure_of(request), headers)
            answer = await self._handle(call)
        except (ApiError, Overloaded, Stopping, Busy, TimeoutError) as refusal:
            error = refusal if isinstance(refusal, ApiError) else unavailable()
            language = language_of(dict(scope["headers"]))
            text = failure(error, language, services.clock(), self._failed_data)
            await send_json(send, error.status, text, [*headers, *error.headers])
            services.answered(self._name, error.code)
        except ClientDisconnect:
            pass
        else:
            await send_json(send, 200, success(answer, services.clock()), headers)
            services.answered(self._name, 0)

    async def _admitted(self, request: Request, headers: ResponseHeaders) -> Caller:
        limits = self._services.limits
        if self._permission is None:
            if self._limited:
                _within_limit(limits.public(request.address), headers)
            return ANYBODY
        caller = await self._services.credentials.authenticate(request)
        _within_limit(limits.private(caller.account), headers)
        if self._permission not in caller.permissions:
            raise ApiError(Code.NOT_PERMITTED, self._permission)
        return caller


def unavailable() -> ApiError:
    """Overloaded, stopping or not ready yet."""
    detail = Text("busy, try again shortly", "系统繁忙，请稍后重试")
    return ApiError(Code.INTERNAL_ERROR, "", detail, status=503, headers=[(b"retry-after", b"1")])


def _within_limit(verdict: Verdict | None, headers: ResponseHeaders) -> None:
    """`X-RateLimit-*` on every limited answer."""
    if verdict is None:
        return
    headers += verdict.headers()
    if not verdict.allowed:
        raise ApiError(Code.RATE_LIMITED)


def _figure_of(request: Request) -> Callable[[int, int], msgspec.Raw]:
    wanted = request.headers.get(b"x-number-format")
    return string_figure if wanted and wanted.lower() == b"string" else number_figure


Reader = Callable[[Request, dict[str, str]], Parameters]
"""Of a request and the path's part of the parameters."""


def _reader(endpoint: Endpoint[Any, Any]) -> Reader:
    if endpoint.method == "GET":
        return _query_reader(endpoint.parameters)
    if endpoint.in_path:
        return _path_reader(endpoint.parameters)
    return _body_reader(endpoint.parameters)


def _query_reader(kind: type[Parameters]) -> Reader:
    def read(request: Request, in_path: dict[str, str]) -> Parameters:
        if not request.query:
            return converted(in_path, kind)
        values = read_query(request.query)
        for name in in_path.keys() & values.keys():
            raise ApiError(Code.BAD_PARAMETER, name, SUPERFLUOUS)
        return converted(values | in_path, kind)

    return read


def _body_reader(kind: type[Parameters]) -> Reader:
    decode = msgspec.json.Decoder(kind, strict=False).decode

    def read(request: Request, in_path: dict[str, str]) -> Parameters:
        refuse_query(request)
        return read_json(decode, request.body)

    return read


def _path_reader(kind: type[Parameters]) -> Reader:
    """Of a POST whose path has a parameter: its body is empty, or an empty object."""
    read_nothing = _body_reader(Nothing)

    def read(request: Request, in_path: dict[str, str]) -> Parameters:
        read_nothing(request, {})
        return converted(in_path, kind)

    return read


def refuse_query(request: Request) -> None:
    """A POST takes no URL parameters: a signature of its body would not cover them."""
    if request.query:
        name = request.query.partition(b"&")[0].partition(b"=")[0].decode("latin-1")
        raise ApiError(Code.BAD_PARAMETER, name[:NAME_LENGTH_MAX], SUPERFLUOUS)
