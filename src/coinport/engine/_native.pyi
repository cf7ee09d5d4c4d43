"""The native engine as it is at the border (native/src/module.cpp): see `native.NativeEngine`."""

from collections.abc import Sequence

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
