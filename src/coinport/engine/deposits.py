"""Deposits: announced when seen, credited when final; held where one leaves its chain after all.

A deposit on the suspense account is nobody's. It waits there, for ever if need be, until somebody
knows whose it is: nothing else takes from that account.
"""

from typing import TypeAlias

from coinport.engine.accounts import signed
from coinport.engine.matching import Emit
from coinport.engine.state import Deposit, State
from coinport.model.commands import (
    AnnounceDeposit,
    AssignDeposit,
    CreditDeposit,
    DropDeposit,
    HoldDeposit,
    ReleaseDeposit,
    WriteOffDeposit,
)
from coinport.model.events import (
    DepositAnnounced,
    DepositAssigned,
    DepositCredited,
    DepositDropped,
    DepositHeld,
    DepositReleased,
    DepositWrittenOff,
)
from coinport.model.listings import CurrencyKind
from coinport.model.reasons import Reason
from coinport.model.transfers import DepositStage
from coinport.model.units import (
    AMOUNT_MAX,
    DEPOSIT_KEPT_MS,
    SUSPENSE_ACCOUNT,
    TEXT_LENGTH_MAX,
    TransferId,
)

_Known: TypeAlias = (
    CreditDeposit | DropDeposit | HoldDeposit | ReleaseDeposit | WriteOffDeposit | AssignDeposit
)


def announce(state: State, command: AnnounceDeposit, emit: Emit) -> Reason | None:
    reason = _not_announceable(state, command)
    if reason is None:
        emit(
            DepositAnnounced(state.next_transfer, command.account, command.currency, command.amount)
        )
    return reason


def credit(state: State, command: CreditDeposit, emit: Emit) -> Reason | None:
    deposit = _found(state, command, DepositStage.ANNOUNCED)
    if isinstance(deposit, Reason):
        return deposit
    currency, amount = deposit.currency, deposit.amount
    on_chain = state.listings.currencies[currency].kind is CurrencyKind.CHAIN
    if not on_chain and command.actor == deposit.actor:
        return Reason.SAME_ACTOR
    if state.ledger.owed(currency) + amount > AMOUNT_MAX:
        return Reason.TOO_LARGE
    emit(DepositCredited(command.transfer, deposit.account, currency, amount))
    return None


def drop(state: State, command: DropDeposit, emit: Emit) -> Reason | None:
    deposit = _found(state, command, DepositStage.ANNOUNCED)
    if isinstance(deposit, Reason):
        return deposit
    emit(DepositDropped(command.transfer, deposit.account, deposit.currency, deposit.amount))
    return None


def hold(state: State, command: HoldDeposit, emit: Emit) -> Reason | None:
    deposit = _found(state, command, DepositStage.CREDITED)
    if isinstance(deposit, Reason):
        return deposit
    account, currency = deposit.account, deposit.currency
    held = min(deposit.amount, state.ledger.available(account, currency))
    emit(DepositHeld(command.transfer, account, currency, held))
    return None


def release(state: State, command: ReleaseDeposit, emit: Emit) -> Reason | None:
    deposit = _found(state, command, DepositStage.HELD)
    if isinstance(deposit, Reason):
        return deposit
    emit(DepositReleased(command.transfer, deposit.account, deposit.currency, deposit.held))
    return None


def write_off(state: State, command: WriteOffDeposit, emit: Emit) -> Reason | None:
    deposit = _found(state, command, DepositStage.HELD)
    if isinstance(deposit, Reason):
        return deposit
    emit(DepositWrittenOff(command.transfer, deposit.account, deposit.currency, deposit.held))
    return None


def assign(state: State, command: AssignDeposit, emit: Emit) -> Reason | None:
    deposit = _found(state, command, DepositStage.CREDITED)
    if isinstance(deposit, Reason):
        return deposit
    if deposit.account != SUSPENSE_ACCOUNT:
        return Reason.WRONG_STATUS
    if command.account not in state.accounts:
        return Reason.UNKNOWN_ACCOUNT
    emit(DepositAssigned(command.transfer, command.account, deposit.currency, deposit.amount))
    return None


def _not_announceable(state: State, command: AnnounceDeposit) -> Reason | None:
    if not signed(command.actor, command.note) or not 0 < len(command.key) <= TEXT_LENGTH_MAX:
        return Reason.INVALID_TEXT
    if len(command.address) > TEXT_LENGTH_MAX:
        return Reason.INVALID_TEXT
    if command.account not in state.accounts and command.account != SUSPENSE_ACCOUNT:
        return Reason.UNKNOWN_ACCOUNT
    if command.currency not in state.listings.currencies:
        return Reason.UNKNOWN_CURRENCY
    if command.amount <= 0:
        return Reason.INVALID_AMOUNT
    if command.amount > AMOUNT_MAX:
        return Reason.TOO_LARGE
    return Reason.DUPLICATE if command.key in state.keys else None


def _found(state: State, command: _Known, stage: DepositStage) -> Deposit | Reason:
    """The deposit that `command` speaks of, which must be at `stage`."""
    if not signed(command.actor, command.note):
        return Reason.INVALID_TEXT
    deposit = state.deposits.get(command.transfer)
    if deposit is None or _forgotten(state, command.transfer):
        return Reason.UNKNOWN_TRANSFER
    return deposit if deposit.stage is stage else Reason.WRONG_STATUS


def _forgotten(state: State, transfer: TransferId) -> bool:
    """It is still there, but only until the next one is credited."""
    since = state.credited.get(transfer)
    return since is not None and since <= state.time - DEPOSIT_KEPT_MS
