"""The history of a demo is made of real records: 90 days of trades in every market."""

from collections import defaultdict

import pytest

from coinport.app.demo.history import history
from coinport.app.demo.people import ALICE, EVERYONE, MAKER, TAKER, play_money
from coinport.app.demo.walk import Walk
from coinport.engine.rulebook import Rulebook
from coinport.model.events import Credited, Refused, Traded
from coinport.model.records import Record, decode_record
from coinport.model.units import TimeMs

NOW = TimeMs(1_700_000_000_000)
DAY_MS = 24 * 3_600_000


@pytest.fixture(scope="module")
def records() -> list[Record]:
    made = history(Rulebook(), Walk(1), NOW)
    return [decode_record(record) for batch in made for record in batch]


@pytest.fixture(scope="module")
def trades(records: list[Record]) -> dict[int, list[tuple[int, Traded]]]:
    found = defaultdict(list)
    for record in records:
        for event in record.events:
            if isinstance(event, Traded):
                found[event.market].append((record.time, event))
    return found


def test_nothing_in_it_was_refused(records: list[Record]) -> None:
    assert not any(isinstance(event, Refused) for record in records for event in record.events)


def test_every_market_traded_from_ninety_days_ago_until_now(
    trades: dict[int, list[tuple[int, Traded]]],
) -> None:
    assert len(trades) == 14
    for market in trades.values():
        assert market[0][0] < NOW - 89 * DAY_MS
        assert NOW - DAY_MS // 24 < market[-1][0] <= NOW


def test_the_last_hours_are_dense_enough_for_minute_candles(
    trades: dict[int, list[tuple[int, Traded]]],
) -> None:
    for market in trades.values():
        last_hour = {time // 60_000 for time, _ in market if time > NOW - 3_600_000}
        assert len(last_hour) > 40


def test_both_sides_take_and_prices_move(trades: dict[int, list[tuple[int, Traded]]]) -> None:
    for market in trades.values():
        assert {trade.taker_side for _, trade in market} == {1, 2}
        assert len({trade.price for _, trade in market}) > 20


def test_only_the_robots_trade(trades: dict[int, list[tuple[int, Traded]]]) -> None:
    for market in trades.values():
        for _, trade in market:
            assert (trade.maker_account, trade.taker_account) == (MAKER.account, TAKER.account)


def test_everyone_has_play_money_of_every_currency(records: list[Record]) -> None:
    credited = [event for record in records for event in record.events if type(event) is Credited]
    assert len(credited) == 12 * len(EVERYONE)
    assert {event.account for event in credited} == {person.account for person in EVERYONE}
    assert play_money(ALICE)["CNY"] == 50_000
