"""Records as they come from the engine: encoded, and decoded when somebody looks at one.

Most are orders that came to rest or were taken back, and nobody but their own caller asks for more
than how many there were. `told` says which hold more than that, what everybody wants to see of the
trades in them, and how the books changed: so each is read once.
"""

from collections.abc import Iterator
from collections.abc import Sequence as SequenceOf
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias, overload

from coinport.engine.compiled import compiled
from coinport.model.commands import CancelAllOrders, CancelOrder, PlaceOrder
from coinport.model.events import (
    OrderBooked,
    OrderCanceled,
    OrderPlaced,
    OrderRepeated,
    Refused,
    StopTriggered,
    Traded,
)
from coinport.model.records import Record, decode_record, encode_command, encode_record
from coinport.model.units import MarketId, OrderId, Price, Quantity, Sequence, TimeMs, TradeId

_QUIET_COMMANDS: Final = frozenset({PlaceOrder, CancelOrder, CancelAllOrders})
_QUIET_EVENTS: Final = frozenset(
    {OrderPlaced, OrderBooked, OrderCanceled, StopTriggered, OrderRepeated, Refused}
)
_ORDER_EVENTS: Final = _QUIET_EVENTS | {Traded}


Trade: TypeAlias = tuple[TradeId, TimeMs, MarketId, int, Price, Quantity, OrderId]
"""Id, time, market, side of the taker, price, quantity, and the taker's order."""


Run: TypeAlias = tuple[MarketId, TimeMs, Price, Price, Price, int]
"""Market, time, last price, highest, lowest, and the sum of the quantities: of 64 bits, another
trade would begin another run."""
_VOLUME_MAX: Final = 2**63 - 1


class Told(NamedTuple):
    """What a batch holds, at a glance."""

    commands: list[tuple[int, int]]
    """How many of each kind, by tag."""
    refusals: list[tuple[int, int]]
    """How many for each reason."""
    notable: list[int]
    """Places of the records with a trade, and of the special ones."""
    special: list[int]
    """Places of the records with anything that is not about orders."""
    trades: list[Trade]
    """All of them, in order."""
    runs: list[Run]
    """The same, together where they follow each other in one market at one time."""
    last: Sequence
    time: TimeMs
    """Of the last record."""
    changes: Any
    """Of the books, for `LevelBooks`; None where nothing is compiled."""


class Records(SequenceOf[Record]):
    def __init__(self, encoded: list[bytes], decoded: list[Record | None] | None = None) -> None:
        self.encoded = encoded
        self._decoded: list[Record | None] = decoded or [None] * len(encoded)

    @cached_property
    def told(self) -> Told:
        if compiled:
            return Told(*compiled.told(self.encoded))
        return told(self)

    def __len__(self) -> int:
        return len(self.encoded)

    @overload
    def __getitem__(self, at: int) -> Record: ...
    @overload
    def __getitem__(self, at: slice) -> "Records": ...
    def __getitem__(self, at: int | slice) -> "Record | Records":
        if isinstance(at, slice):
            return Records(self.encoded[at], self._decoded[at])
        record = self._decoded[at]
        if record is None:
            record = self._decoded[at] = decode_record(self.encoded[at])
        return record

    def __iter__(self) -> Iterator[Record]:
        return map(self.__getitem__, range(len(self.encoded)))


def notable(records: SequenceOf[Record]) -> SequenceOf[Record]:
    """Those of `Told.notable`; of records that are decoded already, all."""
    if isinstance(records, Records):
        return [records[place] for place in records.told.notable]
    return records


def special(records: SequenceOf[Record]) -> SequenceOf[Record]:
    """Those of `Told.special`; of records that are decoded already, all."""
    if isinstance(records, Records):
        return [records[place] for place in records.told.special]
    return records


def encoded(records: SequenceOf[Record]) -> list[bytes]:
    return [
        encode_record(each.sequence, each.time, encode_command(each.command), each.events)
        for each in records
    ]


def told_of(records: SequenceOf[Record]) -> Told:
    """`Records.told`; what is decoded already is encoded again for it."""
    if isinstance(records, Records):
        return records.told
    return Records(encoded(records)).told


def end_of(records: SequenceOf[Record]) -> tuple[Sequence, TimeMs]:
    """Sequence and time of the last of them."""
    if isinstance(records, Records):
        return records.told.last, records.told.time
    return records[-1].sequence, records[-1].time


def told(records: SequenceOf[Record]) -> Told:
    """The same without the compiled one."""
    commands: dict[int, int] = {}
    refusals: dict[int, int] = {}
    notable, special = [], []
    trades: list[Trade] = []
    for place, record in enumerate(records):
        tag = type(record.command).__struct_config__.tag
        assert isinstance(tag, int)
        commands[tag] = commands.get(tag, 0) + 1
        events = record.events
        if events and type(events[0]) is Refused:
            refusals[events[0].reason] = refusals.get(events[0].reason, 0) + 1
        quiet = type(record.command) in _QUIET_COMMANDS
        if not (quiet and all(type(event) in _QUIET_EVENTS for event in events)):
            notable.append(place)
        if not (quiet and all(type(event) in _ORDER_EVENTS for event in events)):
            special.append(place)
        trades += [_trade(record.time, event) for event in events if type(event) is Traded]
    return Told(
        sorted(commands.items()),
        sorted(refusals.items()),
        notable,
        special,
        trades,
        _runs(trades),
        records[-1].sequence if records else Sequence(0),
        records[-1].time if records else TimeMs(0),
        None,
    )


def _runs(trades: list[Trade]) -> list[Run]:
    runs: list[Run] = []
    for _, time, market, _, price, quantity, _ in trades:
        run = runs[-1] if runs else None
        if run and run[:2] == (market, time) and run[5] + quantity <= _VOLUME_MAX:
            high, low, volume = max(run[3], price), min(run[4], price), run[5] + quantity
            runs[-1] = (market, time, price, high, low, volume)
        else:
            runs.append((market, time, price, price, price, quantity))
    return runs


def _trade(time: TimeMs, trade: Traded) -> Trade:
    return (
        trade.trade,
        time,
        trade.market,
        int(trade.taker_side),
        trade.price,
        trade.quantity,
        trade.taker_order,
    )
