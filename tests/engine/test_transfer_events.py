"""What records say of deposits and withdrawals, field by field."""

from coinport.model import events as e
from coinport.model.records import decode_record
from coinport.model.units import ACCOUNT_FIRST, SUSPENSE_ACCOUNT, TRANSFER_FIRST
from tests.engines import NewEngine, every_engine
from tests.scenario import play

pytestmark = every_engine

ALICE = ACCOUNT_FIRST
BTC = 1
ONE = 10**8


def told(script: str, new_engine: NewEngine) -> list[e.Event]:
    """All that came of `script` but accounts and listings."""
    events = [e for data in play(script, new_engine).records for e in decode_record(data).events]
    return [event for event in events if type(event).__name__.startswith(("Dep", "With"))]


def test_a_deposit_from_its_announcement_to_its_loss(new_engine: NewEngine) -> None:
    script = """
admin announces 5 BTC for alice key k as A
admin credits A
alice withdraws 2 BTC to 1Friend
admin holds A
admin releases A
admin holds A
admin writes off A
"""
    about = (TRANSFER_FIRST, ALICE, BTC)
    assert told(script, new_engine) == [
        e.DepositAnnounced(*about, 5 * ONE),
        e.DepositCredited(*about, 5 * ONE),
        e.WithdrawalRequested(TRANSFER_FIRST + 1, ALICE, BTC, 2 * ONE),
        e.DepositHeld(*about, 3 * ONE),
        e.DepositReleased(*about, 3 * ONE),
        e.DepositHeld(*about, 3 * ONE),
        e.DepositWrittenOff(*about, 3 * ONE),
    ]


def test_a_deposit_that_was_all_spent_is_held_with_nothing(new_engine: NewEngine) -> None:
    script = """
admin announces 5 BTC for alice key k as A
admin credits A
admin debits alice 5 BTC
admin holds A
admin releases A
admin holds A
admin writes off A
"""
    assert [event.amount for event in told(script, new_engine)[2:]] == [0, 0, 0, 0]


def test_a_deposit_that_is_dropped_and_one_that_is_assigned(new_engine: NewEngine) -> None:
    script = """
alice cancels all
admin announces 5 BTC for alice    key k as A
admin announces 7 BTC for suspense key l as B
admin drops A
admin credits B
admin assigns B to alice
"""
    assert told(script, new_engine) == [
        e.DepositAnnounced(TRANSFER_FIRST, ALICE, BTC, 5 * ONE),
        e.DepositAnnounced(TRANSFER_FIRST + 1, SUSPENSE_ACCOUNT, BTC, 7 * ONE),
        e.DepositDropped(TRANSFER_FIRST, ALICE, BTC, 5 * ONE),
        e.DepositCredited(TRANSFER_FIRST + 1, SUSPENSE_ACCOUNT, BTC, 7 * ONE),
        e.DepositAssigned(TRANSFER_FIRST + 1, ALICE, BTC, 7 * ONE),
    ]


def test_the_ways_of_a_withdrawal(new_engine: NewEngine) -> None:
    script = """
alice deposits 10 BTC
alice withdraws 3 BTC for a fee of 1 to 1Friend as A
alice withdraws 4 BTC for a fee of 1 to 1Friend as B
alice withdraws 2 BTC for a fee of 1 to 1Friend as C
admin approves A
admin sends A in tx1
admin settles A in tx1
alice cancels withdrawal B
admin fails C
"""
    a, b, c = [(TRANSFER_FIRST + n, ALICE, BTC, amount * ONE) for n, amount in enumerate((3, 4, 2))]
    assert told(script, new_engine) == [
        *(e.WithdrawalRequested(*about) for about in (a, b, c)),
        e.WithdrawalApproved(*a),
        e.WithdrawalSent(*a),
        e.WithdrawalSettled(*a, fee=ONE),
        e.WithdrawalCanceled(*b),
        e.WithdrawalFailed(*c),
    ]
