"""Orders of a session: decided in the order in which they came, and answered when they are durable.

Meanwhile the next request is read: no task and no queue for each, but a bound on how many answers
are owed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final

import structlog

from coinport.database import Busy
from coinport.gateway.errors import ApiError, Code
from coinport.gateway.requests import Caller
from coinport.gateway.requests import Request as HttpRequest
from coinport.gateway.routes import Call
from coinport.gateway.streams.frames import Id, answer_frame
from coinport.gateway.streams.requests import Ordered, UsualOrders, read_request
from coinport.gateway.wire import FigureOf, number_figure, read_json
from coinport.journal.records import Records
from coinport.journal.sequencer import Overloaded, Stopping
from coinport.model.units import AccountId

if TYPE_CHECKING:
    from coinport.gateway.streams.streams import Streams

OWED_MAX: Final = 100
"""Requests of one connection that are being answered: the next is read when one is."""

REFUSALS: Final = (ApiError, Overloaded, Stopping, Busy, TimeoutError)

_log = structlog.get_logger(__name__)


class Ordering:
    __slots__ = ("_answer", "_figure", "_one_less", "_owed", "_refuse", "_streams", "_upgrade")

    def __init__(
        self,
        streams: "Streams",
        upgrade: HttpRequest,
        figure: FigureOf,
        answer: Callable[[bytes, str], None],
        refuse: Callable[[Id, str, Exception], None],
    ) -> None:
        """`answer` is told the frame and the request's `op`, `refuse` its id and its `op`."""
        self._streams = streams
        self._upgrade = upgrade
        self._figure = figure
        self._answer = answer
        self._refuse = refuse
        self._owed = 0
        self._one_less: asyncio.Event | None = None

    @property
    def full(self) -> bool:
        return self._owed >= OWED_MAX

    async def room(self) -> None:
        """Until there is room for one more."""
        if self.full:
            self._one_less = asyncio.Event()
            await self._one_less.wait()

    def usual(self, said: bytes, account: AccountId) -> UsualOrders | None:
        """What `account` said, where it is usual orders."""
        if self._figure is not number_figure:
            return None
        asked = self._streams.orders.texts.asked(said, account)
        return UsualOrders(said, *asked) if asked else None

    def decide(self, asked: Ordered | UsualOrders, caller: Caller) -> None:
        """Raises what an endpoint over HTTP may raise; then no answer is owed."""
        if isinstance(asked, UsualOrders):
            usual = partial(self._usual_decided, asked, caller.account)
            self._streams.services.sequencer.submit_then(asked.commands, usual)
            self._owed += 1
            return
        operation = self._streams.operations[asked.op]
        request = self._request(asked)
        call = Call(partial(read_json, operation.decode, asked.body), caller, request, self._figure)
        if not operation.reads_late:
            assert call.parameters is not None
        decision = operation.handle(call)
        decided = partial(self._decided, asked, decision.answer)
        self._streams.services.sequencer.submit_then(decision.commands, decided)
        self._owed += 1

    def _request(self, asked: Ordered) -> HttpRequest:
        """As it would have come over HTTP."""
        upgrade = self._upgrade
        return HttpRequest(
            *("POST", upgrade.path, b"", upgrade.headers),
            *(asked.body, upgrade.address, upgrade.secure),
        )

    def _usual_decided(
        self, asked: UsualOrders, account: AccountId, records: Records, start: int, end: int
    ) -> None:
        orders = self._streams.orders
        frame = orders.texts.frame(records.encoded, start, end, asked.id_text)
        if frame is None:
            again = read_request(asked.said)
            assert isinstance(again, Ordered), "what was taken for orders is orders"
            results = partial(orders.results, account, self._request(again))
            self._decided(again, results, records, start, end)
        else:
            self._answer(frame, asked.op)
            self._one_less_owed()

    def _decided(
        self,
        asked: Ordered,
        answer: Callable[[Records], Any],
        records: Records,
        start: int,
        end: int,
    ) -> None:
        try:
            outcome = answer(records[start:end])
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
        self._answer(answer_frame(asked.id, outcome), asked.op)
        self._one_less_owed()

    def _not_answered(self, asked: Ordered, error: Exception) -> None:
        self._refuse(asked.id, asked.op, refusal_of(error))
        self._one_less_owed()

    def _one_less_owed(self) -> None:
        self._owed -= 1
        if self._one_less:
            self._one_less.set()
            self._one_less = None


def refusal_of(error: Exception) -> Exception:
    """What a client is told of it: a mistake of ours goes into the log, as over HTTP."""
    if isinstance(error, REFUSALS):
        return error
    _log.error("a mistake of ours", exc_info=error)
    return ApiError(Code.INTERNAL_ERROR)
