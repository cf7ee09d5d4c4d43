"""Transfers, how their rows come about."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, select

from coinport.model.commands import (
    AnnounceDeposit,
    DropDeposit,
    FailWithdrawal,
    HoldDeposit,
    RequestWithdrawal,
    SendWithdrawal,
    SettleWithdrawal,
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
    Event,
    WithdrawalApproved,
    WithdrawalCanceled,
    WithdrawalFailed,
    WithdrawalRequested,
    WithdrawalSent,
    WithdrawalSettled,
)
from coinport.model.listings import CurrencyKind, Listings
from coinport.model.records import Record
from coinport.model.transfers import TransferKind, TransferStatus
from coinport.model.units import TransferId
from coinport.readmodels.projection import Handlers
from coinport.readmodels.transfers import transfers
from coinport.readmodels.upsert import Upsert, replaced

_COLUMNS: Final = transfers.columns.keys()
_UPSERT: Final = Upsert(transfers, replaced)
_NEW: Final = {"fee": 0, "address": "", "memo": "", "key": "", "txid": "", "held": 0, "note": ""}


class TransfersProjection:
    def __init__(self, listings: Listings) -> None:
        self._listings = listings
        self._rows: dict[TransferId, dict[str, Any]] = {}
        """By column: whole where they begin in this batch, otherwise only what changes."""

    def handlers(self) -> Handlers:
        return {kind: partial(apply, self) for kind, apply in _APPLY.items()}

    def write(self, connection: Connection) -> None:
        older = [of for of, row in self._rows.items() if "created_ms" not in row]
        for row in connection.execute(select(transfers).where(transfers.c.id.in_(older))):
            self._rows[row.id] = {**row._asdict(), **self._rows[row.id]}
        rows = [[row[column] for column in _COLUMNS] for row in self._rows.values()]
        _UPSERT.write(connection, rows)

    def _announced(self, record: Record, event: DepositAnnounced) -> None:
        said = record.command
        assert isinstance(said, AnnounceDeposit)
        on_chain = self._listings.currencies[event.currency].kind is CurrencyKind.CHAIN
        self._begun(
            record,
            event,
            kind=int(TransferKind.DEPOSIT),
            status=int(TransferStatus.CONFIRMING),
            address=said.address,
            key=said.key,
            txid=_txid(said.key) if on_chain else "",
        )

    def _requested(self, record: Record, event: WithdrawalRequested) -> None:
        said = record.command
        assert isinstance(said, RequestWithdrawal)
        self._begun(
            record,
            event,
            kind=int(TransferKind.WITHDRAWAL),
            status=int(TransferStatus.PENDING),
            fee=said.fee,
            address=said.address,
            memo=said.memo,
        )

    def _begun(
        self, record: Record, event: DepositAnnounced | WithdrawalRequested, **terms: int | str
    ) -> None:
        self._rows[event.transfer] = {
            **_NEW,
            "id": event.transfer,
            "account": event.account,
            "currency": event.currency,
            "amount": event.amount,
            "created_ms": record.time,
            "updated_ms": record.time,
            "sequence": record.sequence,
            "booked": 0,
            **terms,
        }

    def _credited(self, record: Record, event: DepositCredited) -> None:
        self._now(record, event, TransferStatus.SUCCEEDED, booked=record.sequence)

    def _assigned(self, record: Record, event: DepositAssigned) -> None:
        self._now(record, event, TransferStatus.SUCCEEDED, account=event.account)

    def _held(self, record: Record, event: DepositHeld) -> None:
        assert isinstance(record.command, HoldDeposit)
        note = record.command.note
        self._now(record, event, TransferStatus.CONFIRMING, held=event.amount, note=note)

    def _released(self, record: Record, event: DepositReleased) -> None:
        self._now(record, event, TransferStatus.SUCCEEDED, held=0, note="")

    def _failed(
        self, record: Record, event: DepositDropped | DepositWrittenOff | WithdrawalFailed
    ) -> None:
        said = record.command
        assert isinstance(said, DropDeposit | WriteOffDeposit | FailWithdrawal)
        self._now(record, event, TransferStatus.FAILED, note=said.note)

    def _canceled(self, record: Record, event: WithdrawalCanceled) -> None:
        self._now(record, event, TransferStatus.CANCELED)

    def _approved(self, record: Record, event: WithdrawalApproved) -> None:
        self._now(record, event, TransferStatus.PROCESSING)

    def _sent(self, record: Record, event: WithdrawalSent) -> None:
        assert isinstance(record.command, SendWithdrawal)
        self._now(record, event, TransferStatus.CONFIRMING, txid=record.command.txid)

    def _settled(self, record: Record, event: WithdrawalSettled) -> None:
        assert isinstance(record.command, SettleWithdrawal)
        txid = record.command.txid
        self._now(record, event, TransferStatus.SUCCEEDED, txid=txid, booked=record.sequence)

    def _now(self, record: Record, event: Any, status: TransferStatus, **more: int | str) -> None:
        self._rows.setdefault(event.transfer, {}).update(
            status=int(status), updated_ms=record.time, sequence=record.sequence, **more
        )


def _txid(key: str) -> str:
    """`LTC:txid:vout` -> txid. What an administrator announced may have a key of another form."""
    return key.split(":")[1] if ":" in key else ""


_APPLY: Final[dict[type[Event], Callable[[TransfersProjection, Record, Any], None]]] = {
    DepositAnnounced: TransfersProjection._announced,
    DepositCredited: TransfersProjection._credited,
    DepositDropped: TransfersProjection._failed,
    DepositHeld: TransfersProjection._held,
    DepositReleased: TransfersProjection._released,
    DepositWrittenOff: TransfersProjection._failed,
    DepositAssigned: TransfersProjection._assigned,
    WithdrawalRequested: TransfersProjection._requested,
    WithdrawalCanceled: TransfersProjection._canceled,
    WithdrawalApproved: TransfersProjection._approved,
    WithdrawalFailed: TransfersProjection._failed,
    WithdrawalSent: TransfersProjection._sent,
    WithdrawalSettled: TransfersProjection._settled,
}
