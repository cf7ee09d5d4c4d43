"""A session: one socket, who is at its other end, and which channels it listens to.

Nothing waits in a queue of its own: what is written stands in the connection's buffer, and one that
grows beyond its bound shows a client that falls behind.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, assert_never

from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.ratelimit import Verdict
from coinport.gateway.requests import Permission, language_of
from coinport.gateway.requests import Request as HttpRequest
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
from coinport.gateway.streams.ordering import Ordering, refusal_of
from coinport.gateway.streams.proof import Proof, as_request, check, known_to_hold, proven
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
    UsualOrders,
    id_of,
    read_request,
)
from coinport.gateway.wire import FigureOf

if TYPE_CHECKING:
    from coinport.gateway.streams.streams import Streams

BACKLOG_BYTES_MAX: Final = 1 << 20
"""What may wait for a client that reads slowly: beyond it, it is dropped from the channels that
have something to tell, and no request of its is read until the buffer is empty."""

TOO_MANY: Final = Text(f"at most {CHANNELS_MAX}", f"最多 {CHANNELS_MAX} 个")
BINARY: Final = Text("text, not binary", "应为文本消息")


class Session:
    __slots__ = (
        "_figure",
        "_language",
        "_ordering",
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
        self._ordering = Ordering(streams, upgrade, figure, self._answer_soon, self._refuse)

    def push(self, channel: Channel, frame: bytes) -> None:
        """What a channel tells: nothing where it was left meanwhile."""
        if channel.hears(self):
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
        """Answers requests until the connection ends: those that `at_once` leaves, one by one."""
        self._socket.listen(self.at_once)
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return
            if self._socket.backlog > BACKLOG_BYTES_MAX:
                await self._socket.drained()
            await self._ordering.room()
            text = message.get("text")
            if text is None:
                self._failed(None, b"", ApiError(Code.BAD_PARAMETER, "message", BINARY))
            else:
                await self._asked(text.encode("utf-8", "surrogatepass"))

    def at_once(self, said: bytes) -> bool:
        """Whether a request is done without waiting for anything but the sequencer. If not, nothing
        has happened to it. Does not raise."""
        proof = self.proof
        if self._ordering.full or self._socket.backlog > BACKLOG_BYTES_MAX:
            return False
        if proof and not known_to_hold(proof, self._streams.services):
            return False
        asked: Request | UsualOrders | None = None
        try:
            if proof:
                asked = self._ordering.usual(said, proof.caller.account)
            if asked is None:
                asked = read_request(said)
            if isinstance(asked, Authenticate):
                return False
            self._count(proof)
            self._do(asked)
        except Exception as error:  # noqa: BLE001, an answer is owed
            self._failed(asked, said, error)
        return True

    async def _asked(self, said: bytes) -> None:
        asked: Request | None = None
        try:
            asked = read_request(said)
            await self._still_who_he_was(asked)
            self._count(self.proof)
            if isinstance(asked, Authenticate):
                await self._authenticate(asked)
            else:
                self._do(asked)
        except Exception as error:  # noqa: BLE001, an answer is owed
            self._failed(asked, said, error)

    def _failed(self, asked: Request | UsualOrders | None, said: bytes, error: Exception) -> None:
        """`asked` None: it could not be read, which counts all the same."""
        if asked is None:
            try:
                self._count(self.proof)
            except ApiError as too_many:
                error = too_many
        self._refuse(asked.id if asked else id_of(said), "", refusal_of(error))

    def _do(self, asked: Subscribe | Unsubscribe | Ping | Ordered | UsualOrders) -> None:
        match asked:
            case UsualOrders() | Ordered():
                permission = self._streams.operations[asked.op].permission
                self._ordering.decide(asked, self._permitted(permission).caller)
            case Subscribe():
                self._subscribe(asked)
            case Unsubscribe():
                self._unsubscribe(asked)
            case Ping():
                self._answer(asked.id, "ping", Pong(self._streams.services.clock()))
            case _:
                assert_never(asked)

    async def _still_who_he_was(self, asked: Request) -> None:
        """Raises ApiError where he is nobody any more."""
        if self.proof is None:
            return
        try:
            await check(self.proof, self._streams.services, using=not isinstance(asked, Ping))
        except ApiError as error:
            self.end_private(error)
            raise

    def _count(self, proof: Proof | None) -> None:
        """Raises ApiError where it is one too many. Who has proven who he is counts as his account,
        others as an address."""
        limits = self._streams.services.limits
        if proof:
            _within(limits.private(proof.caller.account))
        else:
            _within(limits.public(self._upgrade.address))

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

    def _permitted(self, permission: Permission) -> Proof:
        if self.proof is None:
            raise ApiError(Code.NOT_AUTHENTICATED)
        if permission not in self.proof.caller.permissions:
            raise ApiError(Code.NOT_PERMITTED, permission)
        return self.proof

    def _answer(self, id: Id, operation: str, data: object) -> None:
        self._socket.write(answer_frame(id, data))
        self._streams.services.answered(f"ws/{operation}", 0)

    def _answer_soon(self, frame: bytes, operation: str) -> None:
        """To an order: those that are decided together go out together."""
        self._socket.write_soon(frame)
        self._streams.answered_soon(operation)

    def _refuse(self, id: Id, operation: str, refusal: Exception) -> None:
        error = refusal if isinstance(refusal, ApiError) else unavailable()
        self._socket.write(failure_frame(id, error, self._language))
        self._streams.services.answered(f"ws/{operation}", error.code)


def _within(verdict: Verdict | None) -> None:
    if verdict is not None and not verdict.allowed:
        raise ApiError(Code.RATE_LIMITED)
