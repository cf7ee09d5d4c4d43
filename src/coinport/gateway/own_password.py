"""The caller's password: how he changes it."""

from typing import Annotated

from msgspec import UNSET

from coinport.gateway import cookies
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.own_sessions import Ended
from coinport.gateway.requests import Permission, Scheme
from coinport.gateway.routes import Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.session_codes import SessionCode, check_session_code
from coinport.identity.errors import InvalidField, WrongCredentials


class PasswordChange(Parameters, frozen=True):
    old_pwdhash: Annotated[
        str, about("The password until now, or what was registered of it.", "原密码，或其注册值。")
    ]
    new_pwdhash: Annotated[
        str, about("The new one, as `register` takes it.", "新密码，形式同 register。")
    ]
    googlecode: SessionCode = UNSET


class OwnPassword:
    title = Text("Password", "登录密码")

    def __init__(self, services: Services) -> None:
        self._services = services

    @endpoint(
        "POST",
        "/user/change_password",
        parameters=PasswordChange,
        answer=Ended,
        permission=Permission.OWNER,
        errors=(Code.ONE_TIME_CODE,),
        summary=Text("A new password, which ends all other sessions", "修改密码"),
        description=Text(
            "By a session or a password only. The session that asks goes on, all others end. API "
            "tokens stay as they are: delete those that somebody else may know.",
            "仅限会话或密码认证。当前会话保留，其他会话全部结束。API Token 不受影响，"
            "如可能泄露请另行删除。",
        ),
    )
    async def change_password(self, call: Call[PasswordChange]) -> Ended:
        given, caller, people = call.parameters, call.caller, self._services.people
        # The code comes last, for it is good once: what is wrong before must not use it up.
        try:
            people.refuse_unusable(given.new_pwdhash)
            await people.verify(str(caller.account), given.old_pwdhash, call.request.address)
        except InvalidField as error:
            detail = Text(error.detail, "取值不正确")
            raise ApiError(Code.BAD_PARAMETER, "new_pwdhash", detail) from None
        except WrongCredentials:
            detail = Text("is not the password", "密码不正确")
            raise ApiError(Code.BAD_PARAMETER, "old_pwdhash", detail) from None
        await check_session_code(self._services.one_time_codes, caller, given.googlecode)
        await people.set_password(caller.account, given.new_pwdhash)
        own = cookies.session_id(call.request) if caller.scheme is Scheme.COOKIE else None
        return Ended(await self._services.sessions.end_others(caller.account, own or ""))
