"""Operators: who may use the console."""

from typing import Any, assert_never

import msgspec

from coinport.app.admin.desk import Desk, NotDone
from coinport.operations.house_requests import Grant, ListOperators, OperatorRequest, Revoke


class OperatorDesk:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._operators = desk.services.operators

    async def act(self, request: OperatorRequest, actor: str) -> dict[str, Any]:
        match request:
            case Grant(user):
                profile = await self._desk.person(user)
                # Else whoever takes over the account binds codes of his own, and has the role.
                if not await self._desk.services.one_time_codes.bound(profile.account):
                    raise NotDone(
                        f"{profile.email} has no one-time codes: he binds them first (on the page: "
                        "account, one-time codes)",
                        zh=f"{profile.email} 未绑定动态验证码：须先绑定（网页：账户、动态验证码）",
                    )
                if not await self._operators.grant(profile.account, actor):
                    raise NotDone(
                        f"{profile.email} is an operator already", zh=f"{profile.email} 已是操作员"
                    )
                return {"uid": profile.account, "email": profile.email, "operator": True}
            case Revoke(user):
                profile = await self._desk.person(user)
                if not await self._operators.revoke(profile.account):
                    raise NotDone(
                        f"{profile.email} is no operator", zh=f"{profile.email} 不是操作员"
                    )
                await self._desk.services.sessions.end_all(profile.account)
                return {"uid": profile.account, "email": profile.email, "operator": False}
            case ListOperators():
                rows = [msgspec.to_builtins(row) for row in await self._operators.all()]
                return {"operators": [{"uid": row.pop("account"), **row} for row in rows]}
            case _:
                assert_never(request)
