"""API tokens: the keys that the caller's programs sign with. Only a password or a session manages
them: a token must not make another with more permissions, or outlive its own end that way."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct

from coinport.gateway.account import refused
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Nothing, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.session_codes import SessionCode, check_session_code
from coinport.identity.errors import InvalidField, TooManyTokens
from coinport.identity.tokens import TOKENS_MAX

Grant = Literal["read", "trade", "withdraw"]
EVERY_GRANT: frozenset[Grant] = frozenset({"read", "trade", "withdraw"})

BOT: Final = Meta(examples=["my bot"])


class TokenWanted(Parameters, frozen=True):
    name: Annotated[str, BOT, about("For its owner to know it by.", "备注名。")] = ""
    permissions: Annotated[
        frozenset[Grant], about("What it permits; left out: everything.", "权限；默认全部。")
    ] = EVERY_GRANT
    ip_allow: Annotated[
        tuple[str, ...],
        about(
            "Addresses and networks it may be used from; none: from anywhere.",
            "允许的 IP 地址或网段；空表示不限。",
        ),
    ] = ()
    md5: Annotated[
        bool,
        about(
            "It may sign by MD5 (`Authorization: Token`), which cannot stop a replay, and not only "
            "by HMAC.",
            "允许 MD5 签名（无法防重放）；否则只允许 HMAC。",
        ),
    ] = True
    googlecode: SessionCode = UNSET


class TokenMade(Struct):
    token: str
    secret: Annotated[str, about("It is shown this once only.", "仅显示这一次。")]


class TokenInfo(Struct):
    token: str
    name: Annotated[str, BOT]
    permissions: list[str]
    ip_allow: tuple[str, ...]
    md5: bool
    created: Annotated[int, about("In ms.", "创建时间，毫秒。")]


class TokensInfo(Struct):
    tokens: Annotated[list[TokenInfo], about("Newest first.", "按创建时间降序。")]


class TokenOf(Parameters, frozen=True):
    token: str


class TokenGone(Struct):
    token: str


class ApiTokens:
    title = Text("API tokens", "API Token")

    def __init__(self, services: Services) -> None:
        self._tokens = services.tokens
        self._one_time_codes = services.one_time_codes

    @endpoint(
        "GET",
        "/user/api_tokens",
        parameters=Nothing,
        answer=TokensInfo,
        permission=Permission.READ,
        summary=Text("The caller's tokens, without their secrets", "API Token 列表"),
    )
    async def api_tokens(self, call: Call[Nothing]) -> TokensInfo:
        tokens = await self._tokens.of(call.caller.account)
        return TokensInfo(
            [
                TokenInfo(
                    each.token,
                    each.name,
                    sorted(each.permissions),
                    each.ip_allow,
                    each.md5,
                    each.created_ms,
                )
                for each in tokens
            ]
        )

    @endpoint(
        "POST",
        "/user/add_api_token",
        parameters=TokenWanted,
        answer=TokenMade,
        permission=Permission.OWNER,
        errors=(Code.ONE_TIME_CODE,),
        summary=Text("A new token", "创建 API Token"),
        description=Text(
            f"An account has {TOKENS_MAX} at most.", f"每个帐户最多 {TOKENS_MAX} 个。"
        ),
    )
    async def add_api_token(self, call: Call[TokenWanted]) -> TokenMade:
        wanted = call.parameters
        await check_session_code(self._one_time_codes, call.caller, wanted.googlecode)
        try:
            new = await self._tokens.create(
                call.caller.account, wanted.name, wanted.permissions, wanted.ip_allow, wanted.md5
            )
        except InvalidField as error:
            raise refused(error) from None
        except TooManyTokens:
            detail = Text(f"{TOKENS_MAX} already: delete one first", f"已有 {TOKENS_MAX} 个")
            raise ApiError(Code.BAD_PARAMETER, "token", detail) from None
        return TokenMade(new.token, new.secret)

    @endpoint(
        "POST",
        "/user/delete_api_token",
        parameters=TokenOf,
        answer=TokenGone,
        permission=Permission.OWNER,
        summary=Text("Delete a token: it is refused from now on", "删除 API Token"),
    )
    async def delete_api_token(self, call: Call[TokenOf]) -> TokenGone:
        token = call.parameters.token
        if not await self._tokens.delete(call.caller.account, token):
            raise ApiError(Code.BAD_PARAMETER, "token", Text("no such token", "不存在"))
        return TokenGone(token)
