"""Withdrawals: what is asked for is set aside at once, and leaves the books when it has arrived."""

from coinport.engine.accounts import signed
from coinport.engine.matching import Emit
from coinport.engine.state import State, Withdrawal
from coinport.model.commands import (
    ApproveWithdrawal,
    CancelWithdrawal,
    FailWithdrawal,
    RequestWithdrawal,
    SendWithdrawal,
    SettleWithdrawal,
)
from coinport.model.events import (
    WithdrawalApproved,
    WithdrawalCanceled,
    WithdrawalFailed,
    WithdrawalRequested,
    WithdrawalSent,
    WithdrawalSettled,
)
from coinport.model.listings import CurrencyKind
from coinport.model.reasons import Reason
from coinport.model.transfers import TransferStatus
from coinport.model.units import TEXT_LENGTH_MAX


def request(state: State, command: RequestWithdrawal, emit: Emit) -> Reason | None:
    reason = _not_requestable(state, command)
    if reason is None:
        emit(
            WithdrawalRequested(
                state.next_transfer, command.account, command.currency, command.amount
            )
        )
    return reason


def cancel(state: State, command: CancelWithdrawal, emit: Emit) -> Reason | None:
    of = state.withdrawals.get(command.transfer)
    if of is None or of.account != command.account:
        return Reason.UNKNOWN_TRANSFER
    if of.status is not TransferStatus.PENDING:
        return Reason.WRONG_STATUS
    emit(WithdrawalCanceled(command.transfer, of.account, of.currency, of.amount))
    return None


def approve(state: State, command: ApproveWithdrawal, emit: Emit) -> Reason | None:
    if not signed(command.actor, command.note):
        return Reason.INVALID_TEXT
    of = state.withdrawals.get(command.transfer)
    if of is None:
        return Reason.UNKNOWN_TRANSFER
    if of.status is not TransferStatus.PENDING:
        return Reason.WRONG_STATUS
    emit(WithdrawalApproved(command.transfer, of.account, of.currency, of.amount))
    return None


def fail(state: State, command: FailWithdrawal, emit: Emit) -> Reason | None:
    if not signed(command.actor, command.note):
        return Reason.INVALID_TEXT
    of = state.withdrawals.get(command.transfer)
    if of is None:
        return Reason.UNKNOWN_TRANSFER
    if of.status is TransferStatus.CONFIRMING and not command.never_arrives:
        return Reason.WRONG_STATUS
    emit(WithdrawalFailed(command.transfer, of.account, of.currency, of.amount))
    return None


def send(state: State, command: SendWithdrawal, emit: Emit) -> Reason | None:
    if not 0 < len(command.actor) <= TEXT_LENGTH_MAX:
        return Reason.INVALID_TEXT
    of = _approved(state, command)
    if isinstance(of, Reason):
        return of
    emit(WithdrawalSent(command.transfer, of.account, of.currency, of.amount))
    return None


def settle(state: State, command: SettleWithdrawal, emit: Emit) -> Reason | None:
    if not signed(command.actor, command.note):
        return Reason.INVALID_TEXT
    of = _approved(state, command)
    if isinstance(of, Reason):
        return of
    emit(WithdrawalSettled(command.transfer, of.account, of.currency, of.amount, of.fee))
    return None


def _not_requestable(state: State, command: RequestWithdrawal) -> Reason | None:
    account = state.accounts.get(command.account)
    if account is None:
        return Reason.UNKNOWN_ACCOUNT
    if account.suspended:
        return Reason.ACCOUNT_SUSPENDED
    if command.currency not in state.listings.currencies:
        return Reason.UNKNOWN_CURRENCY
    if not 0 < len(command.address) <= TEXT_LENGTH_MAX or len(command.memo) > TEXT_LENGTH_MAX:
        return Reason.INVALID_TEXT
    if not 0 <= command.fee < command.amount:
        return Reason.INVALID_AMOUNT
    if command.amount > state.ledger.available(command.account, command.currency):
        return Reason.INSUFFICIENT_BALANCE
    return None


def _approved(state: State, command: SendWithdrawal | SettleWithdrawal) -> Withdrawal | Reason:
    """The withdrawal that `command` speaks of: approved, and paid by what has a name."""
    of = state.withdrawals.get(command.transfer)
    if of is None:
        return Reason.UNKNOWN_TRANSFER
    if of.status is TransferStatus.PENDING:
        return Reason.WRONG_STATUS
    on_chain = state.listings.currencies[of.currency].kind is CurrencyKind.CHAIN
    if len(command.txid) > TEXT_LENGTH_MAX or (on_chain and not command.txid):
        return Reason.INVALID_TEXT
    return of
