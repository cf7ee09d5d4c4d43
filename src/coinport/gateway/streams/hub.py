"""The hub: follows the feed, finds whom each record concerns, and sends what they are told.

The feed must not wait, so nothing but collecting is done there; the rest is the work of `run`, a
slice at a time: orders do not wait until thousands of subscribers have their frames. A channel is
not flushed before all its readers have the frame before: where there is more to tell than can be
sent, frames become fewer and fuller, not later and later.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from collections.abc import Sequence as SequenceOf
from typing import TYPE_CHECKING, Any, Final

from coinport.gateway.streams.channel import Channel, Key
from coinport.journal.records import notable
from coinport.model.events import (
    AccountSuspended,
    Event,
    OrderBooked,
    OrderCanceled,
    StopTriggered,
    Traded,
)
from coinport.model.records import Record
from coinport.model.units import AccountId, MarketId
from coinport.readmodels.projection import fold, merged

if TYPE_CHECKING:
    from coinport.gateway.streams.session import Session

SLICE: Final = 100
"""Frames that go out before the event loop may do something else."""
WAITING_MAX: Final = 5_000
"""Frames, each for all its readers, that wait to be sent: one more, and all of them are sent at
once, which makes whoever places orders wait instead."""


class Hub:
    def __init__(self) -> None:
        self.channels: dict[Key, Channel] = {}
        self.on_suspended: Callable[[AccountId], None] = lambda _account: None
        self._of_market: defaultdict[MarketId, list[Channel]] = defaultdict(list)
        self._of_account: defaultdict[AccountId, list[Channel]] = defaultdict(list)
        self._curious = 0
        """How many channels want to know of orders that did not trade."""
        self._of_all_markets: list[Channel] = []
        self._ready: list[Channel] = []
        self._waiting: deque[tuple[Channel, bytes, tuple[Session, ...]]] = deque()
        self._sent = 0
        """Of the first of `_waiting`, to how many of its readers it went already."""
        self._work = asyncio.Event()
        self._handlers = merged([self._routes()])

    def open(
        self, channel: Channel, market: MarketId | None = None, *, all_markets: bool = False
    ) -> None:
        """`channel` follows this market, or its account, from the next record on."""
        self.channels[channel.key] = channel
        self._curious += channel.curious
        if all_markets:
            self._of_all_markets.append(channel)
        if market:
            self._of_market[market].append(channel)
        if channel.key.account:
            self._of_account[AccountId(channel.key.account)].append(channel)

    def close(self, channel: Channel) -> None:
        if self.channels.get(channel.key) is not channel:
            return
        del self.channels[channel.key]
        self._curious -= channel.curious
        everywhere = [self._of_all_markets, *self._of_market.values(), *self._of_account.values()]
        for channels in everywhere:
            if channel in channels:
                channels.remove(channel)
        account = AccountId(channel.key.account)
        if account in self._of_account and not self._of_account[account]:
            del self._of_account[account]

    def receive(self, records: SequenceOf[Record]) -> None:
        """What the feed tells. Records that only the listeners of a book or an account care for
        are not even decoded where there are none."""
        if self.channels:
            fold(records if self._curious else notable(records), self._handlers)
            if len(self._waiting) > WAITING_MAX:
                self._send_some(None)

    def changed(self, channel: Channel) -> None:
        """It is flushed soon, or as soon as it may be."""
        if channel.scheduled:
            return
        channel.scheduled = True
        loop = asyncio.get_running_loop()
        wait_s = channel.flushed_at + channel.interval_s - loop.time()
        if wait_s > 0 and channel.flushed_at:
            loop.call_later(wait_s, self._make_ready, channel)
        else:
            self._make_ready(channel)

    def put(self, channel: Channel, frame: bytes, readers: "tuple[Session, ...]") -> None:
        channel.unsent += 1
        self._waiting.append((channel, frame, readers))

    async def run(self) -> None:
        """For ever."""
        loop = asyncio.get_running_loop()
        while True:
            if not self._waiting:
                await self._work.wait()
            self._work.clear()
            ready, self._ready = self._ready, []
            for channel in ready:
                if channel.unsent:
                    channel.held = True
                    continue
                channel.scheduled = False
                channel.flushed_at = loop.time()
                channel.flush()
            self._send_some(SLICE)
            await asyncio.sleep(0)

    def _make_ready(self, channel: Channel) -> None:
        self._ready.append(channel)
        self._work.set()

    def _send_some(self, most: int | None) -> None:
        """So many frames; None: all there are."""
        left = most
        while self._waiting and (left is None or left > 0):
            channel, frame, readers = self._waiting[0]
            begin = self._sent
            end = len(readers) if left is None else min(len(readers), begin + left)
            for session in readers[begin:end]:
                session.push(channel, frame)
            if left is not None:
                left -= max(1, end - begin)
            self._sent = end
            if end == len(readers):
                self._waiting.popleft()
                self._sent = 0
                channel.unsent -= 1
                if channel.held and not channel.unsent:
                    channel.held = False
                    self._make_ready(channel)

    def _routes(self) -> dict[type[Event], Callable[[Record, Any], None]]:
        routes: dict[type[Event], Callable[[Record, Any], None]] = {
            kind: self._of_one for kind in Event.__args__ if "account" in kind.__struct_fields__
        }
        return routes | {
            OrderBooked: self._of_its_market,
            Traded: self._traded,
            OrderCanceled: self._canceled,
            StopTriggered: self._triggered,
            AccountSuspended: self._suspended,
        }

    def _of_one(self, record: Record, event: Any) -> None:
        for channel in self._of_account.get(event.account, ()):
            channel.follow(record, event)

    def _of_its_market(self, record: Record, event: OrderBooked | OrderCanceled | Traded) -> None:
        for channel in self._of_market.get(event.market, ()):
            channel.follow(record, event)
        for channel in self._of_all_markets:
            channel.follow(record, event)

    def _canceled(self, record: Record, event: OrderCanceled) -> None:
        if event.booked:
            self._of_its_market(record, event)
        self._of_one(record, event)

    def _traded(self, record: Record, event: Traded) -> None:
        self._of_its_market(record, event)
        for account in {event.taker_account: None, event.maker_account: None}:
            for channel in self._of_account.get(account, ()):
                channel.follow(record, event)

    def _triggered(self, record: Record, event: StopTriggered) -> None:
        """It does not say whose order that is; it is rare."""
        for channels in self._of_account.values():
            for channel in channels:
                channel.follow(record, event)

    def _suspended(self, record: Record, event: AccountSuspended) -> None:
        self.on_suspended(event.account)
