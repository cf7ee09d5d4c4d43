"""Following: how each record about deposits and withdrawals moves the tables."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, insert, select, update

from coinport.model.commands import (
    AnnounceDeposit,
    ApproveWithdrawal,
    DropDeposit,
    ReleaseDeposit,
    RequestWithdrawal,
    SendWithdrawal,
)
from coinport.model.events import (
    AccountResumed,
    AccountSuspended,
    CurrencyAdded,
    DepositAnnounced,
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
from coinport.model.listings import CurrencyKind
from coinport.model.records import Record
from coinport.model.transfers import DepositStage, TransferStatus
from coinport.model.units import CurrencyId, TransferId
from coinport.wallets.tables import announced, coins, payouts, suspended

ACTOR: Final = "wallets"
"""Who it is, in the journal, that says what chains have shown."""
OVER: Final = 0
"""Stage of a deposit that somebody has dropped, written off or released."""


class Following:
    """For one transaction. What is on no chain is left out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._symbols: dict[CurrencyId, str] = {
            CurrencyId(row.currency): row.symbol
            for row in connection.execute(select(coins).where(coins.c.on_chain))
        }

    def follow(self, record: Record) -> None:
        for event in record.events:
            if handle := _HANDLERS.get(type(event)):
                handle(self, record, event)

    def _currency_added(self, record: Record, event: CurrencyAdded) -> None:
        added = event.currency
        on_chain = added.kind is CurrencyKind.CHAIN
        self._insert(
            coins,
            currency=added.currency,
            symbol=added.symbol,
            decimals=added.decimals,
            on_chain=on_chain,
        )
        if on_chain:
            self._symbols[added.currency] = added.symbol

    def _suspended(self, record: Record, event: AccountSuspended) -> None:
        self._insert(suspended, account=event.account)

    def _resumed(self, record: Record, event: AccountResumed) -> None:
        self._connection.execute(delete(suspended).where(suspended.c.account == event.account))

    def _announced(self, record: Record, event: DepositAnnounced) -> None:
        assert isinstance(record.command, AnnounceDeposit)
        if event.currency in self._symbols:
            self._insert(
                announced,
                key=record.command.key,
                transfer=event.transfer,
                currency=self._symbols[event.currency],
                stage=DepositStage.ANNOUNCED,
            )

    def _credited(self, record: Record, event: DepositCredited) -> None:
        self._deposit(event.transfer, DepositStage.CREDITED)

    def _released(self, record: Record, event: DepositReleased) -> None:
        """By us: it is there again, and may leave again. By somebody else: the house stands for it,
        whatever becomes of the payment."""
        assert isinstance(record.command, ReleaseDeposit)
        ours = record.command.actor == ACTOR
        self._deposit(event.transfer, DepositStage.CREDITED if ours else OVER)

    def _held(self, record: Record, event: DepositHeld) -> None:
        self._deposit(event.transfer, DepositStage.HELD)

    def _dropped(self, record: Record, event: DepositDropped) -> None:
        """By us: it may come back, and is then announced again. By somebody else: it is over."""
        assert isinstance(record.command, DropDeposit)
        if record.command.actor == ACTOR:
            mine = announced.c.transfer == event.transfer
            self._connection.execute(delete(announced).where(mine))
        else:
            self._deposit(event.transfer, OVER)

    def _written_off(self, record: Record, event: DepositWrittenOff) -> None:
        self._deposit(event.transfer, OVER)

    def _requested(self, record: Record, event: WithdrawalRequested) -> None:
        command = record.command
        assert isinstance(command, RequestWithdrawal)
        if event.currency in self._symbols:
            self._insert(
                payouts,
                transfer=event.transfer,
                account=event.account,
                currency=self._symbols[event.currency],
                address=command.address,
                memo=command.memo,
                amount=command.amount,
                fee=command.fee,
                status=TransferStatus.PENDING,
                requested_ms=record.time,
                approved_ms=0,
                approved_by="",
                sent="",
                by_hand=False,
            )

    def _approved(self, record: Record, event: WithdrawalApproved) -> None:
        assert isinstance(record.command, ApproveWithdrawal)
        self._payout(
            event.transfer,
            status=TransferStatus.PROCESSING,
            approved_ms=record.time,
            approved_by=record.command.actor,
        )

    def _sent(self, record: Record, event: WithdrawalSent) -> None:
        assert isinstance(record.command, SendWithdrawal)
        by_hand = {} if record.command.actor == ACTOR else {"by_hand": True}
        txid = record.command.txid
        self._payout(event.transfer, status=TransferStatus.CONFIRMING, sent=txid, **by_hand)

    def _canceled(self, record: Record, event: WithdrawalCanceled) -> None:
        self._payout(event.transfer, status=TransferStatus.CANCELED)

    def _failed(self, record: Record, event: WithdrawalFailed) -> None:
        self._payout(event.transfer, status=TransferStatus.FAILED)

    def _settled(self, record: Record, event: WithdrawalSettled) -> None:
        self._payout(event.transfer, status=TransferStatus.SUCCEEDED)

    def _insert(self, table: Table, **values: Any) -> None:
        self._connection.execute(insert(table).values(values))

    def _deposit(self, transfer: TransferId, stage: int) -> None:
        mine = announced.c.transfer == transfer
        self._connection.execute(update(announced).where(mine).values(stage=stage))

    def _payout(self, transfer: TransferId, **values: Any) -> None:
        mine = payouts.c.transfer == transfer
        self._connection.execute(update(payouts).where(mine).values(values))


_HANDLERS: Final[dict[type[Event], Callable[[Following, Record, Any], None]]] = {
    CurrencyAdded: Following._currency_added,
    AccountSuspended: Following._suspended,
    AccountResumed: Following._resumed,
    DepositAnnounced: Following._announced,
    DepositCredited: Following._credited,
    DepositReleased: Following._released,
    DepositHeld: Following._held,
    DepositDropped: Following._dropped,
    DepositWrittenOff: Following._written_off,
    WithdrawalRequested: Following._requested,
    WithdrawalApproved: Following._approved,
    WithdrawalSent: Following._sent,
    WithdrawalCanceled: Following._canceled,
    WithdrawalFailed: Following._failed,
    WithdrawalSettled: Following._settled,
}
