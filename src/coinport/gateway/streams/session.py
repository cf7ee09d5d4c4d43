"""A session: one socket, who is at its other end, and which channels it listens to.

Nothing waits in a queue of its own: what is written stands in the connection's buffer, and one that
grows beyond its bound shows a client that falls behind.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final, assert_never

import structlog

from coinport.database import Busy
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.ratelimit import Verdict
from coinport.gateway.requests import Permission, language_of
from coinport.gateway.requests import Request as HttpRequest
from coinport.gateway.routes import Call
from coinport.gateway.serving import unavailable
from coinport.gateway.streams.channel import Channel
from coinport.gateway.streams.frames import (
    Ended,
    Id,
    Joined,
    Resync,
    Socket,
    answer_frame,
    failure_frame,
    notice_frame,
)
from coinport.gateway.streams.kinds import Named, named
from coinport.gateway.streams.proof import Proof, as_request, check, proven
from coinport.gateway.streams.requests import (
    CHANNELS_MAX,
    Authenticate,
    Authenticated,
    Ordered,
    Ping,
    Pong,
    Request,
    Subscribe,
    Unsubscribe,
    id_of,
    read_request,
)
from coinport.gateway.wire import FigureOf, read_json
from coinport.journal.records import Records
from coinport.journal.sequencer import Overloaded, Stopping

if TYPE_CHECKING:
    from coinport.gateway.streams.streams import Streams

BACKLOG_BYTES_MAX: Final = 1 << 20
"""What may wait for a client that reads slowly: beyond it, it is dropped from the channels that
have something to tell, and no request of its is read until the buffer is empty."""
REQUESTS_MAX: Final = 100
"""Requests of one connection that are being answered: the next is read when one is."""

TOO_MANY: Final = Text(f"at most {CHANNELS_MAX}", f"最多 {CHANNELS_MAX} 个")
BINARY: Final = Text("text, not binary", "应为文本消息")

REFUSALS: Final = (ApiError, Overloaded, Stopping, Busy, TimeoutError)

_log = structlog.get_logger(__name__)


class Session:
    __slots__ = (
        "_answering",
        "_figure",
        "_language",
        "_one_less",
        "_socket",
        "_streams",
        "_upgrade",
        "channels",
        "proof",
    )

    def __init__(
        self,
        streams: "Streams",
        socket: Socket,
        upgrade: HttpRequest,
        proof: Proof | None,
        figure: FigureOf,
    ) -> None:
        self.proof = proof
        """None: anybody."""
        self.channels: dict[str, Channel] = {}
        """By full name."""
        self._streams = streams
        self._socket = socket
        self._upgrade = upgrade
        self._language = language_of(upgrade.headers)
        self._figure = figure
        self._answering = 0
        self._one_less: asyncio.Event | None = None

    def push(self, channel: Channel, frame: bytes) -> None:
        """What a channel tells: nothing where it was left meanwhile."""
        if self.channels.get(channel.key.name) is channel:
            if self._socket.backlog > BACKLOG_BYTES_MAX:
                self.resync(channel)
            else:
                self._socket.write(frame)

    def write(self, frame: bytes) -> None:
        self._socket.write(frame)

    def resync(self, channel: Channel) -> None:
        """Drop it from a channel that it cannot follow."""
        self._streams.resyncs += 1
        self._leave(channel)
        self._socket.write(notice_frame(Resync(channel.key.name)))

    def end_private(self, error: ApiError) -> None:
        """From now on it is nobody's."""
        self.proof = None
        for channel in [each for each in self.channels.values() if each.key.account]:
            self._leave(channel)
            notice = Ended(channel.key.name, error.code, error.message(self._language))
            self._socket.write(notice_frame(notice))

    def end(self) -> None:
        for channel in list(self.channels.values()):
            self._leave(channel)

    async def run(self, receive: Callable[[], Awaitable[Any]]) -> None:
        """Answers requests until the connection ends."""
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return
            if self._socket.backlog > BACKLOG_BYTES_MAX:
                await self._socket.drained()
            if self._answering >= REQUESTS_MAX:
                self._one_less = asyncio.Event()
                await self._one_less.wait()
            await self._asked(message.get("text"))

    async def _asked(self, said: str | None) -> None:
        """None: something binary."""
        asked: Request | None = None
        try:
            asked = _read(said)
            await self._admitted(asked)
            match asked:
                case Ordered():
                    self._ordered(asked)
                case Subscribe():
                    self._subscribe(asked)
                case Unsubscribe():
                    self._unsubscribe(asked)
                case Ping():
                    self._answer(asked.id, "ping", Pong(self._streams.services.clock()))
                case Authenticate():
                    await self._authenticate(asked)
                case _:
                    assert_never(asked)
        except REFUSALS as refusal:
            self._refuse(asked.id if asked else id_of(said), "", refusal)

    async def _admitted(self, asked: Request) -> None:
        """Raises ApiError. Who has proven who he is counts as his account, others as an address."""
        limits, proof = self._streams.services.limits, self.proof
        if proof is None:
            _within(limits.public(self._upgrade.address))
            return
        try:
            await check(proof, self._streams.services, using=not isinstance(asked, Ping))
        except ApiError as error:
            self.end_private(error)
            raise
        _within(limits.private(proof.caller.account))

    def _subscribe(self, asked: Subscribe) -> None:
        wanted = self._named(asked.channels)
        names = self.channels.keys() | {each.name for each in wanted}
        if len(names) > CHANNELS_MAX:
            raise ApiError(Code.BAD_PARAMETER, "channels", TOO_MANY)
        if any(each.kind.private for each in wanted):
            self._permitted(Permission.READ)
        self._answer(asked.id, "subscribe", Joined([each.name for each in wanted]))
        for each in wanted:
            if each.name in self.channels:
                self._leave(self.channels[each.name])
            account = self.proof.caller.account if self.proof and each.kind.private else 0
            channel = self._streams.channel(each, account, self._figure)
            self.channels[each.name] = channel
            self._streams.subscriptions += 1
            channel.join(self)

    def _unsubscribe(self, asked: Unsubscribe) -> None:
        names = [each.name for each in self._named(asked.channels)]
        for name in names:
            if name in self.channels:
                self._leave(self.channels[name])
        self._answer(asked.id, "unsubscribe", Joined(names))

    def _named(self, names: list[str]) -> list[Named]:
        listings = self._streams.services.live.listings.listings
        by_name = {each.name: each for each in (named(name, listings) for name in names)}
        return list(by_name.values())

    def _leave(self, channel: Channel) -> None:
        if self.channels.pop(channel.key.name, None) is not None:
            self._streams.subscriptions -= 1
        channel.leave(self)
        self._streams.left(channel)

    async def _authenticate(self, asked: Authenticate) -> None:
        proof = await proven(as_request(asked, self._upgrade), self._streams.services)
        if self.proof and self.proof.caller.account != proof.caller.account:
            self.end_private(ApiError(Code.NOT_AUTHENTICATED))
        self.proof = proof
        self._answer(asked.id, "authenticate", Authenticated(proof.caller.account))

    def _ordered(self, asked: Ordered) -> None:
        """Orders are decided in the order in which they came, and answered when they are durable;
        meanwhile the next request is read."""
        operation = self._streams.operations[asked.op]
        caller = self._permitted(operation.permission).caller
        upgrade = self._upgrade
        request = HttpRequest(
            *("POST", upgrade.path, b"", upgrade.headers),
            *(asked.body, upgrade.address, upgrade.secure),
        )
        call = Call(partial(read_json, operation.decode, asked.body), caller, request, self._figure)
        if not operation.reads_late:
            assert call.parameters is not None
        decision = operation.handle(call)
        decided = partial(self._decided, asked, decision.answer)
        self._streams.services.sequencer.submit_then(decision.commands, decided)
        self._answering += 1

    def _decided(self, asked: Ordered, answer: Callable[[Records], Any], records: Records) -> None:
        try:
            outcome = answer(records)
        except Exception as error:  # noqa: BLE001, an answer is owed, as over HTTP
            self._not_answered(asked, error)
        else:
            if isawaitable(outcome):
                self._streams.background(self._later(asked, outcome))
            else:
                self._answered(asked, outcome)

    async def _later(self, asked: Ordered, outcome: Awaitable[Any]) -> None:
        try:
            self._answered(asked, await outcome)
        except Exception as error:  # noqa: BLE001, likewise
            self._not_answered(asked, error)

    def _answered(self, asked: Ordered, outcome: object) -> None:
        self._answer(asked.id, asked.op, outcome)
        self._one_less_to_answer()

    def _not_answered(self, asked: Ordered, error: Exception) -> None:
        if not isinstance(error, REFUSALS):
            _log.error("a mistake of ours", op=asked.op, exc_info=error)
            error = ApiError(Code.INTERNAL_ERROR)
        self._refuse(asked.id, asked.op, error)
        self._one_less_to_answer()

    def _one_less_to_answer(self) -> None:
        self._answering -= 1
        if self._one_less:
            self._one_less.set()
            self._one_less = None

    def _permitted(self, permission: Permission) -> Proof:
        if self.proof is None:
            raise ApiError(Code.NOT_AUTHENTICATED)
        if permission not in self.proof.caller.permissions:
            raise ApiError(Code.NOT_PERMITTED, permission)
        return self.proof

    def _answer(self, id: Id, operation: str, data: object) -> None:
        self._socket.write(answer_frame(id, data))
        self._streams.services.answered(f"ws/{operation}", 0)

    def _refuse(self, id: Id, operation: str, refusal: Exception) -> None:
        error = refusal if isinstance(refusal, ApiError) else unavailable()
        self._socket.write(failure_frame(id, error, self._language))
        self._streams.services.answered(f"ws/{operation}", error.code)


def _read(said: str | None) -> Request:
    if said is None:
        raise ApiError(Code.BAD_PARAMETER, "message", BINARY)
    return read_request(said.encode("utf-8", "surrogatepass"))


def _within(verdict: Verdict | None) -> None:
    if verdict is not None and not verdict.allowed:
        raise ApiError(Code.RATE_LIMITED)
