"""Accounts: opening, suspending, and money by the administrator's hand."""

from coinport.engine.matching import Emit
from coinport.engine.orders import cancel_suspended
from coinport.engine.state import Account, State
from coinport.model.commands import Credit, Debit, OpenAccount, ResumeAccount, SuspendAccount
from coinport.model.events import (
    AccountOpened,
    AccountResumed,
    AccountSuspended,
    Credited,
    Debited,
)
from coinport.model.reasons import Reason
from coinport.model.units import AMOUNT_MAX, TEXT_LENGTH_MAX


def open_account(state: State, command: OpenAccount, emit: Emit) -> Reason | None:
    emit(AccountOpened(state.next_account))
    return None


def suspend(state: State, command: SuspendAccount, emit: Emit) -> Reason | None:
    account = _to_change(state, command)
    if isinstance(account, Reason):
        return account
    if account.suspended:
        return Reason.UNCHANGED
    emit(AccountSuspended(command.account))
    cancel_suspended(state, account, emit)
    return None


def resume(state: State, command: ResumeAccount, emit: Emit) -> Reason | None:
    account = _to_change(state, command)
    if isinstance(account, Reason):
        return account
    if not account.suspended:
        return Reason.UNCHANGED
    emit(AccountResumed(command.account))
    return None


def credit(state: State, command: Credit, emit: Emit) -> Reason | None:
    reason = _not_movable(state, command)
    if reason is None and state.ledger.owed(command.currency) + command.amount > AMOUNT_MAX:
        reason = Reason.TOO_LARGE
    if reason is None:
        emit(Credited(command.account, command.currency, command.amount))
    return reason


def debit(state: State, command: Debit, emit: Emit) -> Reason | None:
    reason = _not_movable(state, command)
    if reason is None and command.amount > state.ledger.available(
        command.account, command.currency
    ):
        reason = Reason.INSUFFICIENT_BALANCE
    if reason is None:
        emit(Debited(command.account, command.currency, command.amount))
    return reason


def signed(actor: str, note: str) -> bool:
    """Whether an administrator's command says who and why, both in reasonable length."""
    return 0 < len(actor) <= TEXT_LENGTH_MAX and 0 < len(note) <= TEXT_LENGTH_MAX


def _to_change(state: State, command: SuspendAccount | ResumeAccount) -> Account | Reason:
    if not signed(command.actor, command.note):
        return Reason.INVALID_TEXT
    return state.accounts.get(command.account) or Reason.UNKNOWN_ACCOUNT


def _not_movable(state: State, command: Credit | Debit) -> Reason | None:
    if not signed(command.actor, command.note) or len(command.key) > TEXT_LENGTH_MAX:
        return Reason.INVALID_TEXT
    if command.account not in state.accounts:
        return Reason.UNKNOWN_ACCOUNT
    if command.currency not in state.listings.currencies:
        return Reason.UNKNOWN_CURRENCY
    if command.amount <= 0:
        return Reason.INVALID_AMOUNT
    if command.amount > AMOUNT_MAX:
        return Reason.TOO_LARGE
    if command.key and command.key in state.keys:
        return Reason.DUPLICATE
    return None
