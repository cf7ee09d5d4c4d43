"""The dashboard: whether all is well, at a glance."""

from typing import Any, Final

import coinport
from coinport.app.admin.desk import Desk
from coinport.app.admin.shown import OPEN
from coinport.app.money import Money
from coinport.app.pulse import Pulse
from coinport.model.transfers import TransferKind, TransferStatus
from coinport.readmodels.transfers import Transfers

WAITING_MAX: Final = 200
"""Counted so far; more is told as this many."""


class Dashboard:
    def __init__(self, desk: Desk, money: Money, pulse: Pulse) -> None:
        self._services = desk.services
        self._alarms = money.wallets.alarms
        self._pulse = pulse
        self._transfers = Transfers(desk.services)

    async def figures(self) -> dict[str, Any]:
        services, beat = self._services, self._pulse.beat()
        return {
            "ready": services.ready(),
            "version": coinport.__version__,
            "engine": services.engine_name,
            "sequence": services.feed.last,
            "queue": services.sequencer.waiting,
            "read_models_behind": services.readmodels.behind,
            "uptime_ms": beat.uptime_ms,
            "commands_per_second": _text(beat.commands_per_second, 1),
            "answers_per_second": _text(beat.answers_per_second, 1),
            "command_ms_median": _text(beat.command_ms[0], 3),
            "command_ms_p99": _text(beat.command_ms[1], 3),
            "sync_ms_median": _text(beat.sync_ms[0], 3),
            "sync_ms_p99": _text(beat.sync_ms[1], 3),
            "withdrawals_waiting": await self._waiting(
                TransferKind.WITHDRAWAL, TransferStatus.PENDING
            ),
            "deposits_open": await self._waiting(TransferKind.DEPOSIT, *OPEN),
            "alarms": [
                {"alarm": alarm.value, "currency": currency, "cases": level}
                for alarm, currency, level in self._alarms.levels()
                if level
            ],
        }

    async def _waiting(self, kind: TransferKind, *statuses: TransferStatus) -> int:
        page = await self._transfers.with_status(kind, *statuses, limit=WAITING_MAX)
        return len(page.rows)


def _text(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")
