"""What SQL said, remembered for the hot path: bounded, and never staler than a change made here."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


class Memory(Generic[K, V]):
    __slots__ = ("_count_max", "changes", "known")

    def __init__(self, count_max: int) -> None:
        self.known: OrderedDict[K, V] = OrderedDict()
        self.changes = 0
        self._count_max = count_max

    def put(self, key: K, value: V, changes: int) -> None:
        """Remember what was read when `self.changes` was `changes`; the oldest makes room.

        If something was dropped since, the read may be older than that change: then not.
        """
        if changes != self.changes:
            return
        self.known[key] = value
        if len(self.known) > self._count_max:
            self.known.popitem(last=False)

    async def drop_after(
        self, change: Coroutine[Any, Any, T], keys: Callable[[T], Iterable[K]]
    ) -> T:
        """What `change` gives; then forget the keys it concerns.

        The two belong together: they go on to their end even if the caller is canceled.
        """

        async def both() -> T:
            result = await change
            self.changes += 1
            for key in keys(result):
                self.known.pop(key, None)
            return result

        return await asyncio.shield(asyncio.ensure_future(both()))
