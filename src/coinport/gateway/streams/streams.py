"""The streams: `/api/v2/ws` as an ASGI application, its sessions and its channels."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from types import MethodType
from typing import Any, Final, NamedTuple

import msgspec
import structlog
from starlette.types import Receive, Scope, Send

from coinport.database import Busy
from coinport.gateway import cookies
from coinport.gateway.answers import HEADERS, failure
from coinport.gateway.errors import ApiError, Code
from coinport.gateway.orders import Orders
from coinport.gateway.requests import Permission, Request, language_of
from coinport.gateway.routes import Call, Decision
from coinport.gateway.services import Services
from coinport.gateway.serving import unavailable
from coinport.gateway.streams.channel import Channel, Key
from coinport.gateway.streams.frames import Closing, notice_frame
from coinport.gateway.streams.hub import Hub
from coinport.gateway.streams.kinds import Named, Wanted
from coinport.gateway.streams.moving import TransfersSource
from coinport.gateway.streams.proof import Proof, check, has_token, proven, upgrade_of
from coinport.gateway.streams.requests import OPERATIONS
from coinport.gateway.streams.session import Session
from coinport.gateway.wire import FigureOf, number_figure, read_query, string_figure
from coinport.model.units import AccountId

UPDATES_PER_SECOND: Final = 10
"""Of a paced channel (depth, tickers, candles), to each client."""
LOOK_SECONDS: Final = 1.0
"""How often it is looked whether sessions and tokens still hold, whether time alone has changed a
ticker or a candle, and how far chains are with transfers."""

SOCKET: Final = "coinport.socket"
"""Of a scope: the connection as a `Socket`."""

_log = structlog.get_logger(__name__)


class _Operation(NamedTuple):
    permission: Permission
    decode: Callable[[bytes], Any]
    reads_late: bool
    handle: Callable[[Call[Any]], Decision[Any]]


class Streams:
    """Let `run` run, and serve it as ASGI; `close` before the server stops."""

    def __init__(self, services: Services, updates_per_second: int = UPDATES_PER_SECOND) -> None:
        """It follows the feed from now on, so the live views must do so already."""
        self.services = services
        self.sessions: set[Session] = set()
        self.subscriptions = 0
        self.resyncs = 0
        """Since the start."""
        self._interval_s = 1 / updates_per_second
        self._closing = False
        self._background: set[asyncio.Task[None]] = set()
        self._answered: Counter[str] = Counter()
        """In this turn of the event loop, by operation."""
        self._hub = Hub()
        self._hub.on_suspended = self._suspended
        self.orders = Orders(services)
        self.operations = {
            each.name: _Operation(
                each.permission,
                msgspec.json.Decoder(each.body, strict=False).decode,
                each.reads_late,
                MethodType(each.handler, self.orders),
            )
            for each in OPERATIONS
            if each.handler and each.permission
        }
        """Those that are endpoints over HTTP too."""
        services.feed.subscribe(self._hub.receive)

    @property
    def open_channels(self) -> list[str]:
        """Those that somebody listens to."""
        return [key.name for key in self._hub.channels]

    async def run(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hub.run())
            tasks.create_task(self._look())

    def measure(self, gauge: Callable[[str, str, Callable[[], float]], None]) -> None:
        """`gauge` is told the name, the meaning and the source of each figure."""
        gauge("stream_connections", "WebSockets.", lambda: len(self.sessions))
        gauge("stream_subscriptions", "Of all WebSockets.", lambda: self.subscriptions)
        gauge("stream_resyncs", "Clients that fell behind, so far.", lambda: self.resyncs)

    def close(self) -> None:
        """Tell everybody that the exchange stops."""
        self._closing = True
        frame = notice_frame(Closing())
        for session in self.sessions:
            session.write(frame)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # `websocket.connect`
        request = upgrade_of(scope, self.services.addresses)
        try:
            if self._closing:
                raise unavailable()
            figure = _figure_of(request)
            proof = await self._proof(request)
        except (ApiError, Busy, TimeoutError) as refusal:
            await self._refuse(request, refusal, send)
            return
        await send({"type": "websocket.accept"})
        session = Session(self, scope[SOCKET], request, proof, figure)
        self.sessions.add(session)
        try:
            await session.run(receive)
        finally:
            session.end()
            self.sessions.discard(session)

    def channel(self, wanted: Named, account: int, figure: FigureOf) -> Channel:
        """The one of that name, which is opened where nobody listens to it yet."""
        key = Key(wanted.name, account, figure is string_figure)
        channel = self._hub.channels.get(key)
        if channel is not None:
            return channel
        kind = wanted.kind
        opened = kind.open(
            self.services, Wanted(wanted.market, wanted.interval_s, AccountId(account), figure)
        )
        interval_s = self._interval_s if kind.paced else 0
        channel = Channel(key, self._hub, opened.source, opened.load, interval_s, kind.curious)
        self._hub.open(channel, wanted.market, all_markets=kind.all_markets)
        if opened.load:
            self.background(channel.load())
        return channel

    def left(self, channel: Channel) -> None:
        if channel.empty:
            self._hub.close(channel)

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """To its end, unless the event loop ends before."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def answered_soon(self, operation: str) -> None:
        """`services.answered`, once for all of a turn of the event loop: one by one it would cost
        as much as reading an order."""
        if not self._answered:
            asyncio.get_running_loop().call_soon(self._count_answered)
        self._answered[operation] += 1

    def _count_answered(self) -> None:
        for operation, number in self._answered.items():
            self.services.answered(f"ws/{operation}", 0, number)
        self._answered.clear()

    async def _proof(self, request: Request) -> Proof | None:
        """A cookie that is not good, or not from our own page, is as none: the public part of a
        page goes on. Raises ApiError where a token is not good."""
        if not has_token(request) and not cookies.session_id(request):
            verdict = self.services.limits.public(request.address)
            if verdict is not None and not verdict.allowed:
                raise ApiError(Code.RATE_LIMITED, headers=verdict.headers())
            return None
        try:
            return await proven(request, self.services)
        except ApiError as error:
            if error.code is Code.RATE_LIMITED or has_token(request):
                raise
            return None

    async def _refuse(self, request: Request, refusal: Exception, send: Send) -> None:
        error = refusal if isinstance(refusal, ApiError) else unavailable()
        body = failure(error, language_of(request.headers), self.services.clock())
        status = error.status if error.status != 200 else 403
        headers = [*HEADERS, *error.headers]
        await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": body})
        self.services.answered("ws/", error.code)

    def _suspended(self, account: AccountId) -> None:
        for session in self.sessions:
            if session.proof and session.proof.caller.account == account:
                session.end_private(ApiError(Code.ACCOUNT_UNAVAILABLE))

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for session in list(self.sessions):
                if session.proof:
                    await self._recheck(session, session.proof)
            for channel in list(self._hub.channels.values()):
                await self._look_at(channel)

    async def _recheck(self, session: Session, proof: Proof) -> None:
        try:
            await check(proof, self.services, using=False)
        except ApiError as error:
            session.end_private(error)
        except (Busy, TimeoutError):
            pass  # in a second again

    async def _look_at(self, channel: Channel) -> None:
        if channel.loading:
            return
        source = channel.source
        if isinstance(source, TransfersSource):
            try:
                if not source.to_read or not await source.read():
                    return
            except (Busy, TimeoutError) as error:
                _log.warning("transfers cannot be read now", error=repr(error))
                return
        elif look_again := getattr(source, "look_again", None):
            look_again()
        else:
            return
        self._hub.changed(channel)


def _figure_of(request: Request) -> FigureOf:
    wanted = request.headers.get(b"x-number-format", b"").decode("latin-1")
    if request.query:
        wanted = read_query(request.query).get("numbers", wanted)
    return string_figure if wanted.lower() == "string" else number_figure
