"""Order entry: the usual orders, signed by HMAC, from the bytes of their request to those of the
answer, in as few steps as there are rules.

What came in one turn of the event loop is looked at and submitted together, and what was decided
together is answered and sent together: a step alone, between two system calls, costs more than
among its like (docs/benchmarks.md).

The rules are those of `serving.py`. Here they are only asked whether all of them are met; a request
of which one is not, or that is unusual, is left as it came, and `serving.py` says what is wrong
with it (tests/gateway/test_order_entry.py).
"""

import asyncio
from functools import partial
from hmac import compare_digest
from typing import Any, Final, NamedTuple, Protocol

import structlog

from coinport.engine.compiled import compiled
from coinport.gateway.answers import Answer
from coinport.gateway.credentials import AHEAD_MAX_MS, WINDOW_MAX_MS, WINDOW_MS
from coinport.gateway.orders import Orders
from coinport.gateway.requests import Request
from coinport.gateway.routes import PREFIX
from coinport.gateway.services import Services
from coinport.gateway.serving import ResponseHeaders, Served
from coinport.journal.records import Records
from coinport.model.units import AccountId

_NAME: Final = Orders.submit_orders.name
PATH: Final = PREFIX + Orders.submit_orders.path
_BEGINNING: Final = f"POST {PATH} HTTP/1.1\r\n".encode()

TOGETHER_MAX: Final = 64
"""Commands that are submitted together, unless one request has more. A batch has only whole calls:
of a few of this size it is full, or nearly."""

_log = structlog.get_logger(__name__)


class Asker(Protocol):
    """The connection that a request came by."""

    def head(self) -> bytes | None:
        """Status line and headers of a good answer, as far as all have them in common. None: the
        answer will be out of the ordinary. Does not raise."""

    def send(self, answer: bytes) -> None:
        """All of it, head and body. Does not raise."""

    def respond(self, answer: Answer) -> None:
        """Likewise."""

    def declined(self, data: bytes) -> None:
        """`data` is not answered here."""

    def abort(self) -> None:
        """End the connection at once."""

    def request(self, data: bytes) -> Request:
        """What `data`, which was taken, says."""


class _Taken(NamedTuple):
    """A request that will be answered."""

    data: bytes
    account: AccountId
    headers: ResponseHeaders
    asker: Asker
    number: int
    """Of its orders."""


class OrderEntry:
    def __init__(self, services: Services, orders: Orders, served: Served) -> None:
        """`served` is the endpoint of `orders.submit_orders`."""
        self._take: Any = _compiled(services, orders) or (lambda _data, _now: None)
        self._admitted = services.credentials.admitted
        self._has_room = services.sequencer.has_room
        self._submit = services.sequencer.submit_then
        self._clock = services.clock
        self._answered = services.answered
        self._texts = orders.texts
        self._orders = orders
        self._served = served
        self._came: list[tuple[bytes, Asker]] = []
        self._commands: list[bytes] = []
        self._entered: list[_Taken] = []
        """Those whose commands these are, in order."""
        self._answers: list[tuple[Asker, bytes]] = []

    def put(self, data: bytes, asker: Asker) -> bool:
        """Whether `data` may be a request for here: then it is looked at soon, and answered, or
        `asker` is told that it is not."""
        if not data.startswith(_BEGINNING):
            return False
        if not self._came:
            asyncio.get_running_loop().call_soon(self.look)
        self._came.append((data, asker))
        return True

    def look(self) -> None:
        """At what was put in so far, now."""
        came, self._came = self._came, []
        now = self._clock()
        for data, asker in came:
            try:
                if not self._taken(data, asker, now):
                    self._submit_taken()  # nobody behind them comes first
                    asker.declined(data)
            except Exception:  # noqa: BLE001 - it is not the mistake of those behind him
                _log.exception("a mistake of ours", endpoint=_NAME)
                asker.abort()
        self._submit_taken()

    def _taken(self, data: bytes, asker: Asker, now: int) -> bool:
        """Whether it will be answered. If not, nothing has happened."""
        taken = self._take(data, now)
        if taken is None:
            return False
        account, commands, signature, sent_ms = taken
        together = len(self._commands) + len(commands)
        if not self._has_room(together):
            return False
        headers = self._admitted(account, signature, sent_ms, now)
        if headers is None:
            return False
        if self._commands and together > TOGETHER_MAX:
            self._submit_taken()
        self._commands += commands
        self._entered.append(_Taken(data, account, headers, asker, len(commands)))
        return True

    def _submit_taken(self) -> None:
        if not self._commands:
            return
        taken, self._entered = self._entered, []
        commands, self._commands = self._commands, []
        self._submit(commands, partial(self._decided, taken), len(taken))

    def _decided(self, taken: list[_Taken], records: Records, start: int, end: int) -> None:
        answers = self._texts.answers(
            records.encoded,
            start,
            [each.number for each in taken],
            [_head(each) for each in taken],
            self._clock(),
        )
        others_wait = bool(self._answers)
        for each, answer in zip(taken, answers, strict=True):
            behind = start + each.number
            if answer is None:
                self._answer_otherwise(each, records, start, behind)
            else:
                self._answers.append((each.asker, answer))
            start = behind
        if self._answers and not others_wait:
            asyncio.get_running_loop().call_soon(self._send_all)

    def _answer_otherwise(self, taken: _Taken, records: Records, start: int, end: int) -> None:
        """Where an order did not become a new one, say."""
        data, account, headers, asker, _ = taken
        try:
            request = asker.request(data)
            results = partial(self._orders.results, account, request)
            self._served.decided(results, request, headers, asker.respond, records, start, end)
        except Exception:  # noqa: BLE001 - likewise
            _log.exception("a mistake of ours", endpoint=_NAME)
            asker.abort()

    def _send_all(self) -> None:
        answers, self._answers = self._answers, []
        self._answered(_NAME, 0, len(answers))
        for asker, answer in answers:
            try:
                asker.send(answer)
            except Exception:  # noqa: BLE001 - likewise
                _log.exception("a mistake of ours", endpoint=_NAME)
                asker.abort()


def _head(taken: _Taken) -> bytes | None:
    head = taken.asker.head()
    if head is None or not taken.headers:
        return head
    return head + b"".join([b"%b: %b\r\n" % header for header in taken.headers])


def _compiled(services: Services, orders: Orders) -> Any:
    if not compiled:
        return None
    return compiled.OrderEntry(
        PATH,
        orders.texts.compiled,
        orders.texts.prevention,
        services.tokens.known,
        services.credentials.holder,
        compare_digest,
        WINDOW_MS,
        WINDOW_MAX_MS,
        AHEAD_MAX_MS,
        services.credentials.oldest_ms,
    ).take
