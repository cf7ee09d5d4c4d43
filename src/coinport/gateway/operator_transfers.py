"""The operator's console: deposits and withdrawals as it shows them, and what all decisions on them
have in common."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from coinport.gateway.errors import Code, Text
from coinport.gateway.operators import Decimals, Moment, Why
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Endpoint, Handler, Parameters, about, endpoint

P = TypeVar("P", bound=Parameters)
R = TypeVar("R")


class Endorsement(Struct):
    decision: Annotated[
        str,
        about(
            "Just what the second has to say too, for instance `assign 1000000004`.",
            "第二人须作同样的确认。",
        ),
    ]
    by: str


TwoPersons = Annotated[
    bool, about("It is so large that two have to decide on it.", "数额较大，须由两人确认。")
]
Endorsements = Annotated[
    list[Endorsement], about("What one of two persons has said.", "其中一人已作的确认。")
]


class OperatorDeposit(Struct):
    id: int
    status: Annotated[
        str,
        about(
            "open: not final yet; held: credited, and gone from its chain; suspense: of nobody "
            "knows whom; or how it ended.",
            "open 待确认；held 已入账但链上失效；suspense 归属不明；或其最终状态。",
        ),
        Meta(examples=["open"]),
    ]
    uid: int
    user: Annotated[str, about("E-mail address.", "邮箱。")]
    currency: str
    amount: Decimals
    held: Decimals
    address: str
    memo: str
    reference: Annotated[str, about("The bank's, or of the chain.", "银行流水号或链上标识。")]
    txid: str
    confirmations: int | None
    note: Annotated[str, about("Why it failed or is held.", "失败或冻结原因。")]
    created_ms: Moment
    updated_ms: Moment
    two_persons: TwoPersons
    endorsements: Endorsements


class OperatorWithdrawal(Struct):
    id: int
    status: Annotated[str, Meta(examples=["Pending"])]
    uid: int
    user: Annotated[str, about("E-mail address.", "邮箱。")]
    currency: str
    amount: Annotated[Decimals, about("The fee included.", "含手续费。")]
    fee: Decimals
    pays: Annotated[Decimals, about("Without the fee.", "实付数量。")]
    address: str
    memo: str
    reference: str
    txid: str
    confirmations: int | None
    note: Annotated[str, about("Why it failed.", "失败原因。")]
    created_ms: Moment
    updated_ms: Moment
    two_persons: TwoPersons
    endorsements: Endorsements


class TransferWhy(Parameters, frozen=True):
    id: int
    reason: Why


def _decision(
    answer: type[Struct],
    path: str,
    parameters: type[P],
    en: str,
    zh: str,
    errors: tuple[Code, ...] = (),
) -> Callable[[Handler[P, R]], Endpoint[P, R]]:
    """Declare an endpoint that decides on one; `en` and `zh` say what it does."""
    return endpoint(
        "POST",
        f"/operator/{path}",
        parameters=parameters,
        answer=answer,
        permission=Permission.OPERATOR,
        errors=errors,
        summary=Text(en, zh),
    )


def on_deposit(
    path: str, parameters: type[P], en: str, zh: str, errors: tuple[Code, ...] = ()
) -> Callable[[Handler[P, R]], Endpoint[P, R]]:
    return _decision(OperatorDeposit, path, parameters, en, zh, errors)


def on_withdrawal(
    path: str, parameters: type[P], en: str, zh: str
) -> Callable[[Handler[P, R]], Endpoint[P, R]]:
    return _decision(OperatorWithdrawal, path, parameters, en, zh)
