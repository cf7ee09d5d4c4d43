"""Records as they come from the engine: decoded when somebody looks, and told of at a glance."""

import pytest

from coinport.engine.compiled import compiled
from coinport.journal.records import Records, end_of, notable, told, told_of
from coinport.model.commands import CancelAllOrders
from coinport.model.events import Event, Traded
from coinport.model.records import Record, decode_record
from coinport.model.trading import Side
from tests.readmodels.histories import lively


@pytest.fixture(scope="module")
def history() -> list[bytes]:
    return lively().records


def test_they_read_like_a_list_of_what_was_decoded(history: list[bytes]) -> None:
    records = Records(history[:50])
    decoded = [decode_record(each) for each in history[:50]]
    assert len(records) == 50
    assert list(records) == decoded
    assert records[-1] == decoded[-1]
    assert list(records[10:20]) == decoded[10:20]
    assert records[10:20].encoded == history[10:20]


def test_none_is_decoded_twice(history: list[bytes]) -> None:
    records = Records(history[:5])
    assert records[3] is records[3]
    assert records[2:5][1] is records[3]


def test_notable_are_trades_and_all_that_is_not_about_orders(history: list[bytes]) -> None:
    records = Records(history)
    quiet = {1, 2, 3, 4, 5, 6, 7} - {3}
    expected = [
        record
        for record in records
        if type(record.command).__struct_config__.tag > 3  # type: ignore[operator]
        or any(type(event).__struct_config__.tag not in quiet for event in record.events)
    ]
    assert list(notable(records)) == expected
    assert any(type(event) is Traded for record in expected for event in record.events)
    assert len(expected) < len(history)


def test_of_what_is_decoded_all_is_looked_at(history: list[bytes]) -> None:
    decoded = [decode_record(each) for each in history[:5]]
    assert notable(decoded) is decoded
    assert (
        end_of(decoded) == end_of(Records(history[:5])) == (decoded[-1].sequence, decoded[-1].time)
    )


@pytest.mark.skipif(compiled is None, reason="nothing is compiled here")
def test_what_is_compiled_tells_the_same(history: list[bytes]) -> None:
    decoded = [decode_record(each) for each in history]
    of_all = told(decoded)
    assert of_all.runs != [], "there is something to compare"
    for found in (Records(history).told, told_of(decoded)):
        assert found._replace(changes=None) == of_all


def test_trades_that_follow_each_other_in_a_market_at_a_time_are_one_run() -> None:
    def record(sequence: int, time: int, *trades: tuple[int, int, int]) -> Record:
        events: list[Event] = [
            Traded(1, market, Side.BUY, price, quantity, 1, 1, 0, 2, 2, 0, 0)  # type: ignore[arg-type]
            for market, price, quantity in trades
        ]
        return Record(sequence, time, CancelAllOrders(1, 0), events)

    records = [
        record(1, 70, (1, 50, 3), (1, 40, 4), (1, 45, 5), (2, 9, 1)),
        record(2, 70, (2, 8, 2), (1, 60, 1)),
        record(3, 71, (1, 60, 2**62), (1, 61, 2**61)),
        record(4, 71, (1, 62, 2**62), (1, 63, 1)),
    ]
    for found in (told(records), told_of(records)):
        assert found.runs == [
            (1, 70, 45, 50, 40, 12),
            (2, 70, 8, 9, 8, 3),
            (1, 70, 60, 60, 60, 1),
            (1, 71, 61, 61, 60, 2**62 + 2**61),
            (1, 71, 63, 63, 62, 2**62 + 1),
        ]


@pytest.mark.skipif(compiled is None, reason="nothing is compiled here")
def test_what_is_no_record_is_refused(history: list[bytes]) -> None:
    for broken in (b"", history[0][:-1], b"\x94", history[0][1:]):
        with pytest.raises(ValueError, match="no record"):
            _ = Records([broken]).told
