"""Whole requests: most are short, come in one piece, and are answered without waiting for anything
but the sequencer. For these uvicorn's way (a call for each header, a scope, a task and messages)
would cost more than all the rest. Its parser, its bounds and its connections stay as they are;
whatever is out of the ordinary goes on to it.

A piece that is a usual request is read by what is compiled, where it is. Any other goes through
uvicorn's parser, and may still be answered here once it is complete.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from coinport.engine.compiled import compiled
from coinport.gateway.addresses import ClientAddresses
from coinport.gateway.answers import HEADERS, Answer
from coinport.gateway.order_entry import Asker
from coinport.gateway.requests import Request
from coinport.gateway.serving import Respond

AtOnce = Callable[[Request, Respond], bool]
"""Whether a request was or will be answered. If not, nothing has happened."""


class Entry(Protocol):
    """Where requests enter before they are read. See `OrderEntry`."""

    def put(self, data: bytes, asker: Asker, /) -> bool: ...
    def look(self) -> None: ...


_GOOD: Final = STATUS_LINE[200]
_METHODS: Final = {b"GET": "GET", b"POST": "POST"}

Text: TypeAlias = tuple[str, bytes, bytes, dict[bytes, bytes], bytes]
"""Method, path, query, headers and body."""
_read: Final[Callable[[bytes], Text | None] | None] = (
    compiled.RequestTexts().read if compiled else None
)
"""None: something is not usual, or wrong. It reads nothing that the parser would read otherwise
(tests/app/test_whole_requests.py)."""
PIECE_MAX: Final = 16_384
"""Bytes of a piece that is looked at as a whole."""
AT_ONCE_MAX: Final = 10
"""Requests of a piece that are answered before anybody else has his turn: a piece may hold
thousands."""


class Short(NamedTuple):
    """Who answers whole requests."""

    entry: Entry
    """Asked first."""
    at_once: AtOnce
    addresses: ClientAddresses
    body_max: int
    """Bytes; a request with more is not kept until it is whole."""


class WholeRequests(HttpToolsProtocol):
    def __init__(self, *args: Any, short: Short, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._short = short
        self._entered = _Cycle()
        """Of all requests that entered here: one after the other."""
        self._entered.response_complete = True

    _collecting = False
    """The request at hand is kept, and not known to uvicorn yet."""
    _between = True
    """The parser has seen the end of a request, and nothing of another."""
    _at_once = 0
    """Requests of the piece at hand that were answered at once."""
    _declined = False
    """The request at hand was not answered at once: it is uvicorn's."""
    _body = b""
    _prefix: bytes = b""
    _good: bytes = b""
    """Headers of every answer, and the beginning of every good one, as long as `_prefixed` are the
    default headers."""
    _prefixed: object = None

    def whole(self, data: bytes) -> bool:
        """Whether `data` was a request that is answered now or soon. If not, nothing happened."""
        if not self._between or _read is None or len(data) > PIECE_MAX or not self._is_free():
            if not self._entered.response_complete:
                self._short.entry.look()  # before anything behind it is read
            return False
        if len(data) <= self._short.body_max and self._short.entry.put(data, self):
            self._unset_keepalive_if_required()
            self.busy()
            cycle: Any = self._entered
            cycle.response_complete = False
            self.cycle = cycle
            return True
        return self._read_whole(data)

    def _read_whole(self, data: bytes) -> bool:
        assert _read is not None
        text = _read(data)
        if text is None or len(text[4]) > self._short.body_max:
            return False
        self._unset_keepalive_if_required()
        if self._answered(*text):
            return True
        self._declined = True
        return False

    def parse(self, data: bytes) -> None:
        """The ordinary way."""
        super().data_received(data)

    def _is_free(self) -> bool:
        """Nothing that came before still waits for its answer, or stands in its way."""
        return self._all_answered() and not self.flow.write_paused

    def _all_answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def busy(self) -> None:
        """A request waits for its answer."""

    def idle(self) -> None:
        """All requests are answered."""

    def on_message_begin(self) -> None:
        self._between = False
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        if not self._declined and self._may_be_whole():
            self._collecting = True
            self._body = b""
        else:
            self._hand_over()
        self._declined = False

    def _may_be_whole(self) -> bool:
        """Whether it is worth waiting for the end of this request."""
        parser = self.parser
        if (
            parser.get_method() not in _METHODS
            or parser.should_upgrade()
            or not parser.should_keep_alive()
            or parser.get_http_version() != "1.1"
            or self.expect_100_continue
            or b"#" in self.url  # what stands behind it is left out there
            or self._at_once == AT_ONCE_MAX
            or not self._is_free()
        ):
            return False
        for name, value in self.headers:
            if name == b"content-length":
                return len(value) < 10 and int(value) <= self._short.body_max
            if name == b"transfer-encoding":
                return False
        return True

    def on_body(self, body: bytes) -> None:
        if self._collecting:
            self._body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        parser = self.parser
        self._between = parser.should_keep_alive() and not parser.should_upgrade()
        if not self._collecting:
            super().on_message_complete()
            return
        self._collecting = False
        path, _, query = self.url.partition(b"?")
        method = _METHODS[parser.get_method()]
        self._at_once += 1
        body = self._body if method == "POST" else b""
        if not self._answered(method, path, query, dict(self.headers), body):
            body = self._body
            self._hand_over()
            super().on_body(body)
            super().on_message_complete()

    def _answered(
        self, method: str, path: bytes, query: bytes, headers: dict[bytes, bytes], body: bytes
    ) -> bool:
        """Whether it is answered now or soon. If not, nothing happened."""
        request = self._request(method, path, query, headers, body)
        self.busy()
        before = self.cycle
        cycle: Any = _Cycle()
        self.cycle = cycle
        if self._short.at_once(request, partial(self._respond, cycle)):
            return True
        self.cycle = before
        return False

    def _request(
        self, method: str, path: bytes, query: bytes, headers: dict[bytes, bytes], body: bytes
    ) -> Request:
        forwarded_for = headers.get(b"x-forwarded-for", b"").decode("latin-1")
        peer = self.client[0] if self.client else ""
        address = self._short.addresses.of(peer, forwarded_for)
        return Request(method, path, query, headers, body, address, self.scheme == "https")

    def on_response_complete(self) -> None:
        last = not self.pipeline
        super().on_response_complete()
        if last:
            self.idle()

    def shutdown(self) -> None:
        """The server stops: a request of which a part has come is still answered."""
        if self._collecting:
            self._collecting = False
            body = self._body
            self._hand_over()
            if body:
                super().on_body(body)
        super().shutdown()

    def _hand_over(self) -> None:
        """To uvicorn, as if the headers had just come."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)  # the scope has this very list
        super().on_headers_complete()

    def _respond(self, cycle: "_Cycle", answer: Answer) -> None:
        cycle.response_complete = True
        if self.transport.is_closing():
            return
        status, body, headers = answer
        lines = [b"%b: %b\r\n" % header for header in headers]
        more = b"".join(lines)
        assert more.count(b"\n") == len(lines), "a header must not hold the end of a line"
        if not cycle.keep_alive:  # the server is stopping
            more += b"connection: close\r\n"
        self.transport.write(
            b"%b%b%bcontent-length: %d\r\n\r\n%b"
            % (STATUS_LINE[status], self._common_headers(), more, len(body), body)
        )
        if not cycle.keep_alive:
            self.transport.close()
        else:
            self._next()

    def _common_headers(self) -> bytes:
        defaults = self.server_state.default_headers
        if self._prefixed is not defaults:  # uvicorn makes new ones when the date changes
            self._prefixed = defaults
            lines = [b"%b: %b\r\n" % header for header in (*defaults, *HEADERS)]
            self._prefix = b"".join(lines)
            self._good = _GOOD + self._prefix
        return self._prefix

    def _next(self) -> None:
        """A request is answered."""
        if self.pipeline:
            self.on_response_complete()
        else:
            self.server_state.total_requests += 1
            self.idle()

    # What an `Asker` is to the order entry.

    def head(self) -> bytes | None:
        if not self._entered.keep_alive:
            return None
        if self._prefixed is not self.server_state.default_headers:
            self._common_headers()
        return self._good

    def send(self, answer: bytes) -> None:
        cycle = self._entered
        cycle.response_complete = True
        if self.transport.is_closing():
            return
        self.transport.write(answer)
        if cycle.keep_alive:
            self._next()
        else:  # the server has begun to stop since `head` was asked for
            self.transport.close()

    def respond(self, answer: Answer) -> None:
        self._respond(self._entered, answer)

    def declined(self, data: bytes) -> None:
        self._entered.response_complete = True  # as if it had not come yet
        if not self._read_whole(data):
            self.parse(data)
        if not self._entered.keep_alive:  # the server has begun to stop meanwhile
            self.shutdown()

    def abort(self) -> None:
        self.transport.abort()

    def request(self, data: bytes) -> Request:
        assert _read is not None
        text = _read(data)
        assert text is not None, "what was taken can be read"
        return self._request(*text)


class _Cycle:
    """What uvicorn wants to know of a request that it knows nothing about."""

    __slots__ = ("disconnected", "keep_alive", "response_complete")

    def __init__(self) -> None:
        self.disconnected = False
        self.keep_alive = True
        self.response_complete = False

    @property
    def message_event(self) -> asyncio.Event:
        """Set when the connection is lost; nobody waits for it."""
        return asyncio.Event()
