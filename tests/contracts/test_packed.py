"""Packed batches: what engines take and give without an object for each command."""

import pytest

from coinport.engine.packed import Packed, pack, unpack
from coinport.model.commands import OpenAccount
from coinport.model.records import encode_command
from tests.engines import NewEngine, every_engine

OPEN = encode_command(OpenAccount())


def test_what_is_packed_can_be_unpacked() -> None:
    for items in ([], [b""], [b"a", b"", b"bcd"]):
        assert unpack(pack(items)) == items


@every_engine
def test_packed_commands_become_the_same_records(new_engine: NewEngine) -> None:
    one, other, third = new_engine(), new_engine(), new_engine()
    longer = b"\xdc\x00\x01" + OPEN[1:]  # the same command, said at more length
    commands = [OPEN, longer, OPEN]
    records = one.execute(5, commands)
    assert unpack(other.execute_packed(5, pack(commands))) == records
    third.replay_packed(pack(records))
    assert one.snapshot() == other.snapshot() == third.snapshot()


@every_engine
@pytest.mark.parametrize(
    "wrong", [Packed(b"\x01\x00\x00", b"x"), Packed(b"\x02\x00\x00\x00", b"x")]
)
def test_lengths_that_do_not_fit_are_refused(new_engine: NewEngine, wrong: Packed) -> None:
    engine = new_engine()
    with pytest.raises(ValueError, match="lengths"):
        engine.execute_packed(5, wrong)
    with pytest.raises(ValueError, match="lengths"):
        engine.replay_packed(wrong)
    assert engine.sequence == 0
