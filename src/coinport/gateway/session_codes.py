"""One-time codes of a session: what moves money out, or lets others do so, needs one each time."""

from typing import Annotated

from msgspec import UNSET, UnsetType

from coinport.gateway.errors import ApiError, Code
from coinport.gateway.requests import Caller, Scheme
from coinport.gateway.routes import about
from coinport.identity.errors import CodeRequired, CodeWrong
from coinport.identity.totp import OneTimeCodes

SessionCode = Annotated[
    str | UnsetType,
    about(
        "A one-time code: needed of a session whose account has them switched on.",
        "谷歌验证码；已绑定谷歌验证的帐号通过网页登录操作时必填。",
    ),
]


async def check_session_code(codes: OneTimeCodes, caller: Caller, code: str | UnsetType) -> None:
    """A password had to come with a code of its own, and a token was given its permission by
    somebody who had; a session may be old. Raises ApiError (1015)."""
    if caller.scheme is not Scheme.COOKIE:
        return
    try:
        await codes.check(caller.account, None if code is UNSET else code)
    except (CodeRequired, CodeWrong):
        raise ApiError(Code.ONE_TIME_CODE, "googlecode") from None
