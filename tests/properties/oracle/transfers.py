"""Deposits and withdrawals, as the pages of the rulebook have them."""

from typing import Any

from coinport.model import commands as c
from coinport.model import events as e
from coinport.model import units
from coinport.model.listings import CurrencyKind
from coinport.model.reasons import Reason
from tests.properties.oracle.administration import against_signature
from tests.properties.oracle.exchange import Exchange, Objections, Transfer

THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000


def against_announce(x: Exchange, command: c.AnnounceDeposit) -> Objections:
    yield from against_signature(command.actor, command.note)
    yield command.key == "" or len(command.key) > units.TEXT_LENGTH_MAX, Reason.INVALID_TEXT
    yield len(command.address) > units.TEXT_LENGTH_MAX, Reason.INVALID_TEXT
    somebody = [*x.accounts, units.SUSPENSE_ACCOUNT]
    yield command.account not in somebody, Reason.UNKNOWN_ACCOUNT
    yield not 0 < command.currency <= len(x.currencies), Reason.UNKNOWN_CURRENCY
    yield command.amount <= 0, Reason.INVALID_AMOUNT
    yield command.amount > units.AMOUNT_MAX, Reason.TOO_LARGE
    yield command.key in x.keys, Reason.DUPLICATE


def announce(x: Exchange, command: c.AnnounceDeposit) -> None:
    x.keys.add(command.key)
    transfer = _begin(x, command, "announced", key=command.key, actor=command.actor)
    _tell(x, e.DepositAnnounced, transfer)


def against_credit(x: Exchange, command: c.CreditDeposit) -> Objections:
    yield from against_signature(command.actor, command.note)
    yield from _against_status(x, command, "announced")
    of = x.transfer(command.transfer)
    off_chain = x.currency(of.currency).kind is not CurrencyKind.CHAIN
    yield off_chain and of.actor == command.actor, Reason.SAME_ACTOR
    yield x.inside(of.currency) + of.amount > units.AMOUNT_MAX, Reason.TOO_LARGE


def credit(x: Exchange, command: c.CreditDeposit) -> None:
    of = x.transfer(command.transfer)
    x.free[of.currency, of.account] += of.amount
    of.status, of.since = "credited", x.time
    _tell(x, e.DepositCredited, of)


def against_drop(x: Exchange, command: c.DropDeposit) -> Objections:
    yield from against_signature(command.actor, command.note)
    yield from _against_status(x, command, "announced")


def drop(x: Exchange, command: c.DropDeposit) -> None:
    of = x.transfer(command.transfer)
    x.keys.remove(of.key)
    of.status = "over"
    _tell(x, e.DepositDropped, of)


def against_hold(x: Exchange, command: c.HoldDeposit) -> Objections:
    yield from against_signature(command.actor, command.note)
    yield from _against_status(x, command, "credited")


def hold(x: Exchange, command: c.HoldDeposit) -> None:
    of = x.transfer(command.transfer)
    where = of.currency, of.account
    of.status, of.back = "held", min(of.amount, x.free[where])
    x.free[where] -= of.back
    x.back[where] += of.back
    _tell(x, e.DepositHeld, of, of.back)


def against_release(x: Exchange, command: c.ReleaseDeposit | c.WriteOffDeposit) -> Objections:
    yield from against_signature(command.actor, command.note)
    yield from _against_status(x, command, "held")


def release(x: Exchange, command: c.ReleaseDeposit) -> None:
    of = x.transfer(command.transfer)
    x.back[of.currency, of.account] -= of.back
    x.free[of.currency, of.account] += of.back
    _tell(x, e.DepositReleased, of, of.back)
    of.status, of.since, of.back = "credited", x.time, 0


def write_off(x: Exchange, command: c.WriteOffDeposit) -> None:
    of = x.transfer(command.transfer)
    x.back[of.currency, of.account] -= of.back
    of.status = "over"
    _tell(x, e.DepositWrittenOff, of, of.back)


def against_assign(x: Exchange, command: c.AssignDeposit) -> Objections:
    yield from against_signature(command.actor, command.note)
    yield from _against_status(x, command, "credited")
    nobodys = x.transfer(command.transfer).account == units.SUSPENSE_ACCOUNT
    yield not nobodys, Reason.WRONG_STATUS
    yield command.account not in x.accounts, Reason.UNKNOWN_ACCOUNT


def assign(x: Exchange, command: c.AssignDeposit) -> None:
    of = x.transfer(command.transfer)
    x.free[of.currency, of.account] -= of.amount
    of.account, of.since = command.account, x.time
    x.free[of.currency, of.account] += of.amount
    _tell(x, e.DepositAssigned, of)


def against_request(x: Exchange, command: c.RequestWithdrawal) -> Objections:
    yield command.account not in x.accounts, Reason.UNKNOWN_ACCOUNT
    yield command.account in x.suspended, Reason.ACCOUNT_SUSPENDED
    yield not 0 < command.currency <= len(x.currencies), Reason.UNKNOWN_CURRENCY
    yield command.address == "", Reason.INVALID_TEXT
    for text in (command.address, command.memo):
        yield len(text) > units.TEXT_LENGTH_MAX, Reason.INVALID_TEXT
    yield command.amount <= 0, Reason.INVALID_AMOUNT
    yield command.fee < 0 or command.amount - command.fee <= 0, Reason.INVALID_AMOUNT
    funds = x.free[command.currency, command.account]
    yield command.amount > funds, Reason.INSUFFICIENT_BALANCE


def request(x: Exchange, command: c.RequestWithdrawal) -> None:
    of = _begin(x, command, "pending", fee=command.fee)
    x.free[of.currency, of.account] -= of.amount
    x.pending[of.currency, of.account] += of.amount
    _tell(x, e.WithdrawalRequested, of)


def against_cancel(x: Exchange, command: c.CancelWithdrawal) -> Objections:
    yield from _against_unknown(x, command)
    of = x.transfer(command.transfer)
    yield of.account != command.account, Reason.UNKNOWN_TRANSFER
    yield of.status != "pending", Reason.WRONG_STATUS


def cancel(x: Exchange, command: c.CancelWithdrawal) -> None:
    _give_back(x, x.transfer(command.transfer), e.WithdrawalCanceled)


def against_approve(x: Exchange, command: c.ApproveWithdrawal) -> Objections:
    yield from against_signature(command.actor, command.note)
    yield from _against_status(x, command, "pending")


def approve(x: Exchange, command: c.ApproveWithdrawal) -> None:
    x.transfer(command.transfer).status = "processing"
    _tell(x, e.WithdrawalApproved, x.transfer(command.transfer))


def against_fail(x: Exchange, command: c.FailWithdrawal) -> Objections:
    yield from against_signature(command.actor, command.note)
    may_be = ["pending", "processing", *(["confirming"] if command.never_arrives else [])]
    yield from _against_status(x, command, *may_be)


def fail(x: Exchange, command: c.FailWithdrawal) -> None:
    _give_back(x, x.transfer(command.transfer), e.WithdrawalFailed)


def against_send(x: Exchange, command: c.SendWithdrawal) -> Objections:
    yield from against_signature(command.actor, "nobody needs a reason to send")
    yield from _against_paying(x, command)


def send(x: Exchange, command: c.SendWithdrawal) -> None:
    x.transfer(command.transfer).status = "confirming"
    _tell(x, e.WithdrawalSent, x.transfer(command.transfer))


def against_settle(x: Exchange, command: c.SettleWithdrawal) -> Objections:
    yield from against_signature(command.actor, command.note)
    yield from _against_paying(x, command)


def settle(x: Exchange, command: c.SettleWithdrawal) -> None:
    of = x.transfer(command.transfer)
    of.status = "over"
    x.pending[of.currency, of.account] -= of.amount
    x.free[of.currency, units.FEE_ACCOUNT] += of.fee
    about = of.number, of.account, of.currency, of.amount
    x.events.append(e.WithdrawalSettled(*about, of.fee))


def _against_unknown(x: Exchange, command: Any) -> Objections:
    known = [of for of in x.transfers if of.number == command.transfer and of.status != "over"]
    yield not known, Reason.UNKNOWN_TRANSFER
    of, a_deposit = known[0], "Deposit" in type(command).__name__
    yield a_deposit != (of.key != ""), Reason.UNKNOWN_TRANSFER
    yield forgotten(x, of), Reason.UNKNOWN_TRANSFER


def _against_status(x: Exchange, command: Any, *statuses: str) -> Objections:
    yield from _against_unknown(x, command)
    yield x.transfer(command.transfer).status not in statuses, Reason.WRONG_STATUS


def _against_paying(x: Exchange, command: c.SendWithdrawal | c.SettleWithdrawal) -> Objections:
    yield from _against_status(x, command, "processing", "confirming")
    currency = x.currency(x.transfer(command.transfer).currency)
    nameless = currency.kind is CurrencyKind.CHAIN and command.txid == ""
    yield nameless or len(command.txid) > units.TEXT_LENGTH_MAX, Reason.INVALID_TEXT


def forgotten(x: Exchange, of: Transfer) -> bool:
    for_ever = of.status != "credited" or of.account == units.SUSPENSE_ACCOUNT
    return not for_ever and x.time - of.since >= THIRTY_DAYS_MS


def _begin(x: Exchange, command: Any, status: str, **more: Any) -> Transfer:
    number = units.TRANSFER_FIRST + len(x.transfers)
    of = Transfer(number, command.account, command.currency, command.amount, status, **more)
    x.transfers.append(of)
    return of


def _give_back(x: Exchange, of: Transfer, event: Any) -> None:
    of.status = "over"
    x.pending[of.currency, of.account] -= of.amount
    x.free[of.currency, of.account] += of.amount
    _tell(x, event, of)


def _tell(x: Exchange, event: Any, of: Transfer, amount: int | None = None) -> None:
    what = of.amount if amount is None else amount
    x.events.append(event(of.number, of.account, of.currency, what))
