"""A transaction that expires: when the signer signs another one for the same withdrawal."""

from pathlib import Path

import msgspec
import pytest

from coinport.model.units import Amount, TimeMs
from coinport.wallets.chain import Block, Payout, Unsigned
from coinport.wallets.schemes import ACCOUNT_PATH, XrpScheme
from coinport.wallets.signer import DAY_MS, EXPIRED_MS, Memory, Signer
from coinport.wallets.signing import (
    Answer,
    Limits,
    Order,
    Refused,
    SignWithdrawals,
    TransactionSigned,
)
from coinport.wallets.xrp_payments import XrpPayment

SCHEME = XrpScheme(bytes(31) + b"\x09")
OUTSIDE = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
PAYOUT = Payout(OUTSIDE, Amount(5_000_000), "7")
LIMITS = Limits(Amount(10**7), Amount(10**7), Amount(1000))
LAST = 1_000


class Ledger:
    currency = "XRP"

    def order(self, withdrawal: int) -> Order | None:
        return Order(self.currency, PAYOUT)


class Clock:
    now = 0

    def __call__(self) -> TimeMs:
        return TimeMs(self.now)


def asked(currency: str, sequence: int, last: int) -> SignWithdrawals:
    account = SCHEME.address(ACCOUNT_PATH)
    payment = XrpPayment(account, OUTSIDE, 7, PAYOUT.amount, Amount(10), sequence, last)
    unsigned = Unsigned(
        currency=currency,
        payouts=(PAYOUT,),
        inputs=(f"{account}:{sequence}",),
        fee=Amount(10),
        blob=msgspec.json.encode(payment).decode(),
        context=(),
        since=Block(1, "00"),
        expires=last,
    )
    return SignWithdrawals((1,), unsigned, (ACCOUNT_PATH,))


def signer(file: Path, clock: Clock, currency: str) -> Signer:
    ledger = Ledger()
    ledger.currency = currency
    return Signer({currency: SCHEME}, {currency: LIMITS}, ledger, Memory(file), clock, {})


def is_refused(answer: Answer) -> bool:
    assert isinstance(answer, TransactionSigned | Refused)
    return isinstance(answer, Refused) and "could still happen" in answer.reason


def test_of_xrp_only_with_the_same_sequence_however_late_it_is(tmp_path: Path) -> None:
    clock = Clock()
    one = signer(tmp_path / "signed", clock, "XRP")
    assert not is_refused(one.answer(asked("XRP", 5, LAST)))
    clock.now = 365 * DAY_MS
    assert is_refused(one.answer(asked("XRP", 6, 2 * LAST)))
    assert not is_refused(one.answer(asked("XRP", 5, 2 * LAST)))
    assert is_refused(one.answer(asked("XRP", 6, 3 * LAST)))


@pytest.mark.parametrize("currency", EXPIRED_MS)
def test_where_it_expires_at_a_second_by_the_signers_own_clock(
    tmp_path: Path, currency: str
) -> None:
    """(The bytes are of XRP: here they stand for those of a currency that expires so.)"""
    clock = Clock()
    one = signer(tmp_path / "signed", clock, currency)
    assert not is_refused(one.answer(asked(currency, 5, LAST)))
    clock.now = 1000 * LAST + EXPIRED_MS[currency]
    assert is_refused(one.answer(asked(currency, 6, 9 * LAST)))
    again = signer(tmp_path / "signed", clock, currency)  # as after a restart
    assert is_refused(again.answer(asked(currency, 6, 9 * LAST)))
    clock.now += 1
    assert not is_refused(again.answer(asked(currency, 6, 9 * LAST)))
    assert is_refused(again.answer(asked(currency, 7, 9 * LAST)))


def test_a_memory_of_before_there_was_an_expiry_is_never_past(tmp_path: Path) -> None:
    clock, file = Clock(), tmp_path / "signed"
    line = {"time": 1, "withdrawal": 1, "currency": "NXT", "amount": 5, "inputs": ["an old one"]}
    file.write_bytes(msgspec.json.encode(line) + b"\n")
    clock.now = 365 * DAY_MS
    assert is_refused(signer(file, clock, "NXT").answer(asked("NXT", 5, LAST)))
