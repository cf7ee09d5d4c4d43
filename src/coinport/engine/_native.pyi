"""What is compiled, as it is at the border (native/src/module*.cpp): see `native.NativeEngine`,
`gateway/order_texts.py`, `gateway/order_entry.py`, `journal/records.py`, `readmodels/depth.py`,
`app/websockets.py` and `app/whole_requests.py`."""

from collections.abc import Callable, Sequence
from typing import Any

DONE: int
UNREADABLE: int
GAP: int
MISFIT: int
BROKEN: int

class Core:
    def read(self, commands: Sequence[bytes]) -> list[int]:
        """Take a batch; returns which of it cannot be read. Nothing is decided yet."""

    def read_packed(self, lengths: bytes, data: bytes) -> list[int]: ...
    def substitute(self, at: int, data: bytes) -> bool:
        """The same command in its usual form; whether that could be read."""

    def decide(self, time: int) -> int:
        """Decide the batch that was read: DONE, or BROKEN for ever."""

    def records(self) -> list[bytes]: ...
    def packed(self) -> tuple[bytes, bytes]:
        """The records in two pieces: their lengths, and all of them."""

    def replay(self, records: Sequence[bytes]) -> tuple[int, int, int]:
        """What is wrong with the first that could not be replayed, how many could, and the sequence
        that it bears."""

    def replay_packed(self, lengths: bytes, data: bytes) -> tuple[int, int, int]: ...
    def snapshot(self) -> bytes: ...
    def restore(self, data: bytes) -> int: ...
    @property
    def sequence(self) -> int: ...
    @property
    def time(self) -> int: ...
    @property
    def memory_of_orders(self) -> int: ...

class BookAlone:
    def run(self, flow: bytes) -> tuple[int, int, int]:
        """Trades, volume and their hash so far. Raises ValueError where it is no flow."""

    @property
    def memory(self) -> int: ...

class OrderTexts:
    def put_market(
        self,
        market: int,
        scale: int,
        price_decimals: int,
        amount_decimals: int,
        base_decimals: int,
        quote_decimals: int,
        symbol: str,
        base: str,
        quote: str,
    ) -> None: ...
    def put_name(self, name: str, market: int) -> None:
        """In capitals."""

    def put_reason(self, number: int, name: str) -> None: ...
    def read(self, body: bytes, account: int, prevention: int) -> list[bytes] | None:
        """The encoded commands; None where something is not usual, or wrong."""

    def write(self, records: list[bytes], start: int, end: int) -> bytes | None:
        """The answer as JSON text; None where one of these records did not place an order."""

    def answers(
        self,
        records: list[bytes],
        start: int,
        numbers: list[int],
        heads: list[bytes | None],
        time: int,
    ) -> list[bytes | None]:
        """The same of several, of `numbers` records each from `start` on, each in its envelope, as
        an answer over HTTP: `heads` lack their length and their end. None where there is none."""

class LevelChanges:
    """What some records changed in the books by price."""

class LevelBooks:
    def add(self, market: int, side: int, price: int, quantity: int) -> None: ...
    def set(self, market: int, sequence: int, time: int) -> None: ...
    def apply(self, changes: LevelChanges) -> None:
        """Raises ValueError where a record takes from a book what was never there."""

    def version(self, market: int) -> int: ...
    def time(self, market: int) -> int: ...
    def best(self, market: int) -> tuple[int, int]:
        """Bid and ask; 0 where there is none."""

    def quantity(self, market: int, side: int, price: int) -> int: ...
    def levels(
        self, market: int, limit: int
    ) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Asks and bids, the best first."""

class RequestTexts:
    def read(self, data: bytes) -> tuple[str, bytes, bytes, dict[bytes, bytes], bytes] | None:
        """Method, path, query, headers and body of a request that is whole and usual; see
        `app.whole_requests`."""

class OrderEntry:
    def __init__(
        self,
        path: str,
        texts: OrderTexts,
        prevention: int,
        tokens: dict[str, Any],
        holder: Callable[[Any], tuple[int, Any] | None],
        equal: Callable[[bytes, bytes], bool],
        window_ms: int,
        window_max_ms: int,
        ahead_max_ms: int,
        oldest_ms: int,
    ) -> None:
        """`tokens` by key, as they are remembered. `holder`: the account of one that may trade from
        anywhere, and the HMAC of its secret, to be copied; asked once for each. `equal` compares in
        constant time."""

    def take(self, data: bytes, now_ms: int) -> tuple[int, list[bytes], bytes, int] | None:
        """Account, encoded commands, signature and time of signing in ms of a request to submit
        orders that is whole, usual, rightly signed and in time; see `gateway.order_entry`."""

def frames(data: bytes, most: int) -> tuple[list[bytes | tuple[bytes]], bytes]:
    """The WebSocket frames of `data`, whose first byte begins one: of a usual one its text, else
    a tuple of the frame as it came; and what is left. See `app.websockets`."""

def told(records: list[bytes]) -> tuple[Any, ...]:
    """The fields of `journal.records.Told`. Raises ValueError."""
