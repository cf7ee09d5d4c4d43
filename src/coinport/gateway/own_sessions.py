"""The caller's sessions: where he is logged in, and how to end that."""

from typing import Annotated

from msgspec import Meta, Struct

from coinport.gateway import cookies
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.requests import Permission, Scheme
from coinport.gateway.routes import Call, Nothing, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.identity.sessions import SessionRow, name_of


class SessionInfo(Struct):
    session: Annotated[str, about("Stands for it, and opens nothing.", "会话标识，不可用于登录。")]
    created: Annotated[int, about("In ms.", "登录时间，毫秒。")]
    last_used: Annotated[int, about("In ms.", "最近使用时间，毫秒。")]
    address: Annotated[
        str, about("That it began from.", "登录时的 IP 地址。"), Meta(examples=["192.0.2.7"])
    ]
    user_agent: Annotated[str, about("What the browser calls itself.", "浏览器标识。")]
    current: Annotated[bool, about("It is the caller's own.", "是否为当前会话。")]


class SessionsInfo(Struct):
    sessions: Annotated[list[SessionInfo], about("The one used last first.", "按最近使用降序。")]


class SessionOf(Parameters, frozen=True):
    session: str


class Ended(Struct):
    ended: Annotated[int, about("How many.", "已结束的会话数。")]


class OwnSessions:
    title = Text("Sessions", "登录会话")

    def __init__(self, services: Services) -> None:
        self._sessions = services.sessions

    @endpoint(
        "GET",
        "/user/sessions",
        parameters=Nothing,
        answer=SessionsInfo,
        permission=Permission.OWNER,
        summary=Text("Where the caller is logged in", "登录会话列表"),
    )
    async def user_sessions(self, call: Call[Nothing]) -> SessionsInfo:
        rows = await self._sessions.of(call.caller.account)
        own = _own(call)
        return SessionsInfo([session_info(row, name_of(own) if own else "") for row in rows])

    @endpoint(
        "POST",
        "/user/end_session",
        parameters=SessionOf,
        answer=Ended,
        permission=Permission.OWNER,
        summary=Text("End one of them", "结束一个会话"),
    )
    async def end_session(self, call: Call[SessionOf]) -> Ended:
        if not await self._sessions.end_named(call.caller.account, call.parameters.session):
            raise ApiError(Code.BAD_PARAMETER, "session", Text("no such session", "不存在"))
        return Ended(1)

    @endpoint(
        "POST",
        "/user/end_other_sessions",
        parameters=Nothing,
        answer=Ended,
        permission=Permission.OWNER,
        summary=Text("End all of them but the caller's own", "结束其他所有会话"),
    )
    async def end_other_sessions(self, call: Call[Nothing]) -> Ended:
        return Ended(await self._sessions.end_others(call.caller.account, _own(call)))


def session_info(row: SessionRow, current: str = "") -> SessionInfo:
    return SessionInfo(
        row.name, row.created_ms, row.seen_ms, row.address, row.user_agent, row.name == current
    )


def _own(call: Call[Nothing]) -> str:
    """The id of the caller's own; empty where he has come by a password."""
    if call.caller.scheme is not Scheme.COOKIE:
        return ""
    return cookies.session_id(call.request) or ""
