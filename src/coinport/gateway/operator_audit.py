"""The operator's console: the audit log."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from coinport.gateway.errors import Text
from coinport.gateway.operators import Console, Moment
from coinport.gateway.paging import Limit
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.operations import house_requests as requests
from coinport.operations.audit import AuditRow

ACTIONS: Final = 50
ACTIONS_MAX: Final = 200
ROWS: Final = 1_000
ROWS_MAX: Final = 1_000
"""In one answer: by default, and at most."""

Number = Annotated[int, Meta(ge=0, le=2**62)]


class ActionsWanted(Parameters, frozen=True):
    below: Annotated[Number, about("A number: those before it.", "此编号之前。")] = 0
    limit: Annotated[Limit, about("At most 200.", "上限 200。")] = ACTIONS
    actor: Annotated[str, Meta(max_length=300), about("Empty: all.", "空表示全部。")] = ""
    action: Annotated[str, Meta(max_length=300), about("Empty: all.", "空表示全部。")] = ""


class ActionInfo(Struct):
    number: int
    time_ms: Moment
    actor: Annotated[str, about("`operator` and a uid, or a user of the machine.", "操作者。")]
    via: Literal["socket", "console"]
    address: Annotated[
        str,
        about("That the console was used from.", "来源 IP 地址。"),
        Meta(examples=["192.0.2.7"]),
    ]
    action: str
    parameters: Annotated[str, about("JSON.", "参数，JSON。")]
    reason: str
    outcome: Annotated[
        str,
        about(
            "`done`, or why not; empty: begun, and never concluded.",
            "done 或未完成的原因；空表示未结束。",
        ),
    ]


class ActionList(Struct):
    more: bool
    actions: Annotated[list[ActionInfo], about("The newest first.", "按时间降序。")]


class RowsWanted(Parameters, frozen=True):
    after: Annotated[Number, about("A number: those after it.", "此编号之后。")] = 0
    limit: Annotated[Limit, about("At most 1,000.", "上限 1000。")] = ROWS


class RowList(Struct):
    more: bool
    rows: Annotated[list[AuditRow], about("The oldest first.", "按编号升序。")]


class VerificationWanted(Parameters, frozen=True):
    number: Annotated[
        Number, about("Of a row that was seen before, which must still be there.", "已知的编号。")
    ] = 0
    hash: Annotated[str, Meta(max_length=64), about("Its hash.", "该编号的哈希。")] = ""


class Verification(Struct):
    rows: Annotated[int, about("How many there are.", "总行数。")]
    hash: Annotated[str, about("Of the last.", "最后一行的哈希。")]


class OperatorAudit:
    title = Text("Operators: audit log", "操作员：审计日志")

    def __init__(self, services: Services) -> None:
        self._console = Console(services)

    @endpoint(
        "GET",
        "/operator/audit",
        parameters=ActionsWanted,
        answer=ActionList,
        permission=Permission.OPERATOR,
        summary=Text("What was asked for, and what came of it", "审计日志"),
    )
    async def operator_audit(self, call: Call[ActionsWanted]) -> ActionList:
        given = call.parameters
        request = requests.ListAudit(
            given.below, min(given.limit, ACTIONS_MAX), given.actor, given.action
        )
        return await self._console.ask(call, request, ActionList)

    @endpoint(
        "GET",
        "/operator/audit_rows",
        parameters=RowsWanted,
        answer=RowList,
        permission=Permission.OPERATOR,
        summary=Text("Its rows as they were written, with their hashes", "审计日志原始行"),
        description=Text(
            "`hash` is the SHA-256 of all other fields, in their order, as a JSON array without "
            "spaces; `previous` is that of the row before, 64 zeros before the first.",
            "`hash` 为其余各字段按顺序组成的无空格 JSON 数组的 SHA-256；"
            "`previous` 为上一行的哈希，首行之前为 64 个零。",
        ),
    )
    async def operator_audit_rows(self, call: Call[RowsWanted]) -> RowList:
        given = call.parameters
        request = requests.ReadAudit(given.after, min(given.limit, ROWS_MAX))
        return await self._console.ask(call, request, RowList)

    @endpoint(
        "GET",
        "/operator/verify_audit",
        parameters=VerificationWanted,
        answer=Verification,
        permission=Permission.OPERATOR,
        summary=Text("Go through all of it: 1007 where it was tampered with", "校验审计日志"),
    )
    async def operator_verify_audit(self, call: Call[VerificationWanted]) -> Verification:
        given = call.parameters
        request = requests.VerifyAudit(given.number, given.hash)
        return await self._console.ask(call, request, Verification)
