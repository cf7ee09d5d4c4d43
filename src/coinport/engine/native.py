"""The native engine: the rulebook in C++ (native/), the same bytes many times faster.

What the C++ cannot read it leaves to msgspec, so there is one judge of what a command, a record or
a snapshot is: where msgspec refuses it, so does the engine; where msgspec accepts it (a field too
many, say), the engine gets it in the usual form.
"""

from collections.abc import Callable
from collections.abc import Sequence as SequenceOf
from typing import Final

import msgspec

from coinport.engine import _native, snapshot
from coinport.engine.packed import Packed, unpack
from coinport.model.records import decode_command, decode_record, encode_command, encode_record
from coinport.model.units import Sequence, TimeMs


class NativeEngine:
    """An `Engine` (see `seam`). One thread at a time may use it."""

    __slots__ = ("_core",)

    name: Final = "native"

    def __init__(self) -> None:
        self._core = _native.Core()

    @property
    def sequence(self) -> Sequence:
        return Sequence(self._core.sequence)

    @property
    def time(self) -> TimeMs:
        return TimeMs(self._core.time)

    @property
    def memory_of_orders(self) -> int:
        """Bytes that open orders, their levels and what finds them take."""
        return self._core.memory_of_orders

    def execute(self, time: TimeMs, commands: SequenceOf[bytes]) -> list[bytes]:
        self._judge(self._core.read(commands), lambda: commands)
        self._decide(time)
        return self._core.records()

    def execute_packed(self, time: TimeMs, commands: Packed) -> Packed:
        self._judge(self._core.read_packed(*commands), lambda: unpack(commands))
        self._decide(time)
        return Packed(*self._core.packed())

    def replay(self, records: SequenceOf[bytes]) -> None:
        status, done, sequence = self._core.replay(records)
        while status == _native.UNREADABLE:
            self._replay_usual(records[done])
            records = records[done + 1 :]
            status, done, sequence = self._core.replay(records)
        self._check_replayed(status, sequence)

    def replay_packed(self, records: Packed) -> None:
        status, done, sequence = self._core.replay_packed(*records)
        if status == _native.UNREADABLE:
            self.replay(unpack(records)[done:])
        else:
            self._check_replayed(status, sequence)

    def snapshot(self) -> bytes:
        return self._core.snapshot()

    def restore(self, snapshot_bytes: bytes) -> None:
        assert self.sequence == 0, "only a new engine becomes a snapshot"
        status = self._core.restore(snapshot_bytes)
        if status == _native.UNREADABLE:
            usual = msgspec.msgpack.encode(snapshot.read(snapshot_bytes))
            status = self._core.restore(usual)
        if status != _native.DONE:
            raise ValueError("the snapshot contradicts itself")

    def _judge(self, unreadable: list[int], commands: Callable[[], SequenceOf[bytes]]) -> None:
        """Raises what msgspec raises."""
        if not unreadable:
            return
        given = commands()
        for at in unreadable:
            if not self._core.substitute(at, encode_command(decode_command(given[at]))):
                raise AssertionError(f"{given[at]!r} is a command, and the engine cannot read it")

    def _decide(self, time: TimeMs) -> None:
        if self._core.decide(time) != _native.DONE:
            raise AssertionError("the engine was about to move money that is not there")

    def _replay_usual(self, data: bytes) -> None:
        record = decode_record(data)
        usual = encode_record(
            record.sequence, record.time, encode_command(record.command), record.events
        )
        status, _, sequence = self._core.replay([usual])
        self._check_replayed(status, sequence)

    def _check_replayed(self, status: int, sequence: int) -> None:
        if status == _native.GAP:
            raise ValueError(f"record {sequence} cannot follow {self.sequence}")
        if status != _native.DONE:
            raise ValueError(f"record {sequence} does not fit what was there before it")
