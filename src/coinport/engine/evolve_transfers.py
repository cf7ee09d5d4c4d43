"""Evolve, the part about deposits and withdrawals: how their events change the state."""

from collections.abc import Callable
from typing import Any, Final

from coinport.engine.accounting import transfers
from coinport.engine.state import Deposit, State, Withdrawal
from coinport.model.commands import AnnounceDeposit, Command, RequestWithdrawal
from coinport.model.events import (
    DepositAnnounced,
    DepositAssigned,
    DepositCredited,
    DepositDropped,
    DepositHeld,
    DepositReleased,
    DepositWrittenOff,
    Event,
    WithdrawalApproved,
    WithdrawalCanceled,
    WithdrawalFailed,
    WithdrawalRequested,
    WithdrawalSent,
    WithdrawalSettled,
)
from coinport.model.transfers import DepositStage, TransferStatus
from coinport.model.units import DEPOSIT_KEPT_MS, SUSPENSE_ACCOUNT, Amount, TransferId


def _announced(state: State, event: DepositAnnounced, command: Command) -> None:
    assert isinstance(command, AnnounceDeposit)
    state.deposits[event.transfer] = Deposit(
        event.account, event.currency, event.amount, command.key, command.actor
    )
    state.keys.add(command.key)
    state.next_transfer = TransferId(event.transfer + 1)


def _credited(
    state: State, event: DepositCredited | DepositReleased | DepositAssigned, command: Command
) -> None:
    state.ledger.post(transfers(event, state.listings))
    deposit = state.deposits[event.transfer]
    deposit.account = event.account
    deposit.stage, deposit.held = DepositStage.CREDITED, Amount(0)
    if event.account != SUSPENSE_ACCOUNT:
        _keep(state, event.transfer)


def _keep(state: State, transfer: TransferId) -> None:
    """For `DEPOSIT_KEPT_MS`; those that were kept for so long are forgotten."""
    kept = state.credited
    while kept:
        oldest = next(iter(kept))
        if kept[oldest] > state.time - DEPOSIT_KEPT_MS:
            break
        del kept[oldest], state.deposits[oldest]
    kept[transfer] = state.time


def _dropped(state: State, event: DepositDropped, command: Command) -> None:
    state.keys.remove(state.deposits.pop(event.transfer).key)


def _held(state: State, event: DepositHeld, command: Command) -> None:
    state.ledger.post(transfers(event, state.listings))
    deposit = state.deposits[event.transfer]
    deposit.stage, deposit.held = DepositStage.HELD, event.amount
    state.credited.pop(event.transfer, None)


def _written_off(state: State, event: DepositWrittenOff, command: Command) -> None:
    state.ledger.post(transfers(event, state.listings))
    del state.deposits[event.transfer]


def _requested(state: State, event: WithdrawalRequested, command: Command) -> None:
    assert isinstance(command, RequestWithdrawal)
    state.ledger.post(transfers(event, state.listings))
    state.withdrawals[event.transfer] = Withdrawal(
        event.account, event.currency, event.amount, command.fee
    )
    state.next_transfer = TransferId(event.transfer + 1)


def _approved(state: State, event: WithdrawalApproved, command: Command) -> None:
    state.withdrawals[event.transfer].status = TransferStatus.PROCESSING


def _sent(state: State, event: WithdrawalSent, command: Command) -> None:
    state.withdrawals[event.transfer].status = TransferStatus.CONFIRMING


def _over(
    state: State, event: WithdrawalCanceled | WithdrawalFailed | WithdrawalSettled, command: Command
) -> None:
    state.ledger.post(transfers(event, state.listings))
    del state.withdrawals[event.transfer]


APPLY: Final[dict[type[Event], Callable[[State, Any, Command], None]]] = {
    DepositAnnounced: _announced,
    DepositCredited: _credited,
    DepositDropped: _dropped,
    DepositHeld: _held,
    DepositReleased: _credited,
    DepositWrittenOff: _written_off,
    DepositAssigned: _credited,
    WithdrawalRequested: _requested,
    WithdrawalCanceled: _over,
    WithdrawalApproved: _approved,
    WithdrawalFailed: _over,
    WithdrawalSent: _sent,
    WithdrawalSettled: _over,
}
