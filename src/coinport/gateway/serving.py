"""Serving: what happens to a request to an endpoint, in order.

1. Its address: the peer's, or what a named proxy says.
2. The body of a POST is read within its bound (1007, status 413).
3. Public: the address's rate limit (1002). Private: `credentials.authenticate(request)` (1014,
   1006, 1005), then the account's rate limit (1002), then the permission (1022).
4. The parameters are read (1001, 1007).
5. The handler; what it returns goes out in the envelope, an ApiError as that error.

Most requests need nothing but memory and the sequencer: for these there is `at_once`, which costs
no task and no turn of the event loop. Whatever must wait for something else goes the ASGI way.

A mistake of ours is answered with 1003, and a line in the log says where it was made.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import isawaitable, iscoroutine
from typing import Any, Final, TypeVar

import msgspec
import structlog
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from coinport.database import Busy
from coinport.gateway.answers import Answer, failure, send, success
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.operators import admit
from coinport.gateway.ratelimit import Verdict
from coinport.gateway.requests import (
    ANYBODY,
    Caller,
    Permission,
    Request,
    language_of,
    read_request,
)
from coinport.gateway.routes import Call, Decision, Endpoint, Nothing, Parameters
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
from coinport.journal.records import Records
from coinport.journal.sequencer import Overloaded, Stopping

Respond = Callable[[Answer], None]
"""Called once, perhaps before `at_once` returns. Does not raise."""
ResponseHeaders = list[tuple[bytes, bytes]]

_REFUSALS: Final = (ApiError, Overloaded, Stopping, Busy, TimeoutError)

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Served:
    """An endpoint, as an ASGI application and for those that need not wait. `feature` is the object
    its handler is a method of."""

    def __init__(self, endpoint: Endpoint[Any, Any], feature: object, services: Services) -> None:
        self._handle = endpoint.__get__(feature, type(feature))
        self._waits = endpoint.waits
        self._name = endpoint.name
        self._permission = endpoint.permission
        self._limited = endpoint.limited
        self._failed_data = endpoint.failed_data
        self._reads_late = endpoint.reads_late
        self._read = _reader(endpoint)
        self._services = services
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send_message: Send) -> None:
        services = self._services
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        try:
            request = await read_request(scope, receive, services.addresses, services.body_max)
        except ApiError as refusal:
            answered.set_result(self._refused(refusal, dict(scope["headers"]), []))
        except ClientDisconnect:
            return
        else:
            if not self.at_once(request, scope["path_params"], partial(_settle, answered)):
                answered.set_result(await self._waited_for(request, scope["path_params"]))
        await send(send_message, await answered)

    def at_once(self, request: Request, in_path: dict[str, str], respond: Respond) -> bool:
        """Whether the request is answered by `respond` without waiting for anything but the
        sequencer. If not, nothing has happened to it."""
        if self._waits:
            return False
        headers: ResponseHeaders = []
        try:
            if self._permission is None:
                caller = self._anybody(request, headers)
            else:
                known = self._services.credentials.at_once(request)
                if known is None:
                    return False
                caller = self._permitted(known, headers)
            outcome = self._handle(self._call(request, in_path, caller, headers))
            if isinstance(outcome, Decision):
                decided = partial(self.decided, outcome.answer, request, headers, respond)
                self._services.sequencer.submit_then(outcome.commands, decided)
                return True
            answered = self._success(outcome, headers)
        except _REFUSALS as refusal:
            answered = self._refused(refusal, request.headers, headers)
        except Exception:  # noqa: BLE001 - nobody else would answer
            answered = self._mistaken(request)
        respond(answered)
        return True

    def decided(
        self,
        answer: Callable[[Records], Any],
        request: Request,
        headers: ResponseHeaders,
        respond: Respond,
        records: Records,
        start: int,
        end: int,
    ) -> None:
        """What a `Decision` asked for is durable, as the sequencer tells; `respond` is called now
        or soon."""
        try:
            outcome = answer(records[start:end])
            if iscoroutine(outcome):
                later = asyncio.ensure_future(self._later(outcome, request, headers, respond))
                self._tasks.add(later)
                later.add_done_callback(self._tasks.discard)
                return
            answered = self._success(outcome, headers)
        except _REFUSALS as refusal:
            answered = self._refused(refusal, request.headers, headers)
        except Exception:  # noqa: BLE001 - nobody else would answer
            answered = self._mistaken(request)
        respond(answered)

    async def _later(
        self, outcome: Awaitable[Any], request: Request, headers: ResponseHeaders, respond: Respond
    ) -> None:
        try:
            answered = self._success(await outcome, headers)
        except _REFUSALS as refusal:
            answered = self._refused(refusal, request.headers, headers)
        except Exception:  # noqa: BLE001 - nobody else would answer
            answered = self._mistaken(request)
        respond(answered)

    async def _waited_for(self, request: Request, in_path: dict[str, str]) -> Answer:
        headers: ResponseHeaders = []
        try:
            caller = (
                self._anybody(request, headers)
                if self._permission is None
                else await self._admitted(request, headers)
            )
            outcome = self._handle(self._call(request, in_path, caller, headers))
            if isinstance(outcome, Decision):
                outcome = outcome.answer(await self._records_of(outcome.commands))
            if isawaitable(outcome):
                outcome = await outcome
        except _REFUSALS as refusal:
            return self._refused(refusal, request.headers, headers)
        return self._success(outcome, headers)

    async def _records_of(self, commands: list[bytes]) -> Records:
        decided: asyncio.Future[Records] = asyncio.get_running_loop().create_future()
        self._services.sequencer.submit_then(
            commands, lambda records, start, end: _settle(decided, records[start:end])
        )
        return await decided

    def _anybody(self, request: Request, headers: ResponseHeaders) -> Caller:
        if self._limited:
            _within_limit(self._services.limits.public(request.address), headers)
        return ANYBODY

    async def _admitted(self, request: Request, headers: ResponseHeaders) -> Caller:
        caller = await self._services.credentials.authenticate(request)
        if self._permission is not Permission.OPERATOR:
            return self._permitted(caller, headers)
        _within_limit(self._services.limits.private(caller.account), headers)
        await admit(self._services, caller)
        return caller

    def _permitted(self, caller: Caller, headers: ResponseHeaders) -> Caller:
        _within_limit(self._services.limits.private(caller.account), headers)
        if self._permission not in caller.permissions:
            raise ApiError(Code.NOT_PERMITTED, self._permission or "")
        return caller

    def _call(
        self, request: Request, in_path: dict[str, str], caller: Caller, headers: ResponseHeaders
    ) -> Call[Any]:
        read = partial(self._read, request, in_path)
        parameters = None if self._reads_late else read()
        return Call(read, caller, request, _figure_of(request), headers, parameters)

    def _success(self, outcome: object, headers: ResponseHeaders) -> Answer:
        self._services.answered(self._name, 0)
        return Answer(200, success(outcome, self._services.clock()), headers)

    def _refused(
        self, refusal: Exception, asked: dict[bytes, bytes], headers: ResponseHeaders
    ) -> Answer:
        error = refusal if isinstance(refusal, ApiError) else unavailable()
        self._services.answered(self._name, error.code)
        text = failure(error, language_of(asked), self._services.clock(), self._failed_data)
        return Answer(error.status, text, [*headers, *error.headers])

    def _mistaken(self, request: Request) -> Answer:
        _log.exception("a mistake of ours", endpoint=self._name)
        return self._refused(ApiError(Code.INTERNAL_ERROR), request.headers, [])


def _settle(waiting: asyncio.Future[T], result: T) -> None:
    if not waiting.done():  # whoever waited is gone
        waiting.set_result(result)


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
