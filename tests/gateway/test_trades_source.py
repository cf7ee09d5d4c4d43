"""What `trades` and `fills` tell of many trades: all of them, in frames of a bounded size."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from coinport.app import genesis
from coinport.engine.rulebook import Rulebook
from coinport.gateway.streams.own import FillsSource
from coinport.gateway.streams.trades import UPDATE_MAX, TradesSource
from coinport.gateway.wire import number_figure
from coinport.model.events import Traded
from coinport.model.records import encode_command
from coinport.model.trading import Side
from coinport.model.units import ACCOUNT_FIRST, AccountId, MarketId, TimeMs

ALICE, BOB = AccountId(ACCOUNT_FIRST), AccountId(ACCOUNT_FIRST + 1)


def source(kind: str) -> Any:
    engine = Rulebook()
    engine.execute(TimeMs(1), [encode_command(each) for each in genesis.commands()])
    listings = engine.state.listings
    if kind == "trades":
        return TradesSource(None, listings, MarketId(1), number_figure)  # type: ignore[arg-type]
    live = SimpleNamespace(listings=SimpleNamespace(listings=listings))
    return FillsSource(SimpleNamespace(live=live), ALICE, number_figure)  # type: ignore[arg-type]


def trade(number: int) -> Any:
    price, quantity = 20_000_000, 5
    taker, maker = (1_000 + number, BOB, 0), (number, ALICE, 0)
    return Traded(number, MarketId(1), Side.SELL, price, quantity, *taker, *maker, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["trades", "fills"])
def test_many_trades_are_told_in_several_updates_and_none_is_lost(kind: str) -> None:
    told = source(kind)
    count = 2 * UPDATE_MAX + 5
    for number in range(1, count + 1):
        told.follow(SimpleNamespace(time=number), trade(number))
    updates = []
    while (update := told.update()) is not None:
        assert len(update) < 1 << 20
        updates.append([each["trade_id"] for each in msgspec.json.decode(update)["trades"]])
    assert [len(update) for update in updates] == [UPDATE_MAX, UPDATE_MAX, 5]
    oldest_first = [int(id) for update in updates for id in reversed(update)]
    assert oldest_first == list(range(1, count + 1))
    assert told.update() is None
