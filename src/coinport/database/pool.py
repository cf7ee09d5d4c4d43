"""Threads for work that blocks, with a bounded queue before them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

T = TypeVar("T")


class Busy(Exception):
    """The queue is full; nothing was begun. Try again later."""


class BoundedPool:
    def __init__(self, name: str, threads: int, queue_max: int) -> None:
        self._name = name
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = BoundedSemaphore(threads + queue_max)

    async def run(self, work: Callable[[], T]) -> T:
        """What `work()` returns or raises. Raises Busy where `queue_max` others wait already.

        A caller that is canceled takes back what waits; what has begun goes on to its end.
        """
        if not self._places.acquire(blocking=False):
            raise Busy(f"{self._name}: too many are waiting")
        future = self._executor.submit(work)
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Wait until all that was accepted is done."""
        self._executor.shutdown()
