"""Shown: deposits and withdrawals as an administrator sees them."""

from collections.abc import Iterable
from typing import Any, Final

from coinport.app.admin.desk import Desk, NotDone
from coinport.app.admin.two_persons import TwoPersons
from coinport.model.decimals import decimal_text
from coinport.model.transfers import TransferKind, TransferStatus
from coinport.model.units import SUSPENSE_ACCOUNT, AccountId
from coinport.operations.endorsements import Endorsement
from coinport.readmodels.paging import Page
from coinport.readmodels.transfers import Transfer, Transfers
from coinport.wallets.progress import Progress

ROWS_MAX: Final = 200
"""Of one list."""
OPEN: Final = (TransferStatus.PENDING, TransferStatus.PROCESSING, TransferStatus.CONFIRMING)
OVER: Final = (TransferStatus.CANCELED, TransferStatus.SUCCEEDED, TransferStatus.FAILED)


class Shown:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.two_persons: Final = TwoPersons(desk)
        self.transfers: Final = Transfers(desk.services)

    async def find(self, id: int, kind: TransferKind) -> Transfer:
        """Raises NotDone."""
        found = await self.transfers.find(id)
        if found is None or found.kind is not kind:
            raise NotDone(f"there is no {kind.name.lower()} {id}", zh=f"没有{_KIND_ZH[kind]} {id}")
        return found

    async def one(self, id: int) -> dict[str, Any]:
        """As it is now."""
        now = await self.transfers.find(id)
        assert now is not None
        (row,) = await self.rows([now])
        return row

    async def page(self, name: str, page: Page[Transfer]) -> dict[str, Any]:
        return {name: await self.rows(page.rows), "more": page.more}

    async def open_of(self, account: AccountId) -> dict[str, Any]:
        return {
            name: await self.rows(
                (
                    await self.transfers.with_status(kind, *OPEN, account=account, limit=ROWS_MAX)
                ).rows
            )
            for name, kind in (
                ("open_deposits", TransferKind.DEPOSIT),
                ("open_withdrawals", TransferKind.WITHDRAWAL),
            )
        }

    async def rows(self, transfers: Iterable[Transfer]) -> list[dict[str, Any]]:
        transfers, services = list(transfers), self._desk.services
        progress = await services.wallets.progress([row.id for row in transfers])
        behind = await services.destinations.behind(row.address for row in transfers)
        users = {row.account: await self._user(row.account) for row in transfers}
        said = await self.two_persons.standing(transfers)
        return [
            self._row(
                row,
                users[row.account],
                behind.get(row.address, row.address),
                progress.get(row.id),
            )
            | self._persons(row, said.get(row.id, []))
            for row in transfers
        ]

    def _persons(self, row: Transfer, said: list[Endorsement]) -> dict[str, Any]:
        """Whether it is decided on by two persons, and what one of them has said."""
        return {
            "two_persons": self.two_persons.needed(row),
            "endorsements": [{"decision": each.decision, "by": each.actor} for each in said],
        }

    async def _user(self, account: AccountId) -> str:
        profile = await self._desk.services.people.find(str(account))
        return profile.email if profile else ""

    def _row(
        self, row: Transfer, user: str, address: str, progress: Progress | None
    ) -> dict[str, Any]:
        currency = self._desk.listings.currencies[row.currency]
        figures: dict[str, int] = {"amount": row.amount}
        if row.kind is TransferKind.WITHDRAWAL:
            figures |= {"fee": row.fee, "pays": row.amount - row.fee}
        else:
            figures["held"] = row.held
        return {
            "id": row.id,
            "status": status_of(row),
            "uid": row.account,
            "user": user,
            "currency": currency.symbol,
            **{name: decimal_text(units, currency.decimals) for name, units in figures.items()},
            "address": address,
            "memo": row.memo or (progress.memo if progress else ""),
            "reference": row.key,
            "txid": row.txid or (progress.txid if progress else ""),
            "confirmations": max(progress.confirmations, 0) if progress else None,
            "note": row.note,
            "created_ms": row.created_ms,
            "updated_ms": row.updated_ms,
        }


_KIND_ZH: Final = {TransferKind.DEPOSIT: "充值", TransferKind.WITHDRAWAL: "提现"}
_STEP_ZH: Final = {
    "confirm": "确认",
    "drop": "作废",
    "release": "解冻",
    "write off": "核销",
    "assign": "认领",
    "take": "受理",
    "approve": "批准",
    "reject": "驳回",
    "complete": "完成",
}
_STATUS_ZH: Final = {
    "open": "待确认",
    "held": "冻结",
    "suspense": "归属不明",
    "pending": "待审核",
    "processing": "已批准",
    "confirming": "已发送",
    "succeeded": "已到账",
    "failed": "失败",
    "canceled": "已取消",
}
"""Words of the console."""


def not_now(step: str, row: Transfer) -> NotDone:
    """It is too late for this step, or too early."""
    status = status_of(row)
    return NotDone(
        f"cannot {step} {row.kind.name.lower()} {row.id}: it is {status}",
        zh=f"无法{_STEP_ZH[step]}{_KIND_ZH[row.kind]} {row.id}：当前状态为“{_STATUS_ZH[status]}”",
    )


def status_of(row: Transfer) -> str:
    """Of deposits, more than their status says."""
    if row.kind is TransferKind.DEPOSIT:
        if row.status is TransferStatus.CONFIRMING:
            return "held" if row.booked else "open"
        if row.status is TransferStatus.SUCCEEDED and row.account == SUSPENSE_ACCOUNT:
            return "suspense"
    return row.status.name.lower()
