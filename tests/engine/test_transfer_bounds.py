"""Deposits and withdrawals at the bounds: the last that is accepted, and what is kept of them."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from coinport.model import commands as c
from coinport.model.reasons import Reason
from coinport.model.units import (
    ACCOUNT_FIRST,
    AMOUNT_MAX,
    CUSTODY_ACCOUNT,
    FEE_ACCOUNT,
    SUSPENSE_ACCOUNT,
    TEXT_LENGTH_MAX,
    TRANSFER_FIRST,
)
from tests.engines import NewEngine, every_engine
from tests.scenario import play
from tests.world import World, answer

pytestmark = every_engine

BOB = ACCOUNT_FIRST
BTC = 1
SIGNED = ("admin", "why")
LONGEST, TOO_LONG = "x" * TEXT_LENGTH_MAX, "x" * (TEXT_LENGTH_MAX + 1)
ANNOUNCED = c.AnnounceDeposit(BOB, BTC, 1, "key", "", *SIGNED)
REQUESTED = c.RequestWithdrawal(BOB, BTC, 2, 0, "1Friend", "")

FUNDED = "bob deposits 100 BTC\n"
STEPS: dict[str, tuple[str, Callable[[int], c.Command]]] = {
    "announce": ("", lambda _: ANNOUNCED),
    "credit": ("announced", lambda of: c.CreditDeposit(of, *SIGNED)),
    "drop": ("announced", lambda of: c.DropDeposit(of, *SIGNED)),
    "hold": ("credited", lambda of: c.HoldDeposit(of, *SIGNED)),
    "release": ("held", lambda of: c.ReleaseDeposit(of, *SIGNED)),
    "write off": ("held", lambda of: c.WriteOffDeposit(of, *SIGNED)),
    "assign": ("nobody's", lambda of: c.AssignDeposit(of, BOB, *SIGNED)),
    "approve": ("pending", lambda of: c.ApproveWithdrawal(of, *SIGNED)),
    "fail": ("pending", lambda of: c.FailWithdrawal(of, False, *SIGNED)),
    "send": ("processing", lambda of: c.SendWithdrawal(of, "tx", "admin")),
    "settle": ("processing", lambda of: c.SettleWithdrawal(of, "tx", *SIGNED)),
}
"""What an administrator can do, and where a transfer must be for it."""
WAYS = {
    "": "",
    "announced": "admin announces 5 BTC for bob key a",
    "credited": "admin announces 5 BTC for bob key a as A\nadmin credits A",
    "held": "admin announces 5 BTC for bob key a as A\nadmin credits A\nadmin holds A",
    "nobody's": "admin announces 5 BTC for suspense key a as A\nadmin credits A",
    "pending": "bob withdraws 5 BTC to 1Friend",
    "processing": "bob withdraws 5 BTC to 1Friend as A\nadmin approves A",
}


@pytest.mark.parametrize("step", STEPS)
def test_what_an_administrator_does_says_who_and_why_within_bounds(
    new_engine: NewEngine, step: str
) -> None:
    where, make = STEPS[step]
    world = play(FUNDED + WAYS[where], new_engine)
    command: Any = make(TRANSFER_FIRST)
    texts = [name for name in ("actor", "note", "key", "txid") if hasattr(command, name)]
    for name in texts:
        for wrong in ("", TOO_LONG):
            refused = replace(command, **{name: wrong})
            assert answer(world, refused) is Reason.INVALID_TEXT, (name, wrong)
    if hasattr(command, "address"):
        assert answer(world, replace(command, address=TOO_LONG)) is Reason.INVALID_TEXT
        texts.append("address")
    assert answer(world, replace(command, **dict.fromkeys(texts, LONGEST))) is None


def test_the_words_of_a_withdrawal(new_engine: NewEngine) -> None:
    world = play(FUNDED, new_engine)
    for wrong in ({"address": ""}, {"address": TOO_LONG}, {"memo": TOO_LONG}):
        assert answer(world, replace(REQUESTED, **wrong)) is Reason.INVALID_TEXT
    assert answer(world, replace(REQUESTED, address=LONGEST, memo=LONGEST)) is None


def test_without_a_chain_a_txid_may_be_empty_but_not_too_long(new_engine: NewEngine) -> None:
    script = """
admin lists EUR with 2 decimals, fiat
bob   deposits 10 EUR
bob   withdraws 5 EUR to his-bank as A
admin approves A
"""
    world = play(script, new_engine)
    sent = c.SendWithdrawal(TRANSFER_FIRST, "", "admin")
    settled = c.SettleWithdrawal(TRANSFER_FIRST, "", *SIGNED)
    for command in (sent, settled):
        assert answer(world, replace(command, txid=TOO_LONG)) is Reason.INVALID_TEXT
        assert answer(world, command) is None


@pytest.mark.parametrize("account", [FEE_ACCOUNT, CUSTODY_ACCOUNT, SUSPENSE_ACCOUNT, 0, -1, 2**63])
def test_the_accounts_of_the_exchange_itself_take_no_part(
    new_engine: NewEngine, account: int
) -> None:
    world = play(FUNDED + WAYS["nobody's"] + "\n" + WAYS["pending"], new_engine)
    announced, assigned = replace(ANNOUNCED, account=account), STEPS["assign"][1](TRANSFER_FIRST)
    if account != SUSPENSE_ACCOUNT:
        assert answer(world, announced) is Reason.UNKNOWN_ACCOUNT
    assert answer(world, replace(assigned, account=account)) is Reason.UNKNOWN_ACCOUNT
    assert answer(world, replace(REQUESTED, account=account)) is Reason.UNKNOWN_ACCOUNT
    canceled = c.CancelWithdrawal(account, TRANSFER_FIRST + 1)
    assert answer(world, canceled) is Reason.UNKNOWN_TRANSFER


@pytest.mark.parametrize("transfer", [0, -1, TRANSFER_FIRST - 1, TRANSFER_FIRST + 2, 2**64 - 1])
def test_transfers_that_there_are_not(new_engine: NewEngine, transfer: int) -> None:
    world = play(FUNDED + WAYS["credited"] + "\n" + WAYS["pending"], new_engine)
    for _, make in list(STEPS.values())[1:]:
        assert answer(world, make(transfer)) is Reason.UNKNOWN_TRANSFER


def test_a_deposit_is_no_withdrawal_and_a_withdrawal_no_deposit(new_engine: NewEngine) -> None:
    world = play(FUNDED + WAYS["credited"] + "\n" + WAYS["pending"], new_engine)
    for step, (_, make) in list(STEPS.items())[1:]:
        deposits = step in ("credit", "drop", "hold", "release", "write off", "assign")
        other = TRANSFER_FIRST + (1 if deposits else 0)
        assert answer(world, make(other)) is Reason.UNKNOWN_TRANSFER, step
    assert answer(world, c.CancelWithdrawal(BOB, TRANSFER_FIRST)) is Reason.UNKNOWN_TRANSFER


def test_all_money_of_a_currency_together_stays_within_the_bound(new_engine: NewEngine) -> None:
    world = play("bob deposits 46116860184 BTC", new_engine)
    left = AMOUNT_MAX - 46116860184 * 10**8
    for n, amount in enumerate((left + 1, left)):
        announced = replace(ANNOUNCED, amount=amount, key=str(n))
        assert answer(world, announced) is None  # nothing moves yet
    assert answer(world, c.CreditDeposit(TRANSFER_FIRST, *SIGNED)) is Reason.TOO_LARGE
    assert answer(world, c.CreditDeposit(TRANSFER_FIRST + 1, *SIGNED)) is None
    assert answer(world, replace(ANNOUNCED, amount=AMOUNT_MAX + 1)) is Reason.TOO_LARGE
    assert answer(world, replace(ANNOUNCED, amount=AMOUNT_MAX)) is None


def test_amounts_and_fees_of_withdrawals_within_bounds(new_engine: NewEngine) -> None:
    world = play("bob deposits 46116860184.27387904 BTC", new_engine)
    for amount, fee in ((0, 0), (-1, 0), (-1, -2), (2, -1), (2, 2), (2, 3), (2, 2**63)):
        wrong = replace(REQUESTED, amount=amount, fee=fee)
        assert answer(world, wrong) is Reason.INVALID_AMOUNT
    too_much = replace(REQUESTED, amount=AMOUNT_MAX + 1)
    assert answer(world, too_much) is Reason.INSUFFICIENT_BALANCE
    assert answer(world, replace(REQUESTED, amount=AMOUNT_MAX, fee=AMOUNT_MAX - 1)) is None


def kept(world: World) -> tuple[list[str], list[int]]:
    """The keys of the deposits that are known, and how many of them are to be forgotten."""
    snapshot = world.look()
    return [row.key for row in snapshot.deposits], [of for of, _ in snapshot.credited]


def test_deposits_are_forgotten_the_oldest_first_when_another_is_credited(
    new_engine: NewEngine,
) -> None:
    script = """
5 times: admin announces 1 BTC for bob key never-comes as X
! duplicate, 4 times
admin announces 1 BTC for bob      key a as A
admin announces 1 BTC for suspense key b as B
admin announces 1 BTC for bob      key c as C
admin announces 1 BTC for bob      key d as D
admin announces 1 BTC for bob      key e as E
admin credits C
admin credits B
admin credits A
later 1 hour
admin credits D
later 719 hours
"""
    world = play(script, new_engine)
    a, c_, d, e = (world.transfers[label] for label in "ACDE")
    assert kept(world) == (["never-comes", "a", "b", "c", "d", "e"], [c_, a, d])
    assert answer(world, STEPS["credit"][1](e)) is None
    assert kept(world) == (["never-comes", "b", "d", "e"], [d, e])


def test_one_that_is_released_or_assigned_is_kept_as_if_credited_then(
    new_engine: NewEngine,
) -> None:
    script = """
admin announces 1 BTC for bob      key a as A
admin announces 1 BTC for suspense key b as B
admin announces 1 BTC for bob      key c as C
admin credits A
admin credits B
later 700 hours
admin holds A
later 700 hours
admin releases A
later 700 hours
admin assigns B to bob
later 700 hours
"""
    world = play(script, new_engine)
    b, c_ = world.transfers["B"], world.transfers["C"]
    assert answer(world, STEPS["credit"][1](c_)) is None
    assert kept(world) == (["b", "c"], [b, c_])


def test_transfers_that_are_over_are_forgotten(new_engine: NewEngine) -> None:
    script = """
bob deposits 10 BTC
admin announces 1 BTC for bob key a as A
admin announces 1 BTC for bob key b as B
admin drops A
admin credits B
admin holds B
admin writes off B
bob withdraws 1 BTC to 1Friend as C
bob withdraws 1 BTC to 1Friend as D
bob withdraws 1 BTC to 1Friend as E
bob cancels withdrawal C
admin fails D
admin approves E
admin settles E in tx
"""
    snapshot = play(script, new_engine).look()
    assert (snapshot.deposits, snapshot.credited, snapshot.withdrawals) == ([], [], [])
    assert snapshot.keys == ["b"]
