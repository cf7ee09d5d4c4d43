"""One-time codes of an authenticator app (TOTP): bind, and unbind. Once bound, every request with a
password needs a code in `X-Coinport-OTP`; sessions and tokens made by then go on without."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Nothing, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.identity.errors import AlreadyBound, CodeWrong, NotBound

GoogleCode = Annotated[str, about("Six digits, good once.", "六位验证码，只能使用一次。")]

_SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105
"""For people to look at."""


class Seed(Struct, rename="camel"):
    auth_url: Annotated[
        str,
        Meta(examples=[f"otpauth://totp/coinport:1000000001?secret={_SECRET}&issuer=coinport"]),
        about("To show as a QR code.", "用于生成二维码的 otpauth 地址。"),
    ]
    secret: Annotated[
        str,
        Meta(examples=[_SECRET]),
        about("The same, to type in; base32.", "密钥，base32。"),
    ]


class Binding(Parameters, frozen=True):
    googlecode: GoogleCode
    googlesecret: Annotated[
        str,
        about(
            "Not needed: what counts is the secret that `get_google_auth` gave last.",
            "可省略：以最近一次 get_google_auth 返回的密钥为准。",
        ),
    ] = ""


class Unbinding(Parameters, frozen=True):
    googlecode: GoogleCode


class GoogleAuthState(Struct, rename="camel"):
    google_auth_enabled: bool


class GoogleAuth:
    title = Text("One-time codes", "谷歌验证")

    def __init__(self, services: Services) -> None:
        self._codes = services.one_time_codes

    @endpoint(
        "GET",
        "/user/get_google_auth",
        parameters=Nothing,
        answer=Seed,
        permission=Permission.OWNER,
        summary=Text("A new secret for an authenticator app, not bound yet", "获取谷歌验证密钥"),
        description=Text(
            "It replaces an earlier one that was never bound. 1007 where codes are bound already.",
            "取代此前未绑定的密钥。已绑定时返回 1007。",
        ),
    )
    async def get_google_auth(self, call: Call[Nothing]) -> Seed:
        try:
            secret, url = await self._codes.begin(call.caller.account)
        except AlreadyBound:
            raise _already_bound() from None
        return Seed(url, secret)

    @endpoint(
        "POST",
        "/user/bind_google_auth",
        parameters=Binding,
        answer=GoogleAuthState,
        permission=Permission.OWNER,
        errors=(Code.ONE_TIME_CODE,),
        summary=Text("Bind: from now on a password needs a code beside it", "绑定谷歌验证"),
    )
    async def bind_google_auth(self, call: Call[Binding]) -> GoogleAuthState:
        try:
            await self._codes.bind(call.caller.account, call.parameters.googlecode)
        except NotBound:
            detail = Text("call get_google_auth first", "请先调用 get_google_auth")
            raise ApiError(Code.BAD_PARAMETER, "googlesecret", detail) from None
        except AlreadyBound:
            raise _already_bound() from None
        except CodeWrong:
            raise ApiError(Code.ONE_TIME_CODE) from None
        return GoogleAuthState(True)

    @endpoint(
        "POST",
        "/user/unbind_google_auth",
        parameters=Unbinding,
        answer=GoogleAuthState,
        permission=Permission.OWNER,
        errors=(Code.ONE_TIME_CODE,),
        summary=Text("Unbind: a password is enough again", "解除谷歌验证"),
    )
    async def unbind_google_auth(self, call: Call[Unbinding]) -> GoogleAuthState:
        try:
            await self._codes.unbind(call.caller.account, call.parameters.googlecode)
        except NotBound:
            raise ApiError(Code.BAD_PARAMETER, "googlecode", Text("not bound", "未绑定")) from None
        except CodeWrong:
            raise ApiError(Code.ONE_TIME_CODE) from None
        return GoogleAuthState(False)


def _already_bound() -> ApiError:
    detail = Text("bound already: unbind first", "已绑定，请先解除")
    return ApiError(Code.BAD_PARAMETER, "googlesecret", detail)
