"""`transfers`: the caller's deposits and withdrawals, with their confirmations as they grow."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Struct

from coinport.gateway.routes import about
from coinport.gateway.services import Services
from coinport.gateway.transfers import TransferInfo, shown
from coinport.gateway.wire import FigureOf
from coinport.model.records import Record
from coinport.model.transfers import TransferKind, TransferStatus
from coinport.model.units import AccountId, Sequence, TransferId
from coinport.readmodels.transfers import Transfers

TRANSFERS: Final = 30
"""Of each kind, in a snapshot; confirmations are followed of these, and of later ones."""
_FINAL: Final = (TransferStatus.CANCELED, TransferStatus.FAILED, TransferStatus.SUCCEEDED)


class TransfersData(Struct):
    deposits: Annotated[
        list[TransferInfo],
        about(
            "The newest first; of an update, those that have changed, as they now are.",
            "按 ID 降序；更新中为有变动的记录的最新状态。",
        ),
    ]
    withdrawals: Annotated[list[TransferInfo], about("Likewise.", "同上。")]


class TransfersSource:
    """Whenever a record or a chain may have changed something, it is read anew and compared."""

    def __init__(self, services: Services, account: AccountId, figure: FigureOf) -> None:
        self._services = services
        self._account = account
        self._figure = figure
        self._transfers = Transfers(services)
        self._known: dict[TransferKind, dict[int, TransferInfo]] = {
            kind: {} for kind in TransferKind
        }
        self._changed: dict[TransferKind, dict[int, TransferInfo]] = {
            kind: {} for kind in TransferKind
        }
        self._touched: set[TransferId] = set()

    async def load(self) -> Sequence:
        for kind in TransferKind:
            page = await self._transfers.of(self._account, kind, limit=TRANSFERS)
            rows = await shown(page.rows, self._services, self._figure)
            self._known[kind] = {row.id: row for row in rows}
        return Sequence(0)

    def follow(self, record: Record, event: Any) -> None:
        transfer = getattr(event, "transfer", None)
        if transfer is not None:
            self._touched.add(transfer)

    @property
    def to_read(self) -> bool:
        return bool(self._touched) or any(
            info.withdraw_status not in _FINAL
            for known in self._known.values()
            for info in known.values()
        )

    async def read(self) -> bool:
        """Whether anything is new. Raises TimeoutError, Busy."""
        touched, self._touched = self._touched, set()
        try:
            for kind, known in self._known.items():
                moving = {id for id, info in known.items() if info.withdraw_status not in _FINAL}
                rows = await self._transfers.by_id(self._account, kind, moving | touched)
                for info in await shown(rows, self._services, self._figure):
                    if info != known.get(info.id):
                        known[info.id] = self._changed[kind][info.id] = info
        except BaseException:
            self._touched |= touched
            raise
        return any(self._changed.values())

    def update(self) -> bytes | None:
        if not any(self._changed.values()):
            return None
        text = self._text(self._changed)
        for changed in self._changed.values():
            changed.clear()
        for known in self._known.values():
            for old in sorted(known)[:-TRANSFERS]:
                if known[old].withdraw_status in _FINAL:
                    del known[old]
        return text

    def snapshot(self) -> bytes:
        return self._text(self._known)

    def _text(self, infos: dict[TransferKind, dict[int, TransferInfo]]) -> bytes:
        deposits, withdrawals = (
            [infos[kind][id] for id in sorted(infos[kind], reverse=True)]
            for kind in (TransferKind.DEPOSIT, TransferKind.WITHDRAWAL)
        )
        return msgspec.json.encode(TransfersData(deposits, withdrawals))
