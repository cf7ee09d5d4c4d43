"""What events move, in transfers, and how the ledger takes them."""

import pytest

from coinport.engine.accounting import (
    AVAILABLE,
    CUSTODY_POCKET,
    FEE_POCKET,
    FROZEN,
    HELD,
    PENDING,
    SUSPENSE_POCKET,
    fee,
    pocket,
    transfers,
)
from coinport.engine.ledger import Ledger
from coinport.model import events as e
from coinport.model.listings import Currency, CurrencyKind, Listings, Market
from coinport.model.reasons import Reason
from coinport.model.trading import MarketState, Side
from coinport.model.units import AMOUNT_MAX, PPM

ALICE, BOB = 1_000_000_001, 1_000_000_002
BTC, USD = 1, 2
LISTINGS = Listings(
    [Currency(BTC, "BTC", 8, CurrencyKind.CHAIN), Currency(USD, "USD", 8, CurrencyKind.FIAT)],
    [Market(1, "BTC-USD", BTC, USD, 2, 4, 10_000, 100, 0, 0, 0, 0, 0, MarketState.OPEN)],
)
TRADE = e.Traded(
    trade=1,
    market=1,
    taker_side=Side.BUY,
    price=1_000,
    quantity=3,
    taker_order=2,
    taker_account=BOB,
    taker_fee=7,
    maker_order=1,
    maker_account=ALICE,
    maker_fee=5,
    released=11,
)
CANCELED = e.OrderCanceled(1, BOB, 1, Side.BUY, 10, 3, True, USD, 3_000, Reason.REQUESTED)


def test_a_fee_is_rounded_up() -> None:
    assert fee(1_000_000, 1) == 1
    assert fee(1_000_001, 1) == 2
    assert fee(1, 1) == 1
    assert fee(999_999, 0) == 0
    assert fee(0, 1_000) == 0


def test_a_fee_is_never_more_than_what_it_is_taken_from() -> None:
    assert fee(1, PPM - 1) == 1
    assert fee(2, PPM - 1) == 2
    assert fee(AMOUNT_MAX, PPM - 1) < AMOUNT_MAX


def test_a_pocket_is_an_account_and_a_bucket() -> None:
    pockets = [pocket(ALICE, bucket) for bucket in (AVAILABLE, FROZEN, PENDING, HELD)]
    assert [divmod(of, 4) for of in pockets] == [(ALICE, bucket) for bucket in range(4)]


def test_a_trade_pays_both_sides_their_fees_and_the_buyer_what_is_left_over() -> None:
    assert sorted(transfers(TRADE, LISTINGS)) == sorted(
        [
            (USD, pocket(BOB, FROZEN), pocket(ALICE, AVAILABLE), 300_000 - 5),
            (USD, pocket(BOB, FROZEN), FEE_POCKET, 5),
            (USD, pocket(BOB, FROZEN), pocket(BOB, AVAILABLE), 11),
            (BTC, pocket(ALICE, FROZEN), pocket(BOB, AVAILABLE), 30_000 - 7),
            (BTC, pocket(ALICE, FROZEN), FEE_POCKET, 7),
        ]
    )


def test_a_selling_taker_pays_his_fee_in_the_quote() -> None:
    sale = e.Traded(1, 1, Side.SELL, 1_000, 3, 2, BOB, 7, 1, ALICE, 5, 0)
    assert sorted(transfers(sale, LISTINGS)) == sorted(
        [
            (USD, pocket(ALICE, FROZEN), pocket(BOB, AVAILABLE), 300_000 - 7),
            (USD, pocket(ALICE, FROZEN), FEE_POCKET, 7),
            (BTC, pocket(BOB, FROZEN), pocket(ALICE, AVAILABLE), 30_000 - 5),
            (BTC, pocket(BOB, FROZEN), FEE_POCKET, 5),
        ]
    )


def test_holds_and_what_is_given_back_move_between_the_buckets_of_one_account() -> None:
    free, held = pocket(BOB, AVAILABLE), pocket(BOB, FROZEN)
    placed = e.OrderPlaced(1, BOB, USD, 3_000, 3)
    assert transfers(placed, LISTINGS) == [(USD, free, held, 3_000)]
    assert transfers(CANCELED, LISTINGS) == [(USD, held, free, 3_000)]


def test_money_from_outside_comes_out_of_custody() -> None:
    free = pocket(BOB, AVAILABLE)
    assert transfers(e.Credited(BOB, USD, 5), LISTINGS) == [(USD, CUSTODY_POCKET, free, 5)]
    assert transfers(e.Debited(BOB, USD, 5), LISTINGS) == [(USD, free, CUSTODY_POCKET, 5)]


def test_a_deposit_comes_out_of_custody_and_may_be_held_back() -> None:
    free, held = pocket(BOB, AVAILABLE), pocket(BOB, HELD)
    about = (1, BOB, USD, 5)
    for event, transfer in {
        e.DepositCredited(*about): (USD, CUSTODY_POCKET, free, 5),
        e.DepositHeld(*about): (USD, free, held, 5),
        e.DepositReleased(*about): (USD, held, free, 5),
        e.DepositWrittenOff(*about): (USD, held, CUSTODY_POCKET, 5),
        e.DepositAssigned(*about): (USD, SUSPENSE_POCKET, free, 5),
    }.items():
        assert transfers(event, LISTINGS) == [transfer]


def test_a_withdrawal_is_pending_until_it_leaves_the_books_or_comes_back() -> None:
    free, pending = pocket(BOB, AVAILABLE), pocket(BOB, PENDING)
    about = (1, BOB, USD, 5)
    requested, back = (USD, free, pending, 5), (USD, pending, free, 5)
    assert transfers(e.WithdrawalRequested(*about), LISTINGS) == [requested]
    assert transfers(e.WithdrawalCanceled(*about), LISTINGS) == [back]
    assert transfers(e.WithdrawalFailed(*about), LISTINGS) == [back]
    assert transfers(e.WithdrawalSettled(*about, fee=0), LISTINGS) == [
        (USD, pending, CUSTODY_POCKET, 5)
    ]
    assert transfers(e.WithdrawalSettled(*about, fee=2), LISTINGS) == [
        (USD, pending, CUSTODY_POCKET, 3),
        (USD, pending, FEE_POCKET, 2),
    ]


def test_what_moves_no_money_has_no_transfers() -> None:
    for event in (
        e.DepositAnnounced(1, BOB, USD, 5),
        e.DepositDropped(1, BOB, USD, 5),
        e.DepositHeld(1, BOB, USD, 0),
        e.DepositReleased(1, BOB, USD, 0),
        e.DepositWrittenOff(1, BOB, USD, 0),
        e.WithdrawalApproved(1, BOB, USD, 5),
        e.WithdrawalSent(1, BOB, USD, 5),
        e.OrderBooked(1, 1, Side.BUY, 10, 3),
        e.OrderCanceled(1, BOB, 1, Side.BUY, 0, 3, False, USD, 0, Reason.NO_LIQUIDITY),
        e.StopTriggered(1),
        e.Refused(Reason.UNCHANGED),
        e.AccountOpened(BOB),
    ):
        assert transfers(event, LISTINGS) == []


def test_a_ledger_lets_nobody_but_custody_go_below_zero() -> None:
    ledger = Ledger()
    ledger.add_currency(USD)
    free, held = pocket(BOB, AVAILABLE), pocket(BOB, FROZEN)
    ledger.post([(USD, CUSTODY_POCKET, free, 10), (USD, free, held, 4)])
    assert ledger.available(BOB, USD) == 6
    assert ledger.owed(USD) == 10
    assert ledger.rows() == [(USD, CUSTODY_POCKET, -10), (USD, free, 6), (USD, held, 4)]
    with pytest.raises(AssertionError, match="overdrawn by 1"):
        ledger.post([(USD, free, held, 7)])
