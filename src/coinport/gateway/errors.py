"""Errors: every code of the API, in one table that the answers, the OpenAPI document and the SDK
are made from."""

from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

from coinport.model.reasons import Reason


class Language(StrEnum):
    EN = "en"
    ZH = "zh"


class Text(NamedTuple):
    """The same in both languages."""

    en: str
    zh: str

    def said(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en


class Code(IntEnum):
    """Each is described in `TEXTS`."""

    MISSING_PARAMETER = 1001
    RATE_LIMITED = 1002
    INTERNAL_ERROR = 1003
    UNKNOWN_USER = 1004
    ACCOUNT_UNAVAILABLE = 1005
    WRONG_SIGNATURE = 1006
    BAD_PARAMETER = 1007
    INSUFFICIENT_BALANCE = 1008
    BELOW_MINIMUM = 1009
    UNKNOWN_MARKET = 1010
    UNKNOWN_ORDER = 1011
    UNKNOWN_PATH = 1012
    UNKNOWN_CURRENCY = 1013
    NOT_AUTHENTICATED = 1014
    ONE_TIME_CODE = 1015
    MARKET_CLOSED = 1016
    POST_ONLY_WOULD_MATCH = 1017
    NOT_FILLABLE = 1018
    CLIENT_ORDER_ID_REUSED = 1019
    NO_LIQUIDITY = 1020
    OUTSIDE_PRICE_BAND = 1021
    NOT_PERMITTED = 1022


class ApiError(Exception):
    """What a request is answered with instead of data.

    `subject` is the parameter, currency or market at fault; `detail` what is wrong with it.
    `status` is given only where it differs from the code's own (413, 405, 503).
    """

    def __init__(
        self,
        code: Code,
        subject: str = "",
        detail: Text | None = None,
        *,
        status: int | None = None,
        headers: list[tuple[bytes, bytes]] | None = None,
    ) -> None:
        super().__init__(code, subject, detail)
        self.code = code
        self.subject = subject
        self.detail = detail
        self.status = status or STATUS.get(code, 200)
        self.headers = headers or []

    def message(self, language: Language) -> str:
        return message(self.code, language, self.subject, self.detail)


def message(code: Code, language: Language, subject: str = "", detail: Text | None = None) -> str:
    """For instance "Incorrect or superfluous parameter: price (more than 4 decimals)"."""
    text = TEXTS[code].said(language)
    if subject:
        text += f"：{subject}" if language is Language.ZH else f": {subject}"
    if detail:
        said = detail.said(language)
        text += f"（{said}）" if language is Language.ZH else f" ({said})"
    return text


STATUS: Final = {Code.RATE_LIMITED: 429, Code.INTERNAL_ERROR: 500, Code.UNKNOWN_PATH: 404}
"""HTTP status of a code; 200 for all others."""

TEXTS: Final = {
    Code.MISSING_PARAMETER: Text("Missing parameter", "缺少参数"),
    Code.RATE_LIMITED: Text("Over the rate limit", "超过流量上限"),
    Code.INTERNAL_ERROR: Text("Internal error", "系统内部错误"),
    Code.UNKNOWN_USER: Text("No such user", "用户不存在"),
    Code.ACCOUNT_UNAVAILABLE: Text("The account is not available", "用户帐号不可用"),
    Code.WRONG_SIGNATURE: Text("The signature does not fit", "签名不匹配"),
    Code.BAD_PARAMETER: Text("Incorrect or superfluous parameter", "不正确或多余的参数"),
    Code.INSUFFICIENT_BALANCE: Text("Not enough available balance", "余额不足"),
    Code.BELOW_MINIMUM: Text("Below the minimum", "低于最小数量"),
    Code.UNKNOWN_MARKET: Text("Unknown market", "不支持的交易对"),
    Code.UNKNOWN_ORDER: Text("No such open order", "订单不存在"),
    Code.UNKNOWN_PATH: Text("No such URL", "请求url不正确"),
    Code.UNKNOWN_CURRENCY: Text("Unknown currency", "币种不存在"),
    Code.NOT_AUTHENTICATED: Text("Authentication failed", "认证失败"),
    Code.ONE_TIME_CODE: Text("One-time code required or wrong", "需要一次性验证码或验证码错误"),
    Code.MARKET_CLOSED: Text("The market is not open", "市场暂停交易"),
    Code.POST_ONLY_WOULD_MATCH: Text(
        "A post-only order that would trade at once", "只挂单的订单会立即成交"
    ),
    Code.NOT_FILLABLE: Text("Fill-or-kill, and not all could be filled", "无法全部立即成交"),
    Code.CLIENT_ORDER_ID_REUSED: Text(
        "client_order_id was used for another order", "client_order_id 已用于其他订单"
    ),
    Code.NO_LIQUIDITY: Text("Nothing to trade with", "没有可成交的挂单"),
    Code.OUTSIDE_PRICE_BAND: Text("The price is too far from the last one", "价格超出允许范围"),
    Code.NOT_PERMITTED: Text("Not permitted for this token", "该令牌没有此权限"),
}


class Refusal(NamedTuple):
    """What the API says where the rules said no: as the arguments of `ApiError`."""

    code: Code
    subject: str = ""
    detail: Text | None = None


REFUSALS: Final = {
    Reason.UNKNOWN_ACCOUNT: Refusal(Code.UNKNOWN_USER),
    Reason.ACCOUNT_SUSPENDED: Refusal(Code.ACCOUNT_UNAVAILABLE),
    Reason.UNKNOWN_CURRENCY: Refusal(Code.UNKNOWN_CURRENCY),
    Reason.UNKNOWN_MARKET: Refusal(Code.UNKNOWN_MARKET),
    Reason.UNKNOWN_ORDER: Refusal(Code.UNKNOWN_ORDER),
    Reason.MARKET_CLOSED: Refusal(Code.MARKET_CLOSED),
    Reason.INVALID_PRICE: Refusal(Code.BAD_PARAMETER, "price"),
    Reason.INVALID_QUANTITY: Refusal(Code.BAD_PARAMETER, "amount"),
    Reason.INVALID_ORDER: Refusal(
        Code.BAD_PARAMETER, "order_type", Text("fields that contradict each other", "字段相互矛盾")
    ),
    Reason.TOO_LARGE: Refusal(Code.BAD_PARAMETER, "amount", Text("too large", "过大")),
    Reason.INSUFFICIENT_BALANCE: Refusal(Code.INSUFFICIENT_BALANCE),
    Reason.BELOW_MINIMUM_VALUE: Refusal(
        Code.BELOW_MINIMUM,
        "",
        Text("an order must be worth CNY 1", "最小交易额必须大于等值1元人民币"),
    ),
    Reason.OUTSIDE_PRICE_BAND: Refusal(Code.OUTSIDE_PRICE_BAND),
    Reason.POST_ONLY_WOULD_MATCH: Refusal(Code.POST_ONLY_WOULD_MATCH),
    Reason.NOT_FILLABLE: Refusal(Code.NOT_FILLABLE),
    Reason.NO_LIQUIDITY: Refusal(Code.NO_LIQUIDITY),
    Reason.CLIENT_ORDER_ID_REUSED: Refusal(Code.CLIENT_ORDER_ID_REUSED),
    Reason.TOO_MANY_OPEN_ORDERS: Refusal(
        Code.BAD_PARAMETER, "orders", Text("too many open orders", "未成交订单过多")
    ),
    Reason.DUPLICATE: Refusal(Code.BAD_PARAMETER, "key", Text("used before", "已使用")),
    Reason.INVALID_AMOUNT: Refusal(Code.BAD_PARAMETER, "amount"),
    Reason.INVALID_LISTING: Refusal(Code.BAD_PARAMETER),
    Reason.INVALID_TEXT: Refusal(Code.BAD_PARAMETER, "client_order_id"),
    Reason.UNCHANGED: Refusal(Code.BAD_PARAMETER, "", Text("it is already so", "没有变化")),
    Reason.SAME_ACTOR: Refusal(
        Code.BAD_PARAMETER, "actor", Text("it takes a second person", "需由第二人确认")
    ),
    Reason.UNKNOWN_TRANSFER: Refusal(Code.BAD_PARAMETER, "tranfer_id"),
    Reason.WRONG_STATUS: Refusal(
        Code.BAD_PARAMETER, "tranfer_id", Text("too late, or too early", "当前状态不允许")
    ),
}
"""Every reason of a refusal (those from 10 on)."""
