"""Operators: who is let in to the console, and how its endpoints have things done."""

from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta

from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.requests import Caller, Permission, Scheme
from coinport.gateway.routes import Call, about
from coinport.gateway.services import Services
from coinport.model.units import TEXT_LENGTH_MAX
from coinport.operations.actors import operator
from coinport.operations.requests import AdminRequest
from coinport.readmodels.projection import INTEGER_MAX

T = TypeVar("T")

NO_CODE: Final = Text(
    "an operator binds one-time codes, and logs in with one",
    "操作员须绑定谷歌验证，并使用验证码登录",
)

Why = Annotated[
    str,
    Meta(min_length=1, max_length=TEXT_LENGTH_MAX, examples=["as agreed by telephone"]),
    about("Why; the audit log keeps it.", "原因，记入审计日志。"),
]
UserNamed = Annotated[
    str,
    Meta(min_length=1, max_length=300, examples=["alice@example.com"]),
    about("E-mail address or uid.", "邮箱或 uid。"),
]
OnlyUser = Annotated[
    str,
    Meta(max_length=300),
    about("E-mail address or uid. Empty: everybody's.", "邮箱或 uid；空表示所有用户。"),
]
Below = Annotated[
    int,
    Meta(ge=0, le=INTEGER_MAX),
    about("An id: those before it. 0: from the newest.", "此编号之前；0 表示最新。"),
]
Moment = Annotated[int, about("In ms.", "毫秒。")]
Decimals = Annotated[str, Meta(examples=["0.25"]), about("Decimal text.", "十进制字符串。")]


async def admit(services: Services, caller: Caller) -> None:
    """Only a session that began with a one-time code, of an account that has the role and its codes
    still. Raises ApiError (1022)."""
    if caller.scheme is not Scheme.COOKIE or not await services.operators.has(caller.account):
        raise ApiError(Code.NOT_PERMITTED, Permission.OPERATOR)
    if not caller.with_code or not await services.one_time_codes.bound(caller.account):
        raise ApiError(Code.NOT_PERMITTED, Permission.OPERATOR, NO_CODE)


class Console:
    """Asks for things in the name of the caller."""

    def __init__(self, services: Services) -> None:
        self._administer = services.administer

    async def ask(self, call: Call[Any], request: AdminRequest, answer: type[T]) -> T:
        """What comes of it, as an `answer`. Raises ApiError, and what every endpoint may raise."""
        actor = operator(call.caller.account, call.request.address)
        return msgspec.convert(await self._administer(request, actor), answer)
