"""What every engine promises at its seam, whatever its rules: see `coinport.engine.seam`."""

import msgspec
import pytest

from coinport.model import commands as c
from coinport.model.commands import (
    CancelAllOrders,
    CancelOrder,
    Command,
    Credit,
    OpenAccount,
    PlaceOrder,
)
from coinport.model.events import AccountOpened, OrderRepeated, Refused
from coinport.model.reasons import Reason
from coinport.model.records import decode_record, encode_command, encode_record
from coinport.model.trading import OrderType, Side
from coinport.model.units import ACCOUNT_FIRST, ORDER_FIRST
from tests.engines import ENGINES, NewEngine, every_engine
from tests.scenario import play
from tests.world import World

pytestmark = every_engine

OPEN = encode_command(OpenAccount())
pack = msgspec.msgpack.encode

A_BUSY_DAY = """
admin lists LTC with 8 decimals
admin lists LTC-USD with prices to 0.01 and amounts to 0.0001, minimum 1
admin charges makers 0.1% and takers 0.2% in LTC-USD
alice deposits 100 BTC
carol deposits 100 BTC
admin credits bob 10000 USD key wire-1
dave  deposits 50 LTC
dave  deposits 1000 USD
admin lists EUR with 2 decimals, fiat
admin announces 5 BTC for alice key BTC:1 as T1
admin announces 6 BTC for suspense key BTC:2 as T2
admin announces 7 EUR for alice key wire-2 as T3
admin announces 8 BTC for alice key BTC:4 as T4
admin announces 9 BTC for alice key BTC:5 as T5
admin credits T1
admin credits T2
admin credits T4
admin credits T5
admin holds T1
admin drops T3
admin announces 7 EUR for alice key wire-2 as T3
alice withdraws 1 BTC for a fee of 0.5 to 1Friend as T6
alice withdraws 2 BTC for a fee of 0.5 to 1Friend as T7
alice withdraws 3 BTC for a fee of 0.5 to 1Friend as T8
admin approves T7
admin approves T8
admin sends T8 in tx8
later 718 hours
admin holds T4
admin releases T4
carol sells 5 at 12
alice sells 5 at 10
carol sells 5 at 10
alice sells 5 at 10
bob   buys  7 at 10 id breakfast as B
> bob buys 5 at 10 from alice
> bob buys 2 at 10 from carol
bob   buys  5 at 8
dave  buys  2 at 8
bob   buys  5 at 9
alice sells 3 at 7 stop 8
dave  buys  3 at 13 stop 11
bob   sells 1 at 7 stop 8
dave  sells 9 at 3 in LTC-USD
bob   buys  3 at 4 in LTC-USD
> bob buys 3 at 3 from dave in LTC-USD, bob pays 0.006 LTC, dave pays 0.009 USD
admin suspends eve
admin restricts LTC-USD
admin allows prices within 90% in BTC-USD
later 3 hours
"""


def test_a_new_engine_has_seen_nothing(new_engine: NewEngine) -> None:
    engine = new_engine()
    assert (engine.sequence, engine.time) == (0, 0)
    assert engine.name
    assert engine.snapshot() == new_engine().snapshot()


def test_each_command_becomes_one_record_in_order(new_engine: NewEngine) -> None:
    engine = new_engine()
    cancel = encode_command(CancelOrder(ACCOUNT_FIRST, ORDER_FIRST))
    records = engine.execute(1_000, [OPEN, cancel]) + engine.execute(2_000, [OPEN])
    assert records == [
        encode_record(1, 1_000, OPEN, [AccountOpened(ACCOUNT_FIRST)]),
        encode_record(2, 1_000, cancel, [Refused(Reason.UNKNOWN_ORDER)]),
        encode_record(3, 2_000, OPEN, [AccountOpened(ACCOUNT_FIRST + 1)]),
    ]
    assert (engine.sequence, engine.time) == (3, 2_000)


def test_nothing_to_do_is_nothing_done(new_engine: NewEngine) -> None:
    engine = new_engine()
    engine.execute(1_000, [OPEN])
    before = engine.snapshot()
    assert engine.execute(2_000, []) == []
    assert engine.snapshot() == before


def test_a_cancel_all_that_finds_nothing_is_a_record_without_events(new_engine: NewEngine) -> None:
    engine = new_engine()
    command = encode_command(CancelAllOrders(ACCOUNT_FIRST, 0))
    assert engine.execute(5, [OPEN, command])[1] == encode_record(2, 5, command, [])


def test_a_clock_that_runs_back_counts_as_standing_still(new_engine: NewEngine) -> None:
    engine = new_engine()
    engine.execute(5_000, [OPEN])
    assert decode_record(engine.execute(4_000, [OPEN])[0]).time == 5_000
    assert engine.time == 5_000
    assert decode_record(engine.execute(5_001, [OPEN])[0]).time == 5_001


NOT_COMMANDS = {
    "nothing": b"",
    "no array": pack({"account": 1}),
    "an empty array": pack([]),
    "an unknown tag": pack([99, ACCOUNT_FIRST]),
    "a missing field": pack([2, ACCOUNT_FIRST]),
    "text for a number": pack([2, ACCOUNT_FIRST, "1"]),
    "a float for a number": pack([2, ACCOUNT_FIRST, 1.0]),
    "a boolean for a number": pack([2, ACCOUNT_FIRST, True]),
    "no such side": pack([1, ACCOUNT_FIRST, 1, 3, 1, 10, 10]),
    "text that is not UTF-8": pack([5, ACCOUNT_FIRST, "?", "why"]).replace(b"?", b"\xff"),
    "half a command": encode_command(CancelOrder(ACCOUNT_FIRST, ORDER_FIRST))[:-1],
    "a command and more": OPEN + b"\x00",
}


@pytest.mark.parametrize("data", NOT_COMMANDS.values(), ids=NOT_COMMANDS.keys())
def test_bytes_that_are_no_command_raise_before_anything_happens(
    new_engine: NewEngine, data: bytes
) -> None:
    engine = new_engine()
    engine.execute(1_000, [OPEN])
    before = engine.snapshot()
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        engine.execute(2_000, [OPEN, OPEN, data, OPEN])
    assert (engine.sequence, engine.time) == (1, 1_000)
    assert engine.snapshot() == before


def test_text_is_measured_in_characters(new_engine: NewEngine) -> None:
    world = play("bob deposits 100 USD", new_engine)
    bob = world.account("bob")
    order = {"side": Side.BUY, "order_type": OrderType.LIMIT, "price": 100, "quantity": 1}
    for name, accepted in (("𝄞" * 36, True), ("é" * 36, True), ("𝄞" * 37, False)):
        command = PlaceOrder(bob, 1, client_order_id=name, **order)
        (event, *_) = world.tell(command).events
        assert (event == Refused(Reason.INVALID_TEXT)) is not accepted
    for note, accepted in (("é" * 200, True), ("é" * 201, False)):
        (event,) = world.tell(Credit(bob, 2, 1, "", "admin", note)).events
        assert (event == Refused(Reason.INVALID_TEXT)) is not accepted


def test_replay_and_snapshots_give_the_state_of_the_engine_that_lived_it(
    new_engine: NewEngine,
) -> None:
    world = play(A_BUSY_DAY, new_engine)
    lived = world.engine.snapshot()
    for cut in range(len(world.records) + 1):
        first, second = new_engine(), new_engine()
        first.replay(world.records[:cut])
        second.restore(first.snapshot())
        assert (second.sequence, second.time) == (first.sequence, first.time)
        second.replay(world.records[cut:])
        assert second.snapshot() == lived


def test_all_engines_write_the_same_bytes(new_engine: NewEngine) -> None:
    world, first = play(A_BUSY_DAY, new_engine), play(A_BUSY_DAY, ENGINES[0])
    assert world.records == first.records
    assert world.engine.snapshot() == first.engine.snapshot()


def test_a_restored_engine_goes_on_as_if_nothing_had_happened(new_engine: NewEngine) -> None:
    """Time priority, stops, client order ids, keys, suspensions, last prices, deposits and
    withdrawals and how far they are: all is there."""
    world = play(A_BUSY_DAY, new_engine)
    alice, bob, dave, eve = (world.account(name) for name in ("alice", "bob", "dave", "eve"))
    limit = {"order_type": OrderType.LIMIT, "market": 1}
    told = [
        world.orders[world.labels["B"]],  # once more: the same order
        Credit(bob, 2, 1, "wire-1", "admin", "again"),
        PlaceOrder(eve, side=Side.BUY, price=1_000, quantity=1, **limit),
        PlaceOrder(bob, side=Side.BUY, price=2_000, quantity=1, **limit),  # outside the band
        PlaceOrder(dave, side=Side.BUY, price=1_200, quantity=90_000, **limit),  # sets stops off
        PlaceOrder(dave, side=Side.SELL, price=700, quantity=110_000, **limit),
        CancelAllOrders(bob, 0),
        CancelAllOrders(alice, 0),
        OpenAccount(),
        *_about_transfers(world),
    ]
    restored, commands = new_engine(), [encode_command(command) for command in told]
    restored.restore(world.engine.snapshot())
    records = world.engine.execute(world.time, commands)
    assert restored.execute(world.time, commands) == records
    assert restored.snapshot() == world.engine.snapshot()
    kinds = [[type(event).__name__ for event in decode_record(data).events] for data in records]
    assert kinds[0] == [OrderRepeated.__name__]
    assert kinds[1] == kinds[2] == kinds[3] == ["Refused"]
    assert "StopTriggered" in kinds[4]
    assert "StopTriggered" in kinds[5]
    last = [events[-1].removeprefix("Deposit").removeprefix("Withdrawal") for events in kinds[9:]]
    assert last == [
        *["WrittenOff", "Assigned", "Held", "Released", "Announced", "Refused", "Credited"],
        *["Refused", "Canceled", "Refused", "Sent", "Settled", "Refused", "Requested"],
    ]


def _about_transfers(world: World) -> list[Command]:
    alice, by = world.account("alice"), ("admin", "why")
    t1, t2, t3, t4, t5, t6, t7, t8 = (world.transfers[f"T{n}"] for n in range(1, 9))
    return [
        c.WriteOffDeposit(t1, *by),
        c.AssignDeposit(t2, alice, *by),
        c.HoldDeposit(t4, *by),
        c.ReleaseDeposit(t4, *by),
        c.AnnounceDeposit(alice, 1, 1, "BTC:6", "", *by),
        c.CreditDeposit(t3, *by),  # by whom it was announced
        c.CreditDeposit(t3, "auditor", "why"),
        c.HoldDeposit(t5, *by),  # credited too long ago
        c.CancelWithdrawal(alice, t6),
        c.CancelWithdrawal(alice, t7),  # approved
        c.SendWithdrawal(t7, "tx7", "admin"),
        c.SettleWithdrawal(t8, "tx8", *by),
        c.FailWithdrawal(t8, False, *by),  # over
        c.RequestWithdrawal(alice, 1, 1, 0, "1Friend", ""),
    ]


def test_a_restored_engine_counts_the_stops_that_wait(new_engine: NewEngine) -> None:
    script = """
bob deposits 1000 USD
99 times: bob buys 1 at 1 stop 2
bob buys 1 at 1 stop 2 as A
bob cancels A
bob buys 1 at 1 stop 2
"""
    world, restored = play(script, new_engine), new_engine()
    restored.restore(world.engine.snapshot())
    one_more = encode_command(world.orders[world.labels["A"]])
    (data,) = restored.execute(world.time, [one_more])
    assert decode_record(data).events == [Refused(Reason.TOO_MANY_OPEN_ORDERS)]


def test_a_record_that_does_not_follow_is_not_replayed(new_engine: NewEngine) -> None:
    records = new_engine().execute(1_000, [OPEN, OPEN, OPEN])
    engine = new_engine()
    engine.replay(records[:1])
    before = engine.snapshot()
    for wrong in (records[:1], records[2:]):
        with pytest.raises(ValueError, match="follow"):
            engine.replay(wrong)
    assert engine.snapshot() == before


def test_a_record_with_a_gap_behind_it_is_the_last_to_be_replayed(new_engine: NewEngine) -> None:
    records = new_engine().execute(1_000, [OPEN, OPEN, OPEN])
    with pytest.raises(ValueError, match="follow"):
        new_engine().replay([records[0], records[2]])


@pytest.mark.parametrize("data", [b"", b"\xc1", pack([1, 2, 3]), OPEN])
def test_bytes_that_are_no_record_or_no_snapshot_raise(new_engine: NewEngine, data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        new_engine().replay([data])
    with pytest.raises(msgspec.DecodeError):
        new_engine().restore(data)


def test_only_a_new_engine_becomes_a_snapshot(new_engine: NewEngine) -> None:
    engine = new_engine()
    engine.execute(1_000, [OPEN])
    with pytest.raises(AssertionError):
        engine.restore(engine.snapshot())
