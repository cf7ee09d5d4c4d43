"""The caller's account: registration, log-in and log-out, profile, balance."""

from typing import Annotated

from msgspec import Meta, Struct

from coinport.gateway import cookies
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Nothing, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.wire import Figure, FigureOf
from coinport.identity.errors import EmailTaken, InvalidField
from coinport.identity.people import Profile
from coinport.model.commands import OpenAccount
from coinport.model.events import AccountOpened
from coinport.model.listings import Currency
from coinport.model.units import AccountId, Amount
from coinport.readmodels.balances import Balance, Balances

LOG_IN_ERRORS = (Code.NOT_AUTHENTICATED, Code.ACCOUNT_UNAVAILABLE, Code.ONE_TIME_CODE)


NO_BALANCE = Balance(Amount(0), Amount(0), Amount(0), Amount(0))

BalanceFigures = Annotated[
    tuple[Figure, Figure, Figure, Figure], Meta(examples=[[1.25, 0.25, 0.5, 2]])
]


class Registration(Parameters, frozen=True):
    email: Annotated[str, about("The name to log in with.", "登录邮箱。")]
    pwdhash: Annotated[
        str,
        about(
            "The password, hashed by MD5 (32 hexadecimal digits) or by SHA-256 (44 characters of "
            "base64), or as it is. To log in, both it and what it was made of are accepted.",
            "密码的 MD5（32 位十六进制）或 SHA-256（44 位 base64），或密码本身。登录时两者皆可。",
        ),
    ]
    lang: Annotated[str, about("For instance zh-CN.", "语言，例如 zh-CN。")] = ""


class ProfileInfo(Struct, rename="camel"):
    uid: int
    name: str
    email: str
    mobile: str
    api_token: Annotated[str, about("The newest token.", "最新的 API Token。")]
    email_verified: bool
    mobile_verified: bool
    google_auth_enabled: Annotated[
        bool, about("A log-in needs a one-time code.", "登录需要一次性验证码。")
    ]
    lang: str
    created: Annotated[int, about("In ms.", "注册时间，毫秒。")]


class Account:
    title = Text("Account", "帐户")

    def __init__(self, services: Services) -> None:
        self._services = services
        self._balances = Balances(services)

    @endpoint(
        "POST",
        "/register",
        parameters=Registration,
        answer=ProfileInfo,
        summary=Text("A new user", "新用户注册"),
    )
    async def register(self, call: Call[Registration]) -> ProfileInfo:
        given = call.parameters
        try:
            profile = await self._services.people.register(
                given.email, given.pwdhash, given.lang, self._open_account
            )
        except EmailTaken:
            detail = Text("is registered already", "该邮箱已注册")
            raise ApiError(Code.BAD_PARAMETER, "email", detail) from None
        except InvalidField as error:
            raise refused(error) from None
        return _profile_info(profile, "")

    @endpoint(
        "GET",
        "/login",
        parameters=Nothing,
        answer=ProfileInfo,
        errors=LOG_IN_ERRORS,
        summary=Text("Log in by password: sets the cookies of a session", "用户登录"),
        description=Text(
            "Takes `Authorization: Basic` only, and where the account has one-time codes switched "
            "on, a code in `X-Coinport-OTP`. Refuses requests that another site or a link caused.",
            "只接受 `Authorization: Basic`；若帐户已绑定谷歌验证，还需在 `X-Coinport-OTP` "
            "请求头中提供验证码。拒绝由其他网站或链接发起的请求。",
        ),
    )
    async def login(self, call: Call[Nothing]) -> ProfileInfo:
        sessions, credentials = self._services.sessions, self._services.credentials
        caller = await credentials.log_in(call.request)
        if earlier := cookies.session_id(call.request):
            await sessions.end(earlier)
        session = await sessions.create(
            caller.account,
            address=call.request.address,
            user_agent=call.request.headers.get(b"user-agent", b"").decode("latin-1"),
            with_code=caller.with_code,
        )
        try:
            await credentials.confirm(call.request)
        except ApiError:
            await sessions.end(session.id)
            raise
        call.headers += cookies.begin(call.request, session.id, session.xsrf)
        return await self._profile(caller.account)

    @endpoint(
        "GET",
        "/logout",
        parameters=Nothing,
        answer=None,
        errors=(Code.NOT_AUTHENTICATED,),
        summary=Text("Log out: ends the session of the cookie, if there is one", "退出登录"),
    )
    async def logout(self, call: Call[Nothing]) -> None:
        if cookies.from_elsewhere(call.request):
            raise ApiError(Code.NOT_AUTHENTICATED, "", cookies.FROM_ELSEWHERE)
        if session_id := cookies.session_id(call.request):
            await self._services.sessions.end(session_id)
        call.headers += cookies.end(call.request)

    @endpoint(
        "POST",
        "/logout",
        parameters=Nothing,
        answer=None,
        errors=(Code.NOT_AUTHENTICATED,),
        summary=Text("As `GET logout`", "同 GET logout"),
    )
    async def post_logout(self, call: Call[Nothing]) -> None:
        await self.logout(call)

    @endpoint(
        "GET",
        "/user/profile",
        parameters=Nothing,
        answer=ProfileInfo,
        permission=Permission.READ,
        summary=Text("The caller's profile", "用户基本信息"),
    )
    async def profile(self, call: Call[Nothing]) -> ProfileInfo:
        return await self._profile(call.caller.account)

    @endpoint(
        "GET",
        "/user/balance",
        parameters=Nothing,
        answer=dict[str, BalanceFigures],
        permission=Permission.READ,
        summary=Text(
            "For each currency: available, frozen, pending withdrawal, total",
            "各币种余额：[可用余额, 冻结余额, 待提现余额, 总余额]",
        ),
    )
    async def balance(self, call: Call[Nothing]) -> dict[str, BalanceFigures]:
        listings = self._services.live.listings.listings
        balances = await self._balances.of(call.caller.account)
        return {
            currency.symbol: balance_figures(balances.get(id, NO_BALANCE), currency, call.figure)
            for id, currency in listings.currencies.items()
        }

    async def _profile(self, account: AccountId) -> ProfileInfo:
        profile = await self._services.people.profile(account)
        tokens = await self._services.tokens.of(account)
        return _profile_info(profile, tokens[0].token if tokens else "")

    async def _open_account(self) -> AccountId:
        record = await self._services.sequencer.submit(OpenAccount())
        (opened,) = record.events
        assert isinstance(opened, AccountOpened)
        return opened.account


def refused(error: InvalidField) -> ApiError:
    return ApiError(Code.BAD_PARAMETER, error.field, Text(error.detail, "取值不正确"))


def balance_figures(balance: Balance, currency: Currency, figure: FigureOf) -> BalanceFigures:
    return (
        figure(balance.available, currency.decimals),
        figure(Amount(balance.frozen + balance.held), currency.decimals),
        figure(balance.pending, currency.decimals),
        figure(balance.total, currency.decimals),
    )


def _profile_info(profile: Profile, api_token: str) -> ProfileInfo:
    return ProfileInfo(
        uid=profile.account,
        name=profile.name,
        email=profile.email,
        mobile=profile.mobile,
        api_token=api_token,
        email_verified=profile.email_verified,
        mobile_verified=profile.mobile_verified,
        google_auth_enabled=profile.totp_enabled,
        lang=profile.lang,
        created=profile.created_ms,
    )
