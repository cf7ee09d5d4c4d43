"""The operator's console: deposits. Money that is on no chain takes two persons: one proposes it,
another confirms it."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from coinport.gateway.errors import Code, Text
from coinport.gateway.names import CurrencyName
from coinport.gateway.operator_transfers import OperatorDeposit, TransferWhy, on_deposit
from coinport.gateway.operators import Below, Console, OnlyUser, UserNamed, Why
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.model.units import TEXT_LENGTH_MAX
from coinport.operations import requests


class DepositsWanted(Parameters, frozen=True):
    status: Annotated[
        Literal["", "open", "held", "suspense", "over"],
        about("Empty: all that are not over.", "空表示所有未完成的；over 为已结束的。"),
    ] = ""
    currency: Annotated[str, about("Empty: all.", "空表示所有币种。")] = ""
    user: OnlyUser = ""
    below: Below = 0


class OperatorDepositList(Struct):
    more: bool
    deposits: Annotated[
        list[OperatorDeposit], about("The newest first; at most 200.", "按时间降序，上限 200。")
    ]


class Proposal(Parameters, frozen=True):
    user: UserNamed
    currency: CurrencyName
    amount: Annotated[
        str, Meta(min_length=1, max_length=40, examples=["100.5"]), about("Decimal text.", "数量。")
    ]
    reference: Annotated[
        str,
        Meta(min_length=1, max_length=TEXT_LENGTH_MAX, examples=["wire-4711"]),
        about("The bank's, used once; no name.", "银行流水号，不可重复，勿填姓名。"),
    ]
    reason: Why


class Assignment(Parameters, frozen=True):
    id: int
    user: UserNamed
    reason: Why


class OperatorDeposits:
    title = Text("Operators: deposits", "操作员：充值")

    def __init__(self, services: Services) -> None:
        self._console = Console(services)

    @endpoint(
        "GET",
        "/operator/deposits",
        parameters=DepositsWanted,
        answer=OperatorDepositList,
        permission=Permission.OPERATOR,
        errors=(Code.UNKNOWN_CURRENCY, Code.UNKNOWN_USER),
        summary=Text(
            "Deposits: those that somebody may have to do something about, or those that are over",
            "充值列表",
        ),
    )
    async def operator_deposits(self, call: Call[DepositsWanted]) -> OperatorDepositList:
        given = call.parameters
        request = requests.ListDeposits(given.status, given.currency, given.user, given.below)
        return await self._console.ask(call, request, OperatorDepositList)

    @on_deposit(
        "propose_deposit",
        Proposal,
        "Say that money has come in, for another to confirm",
        "登记线下充值",
        (Code.UNKNOWN_USER, Code.UNKNOWN_CURRENCY),
    )
    async def operator_propose_deposit(self, call: Call[Proposal]) -> OperatorDeposit:
        given = call.parameters
        request = requests.ProposeDeposit(
            given.user, given.currency, given.amount, given.reference, given.reason
        )
        return await self._console.ask(call, request, OperatorDeposit)

    @on_deposit("confirm_deposit", TransferWhy, "Credit what another has proposed", "确认线下充值")
    async def operator_confirm_deposit(self, call: Call[TransferWhy]) -> OperatorDeposit:
        return await self._step(call, "confirm")

    @on_deposit("drop_deposit", TransferWhy, "It never came", "作废充值")
    async def operator_drop_deposit(self, call: Call[TransferWhy]) -> OperatorDeposit:
        return await self._step(call, "drop")

    @on_deposit("release_deposit", TransferWhy, "Give back what is held of it", "解冻充值")
    async def operator_release_deposit(self, call: Call[TransferWhy]) -> OperatorDeposit:
        return await self._step(call, "release")

    @on_deposit(
        "write_off_deposit",
        TransferWhy,
        "It will not come back: what is held of it is gone",
        "核销充值",
    )
    async def operator_write_off_deposit(self, call: Call[TransferWhy]) -> OperatorDeposit:
        return await self._step(call, "write_off")

    @on_deposit(
        "assign_deposit",
        Assignment,
        "Say whose it is, where nobody could tell",
        "认领充值",
        (Code.UNKNOWN_USER,),
    )
    async def operator_assign_deposit(self, call: Call[Assignment]) -> OperatorDeposit:
        given = call.parameters
        request = requests.Assign(given.id, given.user, given.reason)
        return await self._console.ask(call, request, OperatorDeposit)

    async def _step(
        self,
        call: Call[TransferWhy],
        step: Literal["confirm", "drop", "release", "write_off"],
    ) -> OperatorDeposit:
        request = requests.DepositStep(step, call.parameters.id, call.parameters.reason)
        return await self._console.ask(call, request, OperatorDeposit)
