"""The audit log, to be looked at, gone through and taken along."""

from typing import Any, assert_never

import msgspec

from coinport.app.admin.desk import Desk, NotDone
from coinport.operations.audit import AuditBroken, AuditRow, Head
from coinport.operations.house_requests import AuditRequest, ListAudit, ReadAudit, VerifyAudit


class Auditing:
    def __init__(self, desk: Desk) -> None:
        self._audit = desk.services.operations.audit

    async def act(self, request: AuditRequest) -> dict[str, Any]:
        match request:
            case ListAudit(below, limit, actor, action):
                found, more = await self._audit.actions(
                    below=below or None, actor=actor, action=action, limit=limit
                )
                rows = [{**_shown(each.asked), "outcome": each.outcome} for each in found]
                return {"actions": rows, "more": more}
            case ReadAudit(after, limit):
                written = await self._audit.rows(after, limit + 1)
                rows = [msgspec.to_builtins(row) for row in written[:limit]]
                return {"rows": rows, "more": len(written) > limit}
            case VerifyAudit(number, hash):
                try:
                    head = await self._audit.verified(Head(number, hash) if number else None)
                except AuditBroken as error:
                    raise NotDone(
                        f"the audit log was tampered with: {error}", zh=f"审计日志已被篡改：{error}"
                    ) from None
                return {"rows": head.number, "hash": head.hash}
            case _:
                assert_never(request)


def _shown(row: AuditRow) -> dict[str, Any]:
    names = ("number", "time_ms", "actor", "via", "address", "action", "parameters", "reason")
    return {name: getattr(row, name) for name in names}
