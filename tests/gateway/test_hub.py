"""The hub sends a slice at a time, and nobody's frames wait behind those of a channel that cannot
be told as fast as it changes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from coinport.gateway.streams import hub as hubs
from coinport.gateway.streams.channel import Channel, Key
from coinport.gateway.streams.frames import data_frame
from coinport.gateway.streams.hub import Hub

pytestmark = pytest.mark.anyio


class Numbers:
    """A source that tells every number it heard of."""

    def __init__(self) -> None:
        self.new: list[int] = []
        self.all: list[int] = []

    def follow(self, record: Any, event: int) -> None:
        self.new.append(event)

    def update(self) -> bytes | None:
        """At most thirty."""
        told, self.new = self.new[:30], self.new[30:]
        self.all += told
        return msgspec.json.encode(told) if told else None

    def snapshot(self) -> bytes:
        return msgspec.json.encode(self.all)


class Reader:
    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def push(self, channel: Any, frame: bytes) -> None:
        if channel.hears(self):
            self.heard.append(frame)


async def until(happened: Callable[[], object]) -> None:
    """Turn by turn: the hub sends one frame in each."""
    for _ in range(1_000):
        if happened():
            return
        await asyncio.sleep(0)
    pytest.fail("that did not happen")


@pytest.fixture
async def hub(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    """One frame at a time."""
    monkeypatch.setattr(hubs, "SLICE", 1)
    hub = Hub()
    running = asyncio.create_task(hub.run())
    yield hub
    running.cancel()


async def channel_of(hub: Hub, name: str, readers: int) -> tuple[Any, list[Reader]]:
    """A channel whose readers have their snapshot."""
    channel: Any = Channel(Key(name, 0, False), hub, Numbers(), None, 0, False)
    hub.open(channel)
    joined = [Reader() for _ in range(readers)]
    for reader in joined:
        channel.join(reader)
    await until(lambda: all(reader.heard for reader in joined))
    for reader in joined:
        reader.heard.clear()
    return channel, joined


def update(name: str, *numbers: int) -> bytes:
    return data_frame(name, "update", msgspec.json.encode(numbers))


async def test_what_changes_while_a_frame_is_on_its_way_goes_out_in_one_behind_it(hub: Hub) -> None:
    channel, readers = await channel_of(hub, "numbers", 5)
    channel.follow(None, 1)
    await until(lambda: readers[0].heard)
    channel.follow(None, 2)
    await until(lambda: readers[2].heard)
    channel.follow(None, 3)
    assert not readers[4].heard
    await until(lambda: len(readers[4].heard) == 2)
    assert all(each.heard == [update("numbers", 1), update("numbers", 2, 3)] for each in readers)


async def test_frames_that_all_have_are_followed_by_the_next_at_once(hub: Hub) -> None:
    channel, (reader,) = await channel_of(hub, "numbers", 1)
    for number in range(1, 4):
        channel.follow(None, number)
        await until(lambda: len(reader.heard) == number)  # noqa: B023
    assert reader.heard == [update("numbers", number) for number in range(1, 4)]


async def test_other_channels_do_not_wait_for_one_that_is_held(hub: Hub) -> None:
    slow, readers = await channel_of(hub, "slow", 50)
    quick, (reader,) = await channel_of(hub, "quick", 1)
    slow.follow(None, 1)
    await until(lambda: readers[0].heard)
    for number in range(2, 30):
        slow.follow(None, number)
    quick.follow(None, 1)
    await until(lambda: reader.heard)
    assert not any(len(each.heard) == 2 for each in readers)
    await until(lambda: len(readers[-1].heard) == 2)
    assert readers[-1].heard == [update("slow", 1), update("slow", *range(2, 30))]


async def test_who_joins_while_a_channel_is_held_hears_all_of_it_once(hub: Hub) -> None:
    channel, readers = await channel_of(hub, "numbers", 3)
    channel.follow(None, 1)
    await until(lambda: readers[0].heard)
    channel.follow(None, 2)
    late = Reader()
    channel.join(late)
    await until(lambda: late.heard)
    assert late.heard == [data_frame("numbers", "snapshot", b"[1,2]")]
    channel.follow(None, 3)
    await until(lambda: len(late.heard) == 2)
    assert late.heard[1] == readers[0].heard[2] == update("numbers", 3)


async def test_what_is_too_much_for_one_frame_goes_out_in_several(hub: Hub) -> None:
    channel, readers = await channel_of(hub, "numbers", 2)
    for number in range(70):
        channel.follow(None, number)
    await until(lambda: len(readers[1].heard) == 3)
    parts = [range(30), range(30, 60), range(60, 70)]
    assert all(each.heard == [update("numbers", *part) for part in parts] for each in readers)


async def test_who_joins_again_hears_nothing_before_his_snapshot(hub: Hub) -> None:
    """Not even what was on its way to him already."""
    channel, (first, again) = await channel_of(hub, "numbers", 2)
    channel.follow(None, 1)
    await until(lambda: first.heard)
    channel.leave(again)
    channel.join(again)
    channel.follow(None, 2)
    await until(lambda: len(first.heard) == 2)
    await until(lambda: again.heard)
    assert again.heard == [data_frame("numbers", "snapshot", b"[1,2]")]
