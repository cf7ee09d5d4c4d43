"""The operator's console: users."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from coinport.gateway.errors import Code, Text
from coinport.gateway.operator_transfers import OperatorDeposit, OperatorWithdrawal
from coinport.gateway.operators import Console, Decimals, Moment, UserNamed, Why
from coinport.gateway.paging import Limit
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.operations import requests

USERS: Final = 50
USERS_MAX: Final = 200
"""Users in one answer: by default, and at most."""


class UsersOf(Parameters, frozen=True):
    search: Annotated[
        str,
        Meta(max_length=300),
        about("Part of an e-mail address, or a uid.", "邮箱的一部分，或 uid。"),
    ] = ""
    after: Annotated[
        int, Meta(ge=0, le=2**62), about("A uid: those after it.", "此 uid 之后。")
    ] = 0
    limit: Annotated[Limit, about("At most 200.", "上限 200。")] = USERS


class UserRow(Struct):
    uid: int
    email: str
    name: str
    one_time_codes: bool
    registered_ms: Moment
    suspended: bool


class UserList(Struct):
    more: bool
    users: Annotated[list[UserRow], about("By uid.", "按 uid 升序。")]


class UserOf(Parameters, frozen=True):
    user: UserNamed


class UserBalance(Struct):
    available: Decimals
    frozen: Annotated[Decimals, about("For orders.", "挂单冻结。")]
    pending: Annotated[Decimals, about("For withdrawals.", "提现冻结。")]
    held: Annotated[Decimals, about("Of deposits that left their chain.", "因充值失效而冻结。")]
    total: Decimals


class UserOrder(Struct):
    id: int
    market: str
    type: Literal["buy", "sell"]
    price: Decimals
    amount: Decimals
    executed: Decimals
    created_ms: Moment


class UserSession(Struct):
    session: str
    created_ms: Moment
    last_used_ms: Moment
    address: str
    user_agent: str


class UserInfo(Struct):
    uid: int
    email: str
    name: str
    one_time_codes: bool
    registered_ms: Moment
    suspended: bool
    operator: bool
    balances: Annotated[dict[str, UserBalance], Meta(examples=[{}])]
    open_orders: Annotated[list[UserOrder], about("At most 400.", "上限 400。")]
    open_deposits: list[OperatorDeposit]
    open_withdrawals: list[OperatorWithdrawal]
    sessions: list[UserSession]


class UserWhy(Parameters, frozen=True):
    user: UserNamed
    reason: Why


class SuspendedInfo(Struct):
    uid: int
    email: str
    suspended: bool
    canceled_orders: int = 0


class SessionsToEnd(Parameters, frozen=True):
    user: UserNamed
    reason: Why
    session: Annotated[str, about("Left out: all of them.", "省略则结束全部。")] = ""


class SessionsEnded(Struct):
    uid: int
    email: str
    ended: int


class OperatorUsers:
    title = Text("Operators: users", "操作员：用户")

    def __init__(self, services: Services) -> None:
        self._console = Console(services)

    @endpoint(
        "GET",
        "/operator/users",
        parameters=UsersOf,
        answer=UserList,
        permission=Permission.OPERATOR,
        summary=Text("Search users", "搜索用户"),
    )
    async def operator_users(self, call: Call[UsersOf]) -> UserList:
        given = call.parameters
        request = requests.FindUsers(given.search, given.after, min(given.limit, USERS_MAX))
        return await self._console.ask(call, request, UserList)

    @endpoint(
        "GET",
        "/operator/user",
        parameters=UserOf,
        answer=UserInfo,
        permission=Permission.OPERATOR,
        errors=(Code.UNKNOWN_USER,),
        summary=Text("A user, with balances and all that is open", "用户详情"),
    )
    async def operator_user(self, call: Call[UserOf]) -> UserInfo:
        return await self._console.ask(call, requests.ShowUser(call.parameters.user), UserInfo)

    @endpoint(
        "POST",
        "/operator/suspend",
        parameters=UserWhy,
        answer=SuspendedInfo,
        permission=Permission.OPERATOR,
        errors=(Code.UNKNOWN_USER, Code.ACCOUNT_UNAVAILABLE),
        summary=Text(
            "Cancel a user's orders, end his sessions, and let him in no more", "停用用户"
        ),
    )
    async def operator_suspend(self, call: Call[UserWhy]) -> SuspendedInfo:
        request = requests.Suspend(call.parameters.user, call.parameters.reason)
        return await self._console.ask(call, request, SuspendedInfo)

    @endpoint(
        "POST",
        "/operator/resume",
        parameters=UserWhy,
        answer=SuspendedInfo,
        permission=Permission.OPERATOR,
        errors=(Code.UNKNOWN_USER,),
        summary=Text("Undo a suspension", "恢复用户"),
    )
    async def operator_resume(self, call: Call[UserWhy]) -> SuspendedInfo:
        request = requests.Resume(call.parameters.user, call.parameters.reason)
        return await self._console.ask(call, request, SuspendedInfo)

    @endpoint(
        "POST",
        "/operator/end_sessions",
        parameters=SessionsToEnd,
        answer=SessionsEnded,
        permission=Permission.OPERATOR,
        errors=(Code.UNKNOWN_USER,),
        summary=Text("End one session of a user, or all", "结束用户会话"),
    )
    async def operator_end_sessions(self, call: Call[SessionsToEnd]) -> SessionsEnded:
        given = call.parameters
        request = requests.EndSessions(given.user, given.session, given.reason)
        return await self._console.ask(call, request, SessionsEnded)
