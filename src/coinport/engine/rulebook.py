"""The rulebook: the reference engine, in plain Python.

One command is one record. The command is decided by a function of its feature (`orders`,
`accounts`, `deposits`, `withdrawals`, `listings`) that returns a reason where the rules say no, and
otherwise emits events one by one. Each is applied by `evolve` at once, so a decision always sees
what it has done so far, and a replay runs through the very same `evolve`.
"""

from collections.abc import Callable
from collections.abc import Sequence as SequenceOf
from typing import Any, Final

from coinport.engine import accounts, deposits, listings, orders, snapshot, withdrawals
from coinport.engine.evolve import evolve
from coinport.engine.matching import Emit
from coinport.engine.packed import Packed, pack, unpack
from coinport.engine.state import State
from coinport.model.commands import (
    AddCurrency,
    AddMarket,
    AnnounceDeposit,
    ApproveWithdrawal,
    AssignDeposit,
    CancelAllOrders,
    CancelOrder,
    CancelWithdrawal,
    Command,
    Credit,
    CreditDeposit,
    Debit,
    DropDeposit,
    FailWithdrawal,
    HoldDeposit,
    OpenAccount,
    PlaceOrder,
    ReleaseDeposit,
    RequestWithdrawal,
    ResumeAccount,
    SendWithdrawal,
    SetMarketFees,
    SetMarketState,
    SetPriceBand,
    SettleWithdrawal,
    SuspendAccount,
    WriteOffDeposit,
)
from coinport.model.events import Event, Refused
from coinport.model.reasons import Reason
from coinport.model.records import decode_command, decode_record, encode_record
from coinport.model.units import Sequence, TimeMs


class Rulebook:
    """An `Engine` (see `seam`)."""

    __slots__ = ("state",)

    name: Final = "python"

    def __init__(self) -> None:
        self.state = State()

    @property
    def sequence(self) -> Sequence:
        return self.state.sequence

    @property
    def time(self) -> TimeMs:
        return self.state.time

    def execute(self, time: TimeMs, commands: SequenceOf[bytes]) -> list[bytes]:
        state = self.state
        decoded = [decode_command(data) for data in commands]
        if decoded:
            state.time = max(time, state.time)
        records = []
        for data, command in zip(commands, decoded, strict=True):
            state.sequence = Sequence(state.sequence + 1)
            events = _decide(state, command)
            records.append(encode_record(state.sequence, state.time, data, events))
        return records

    def execute_packed(self, time: TimeMs, commands: Packed) -> Packed:
        return pack(self.execute(time, unpack(commands)))

    def replay(self, records: SequenceOf[bytes]) -> None:
        state = self.state
        for data in records:
            record = decode_record(data)
            if record.sequence != state.sequence + 1:
                raise ValueError(f"record {record.sequence} cannot follow {state.sequence}")
            state.sequence, state.time = record.sequence, record.time
            for event in record.events:
                evolve(state, event, record.command)

    def replay_packed(self, records: Packed) -> None:
        self.replay(unpack(records))

    def snapshot(self) -> bytes:
        return snapshot.dump(self.state)

    def restore(self, snapshot_bytes: bytes) -> None:
        assert self.state.sequence == 0, "only a new engine becomes a snapshot"
        self.state = snapshot.load(snapshot_bytes)


def _decide(state: State, command: Command) -> list[Event]:
    events: list[Event] = []

    def emit(event: Event) -> None:
        evolve(state, event, command)
        events.append(event)

    reason = _DECIDE[type(command)](state, command, emit)
    if reason is not None:
        emit(Refused(reason))
    return events


# Complete: tests/engine/test_rulebook.py.
_DECIDE: Final[dict[type[Command], Callable[[State, Any, Emit], Reason | None]]] = {
    PlaceOrder: orders.place,
    CancelOrder: orders.cancel,
    CancelAllOrders: orders.cancel_all,
    OpenAccount: accounts.open_account,
    SuspendAccount: accounts.suspend,
    ResumeAccount: accounts.resume,
    Credit: accounts.credit,
    Debit: accounts.debit,
    AddCurrency: listings.add_currency,
    AddMarket: listings.add_market,
    SetMarketState: listings.set_state,
    SetMarketFees: listings.set_fees,
    SetPriceBand: listings.set_band,
    AnnounceDeposit: deposits.announce,
    CreditDeposit: deposits.credit,
    DropDeposit: deposits.drop,
    HoldDeposit: deposits.hold,
    ReleaseDeposit: deposits.release,
    WriteOffDeposit: deposits.write_off,
    AssignDeposit: deposits.assign,
    RequestWithdrawal: withdrawals.request,
    CancelWithdrawal: withdrawals.cancel,
    ApproveWithdrawal: withdrawals.approve,
    FailWithdrawal: withdrawals.fail,
    SendWithdrawal: withdrawals.send,
    SettleWithdrawal: withdrawals.settle,
}
