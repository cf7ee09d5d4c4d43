"""Records as they come from the engine: decoded when somebody looks, and told of at a glance."""

import pytest

from coinport.engine.compiled import compiled
from coinport.journal.records import Records, encoded, notable, told
from coinport.model.events import Traded
from coinport.model.records import decode_record
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
    assert encoded(decoded) == history[:5]


@pytest.mark.skipif(compiled is None, reason="nothing is compiled here")
def test_what_is_compiled_tells_the_same(history: list[bytes]) -> None:
    assert Records(history).told == told([decode_record(each) for each in history])


@pytest.mark.skipif(compiled is None, reason="nothing is compiled here")
def test_what_is_no_record_is_refused(history: list[bytes]) -> None:
    for broken in (b"", history[0][:-1], b"\x94", history[0][1:]):
        with pytest.raises(ValueError, match="no record"):
            _ = Records([broken]).told
