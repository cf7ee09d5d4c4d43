"""The operator's console: withdrawals. One that is so large that it takes two persons waits, after
the first has approved it, for another."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from coinport.gateway.errors import Code, Text
from coinport.gateway.operator_transfers import OperatorWithdrawal, TransferWhy, on_withdrawal
from coinport.gateway.operators import Below, Console, OnlyUser, Why
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.model.units import TEXT_LENGTH_MAX
from coinport.operations import requests


class WithdrawalsWanted(Parameters, frozen=True):
    status: Annotated[
        Literal["", "pending", "processing", "confirming", "over"],
        about("Empty: all that are not over.", "空表示所有未完成的；over 为已结束的。"),
    ] = ""
    currency: Annotated[str, about("Empty: all.", "空表示所有币种。")] = ""
    user: OnlyUser = ""
    below: Below = 0


class OperatorWithdrawalList(Struct):
    more: bool
    withdrawals: Annotated[
        list[OperatorWithdrawal], about("The newest first; at most 200.", "按时间降序，上限 200。")
    ]


class Rejection(Parameters, frozen=True):
    id: int
    reason: Annotated[Why, about("Its owner reads it.", "用户可见的原因。")]
    never_arrives: Annotated[
        bool,
        about("It was sent, but it is known that it will not arrive.", "已发出，但确定不会到账。"),
    ] = False


class Completion(Parameters, frozen=True):
    id: int
    reason: Why
    txid: Annotated[
        str,
        Meta(min_length=1, max_length=TEXT_LENGTH_MAX),
        about("Of what has paid it, or the bank's reference.", "交易号或银行流水号。"),
    ]
    by_hand: Annotated[
        bool, about("It was paid on a chain, but not by the wallets.", "由人工在链上支付。")
    ] = False


class OperatorWithdrawals:
    title = Text("Operators: withdrawals", "操作员：提现")

    def __init__(self, services: Services) -> None:
        self._console = Console(services)

    @endpoint(
        "GET",
        "/operator/withdrawals",
        parameters=WithdrawalsWanted,
        answer=OperatorWithdrawalList,
        permission=Permission.OPERATOR,
        errors=(Code.UNKNOWN_CURRENCY, Code.UNKNOWN_USER),
        summary=Text("Withdrawals: those that are not over, or those that are", "提现列表"),
    )
    async def operator_withdrawals(self, call: Call[WithdrawalsWanted]) -> OperatorWithdrawalList:
        given = call.parameters
        request = requests.ListWithdrawals(given.status, given.currency, given.user, given.below)
        return await self._console.ask(call, request, OperatorWithdrawalList)

    @on_withdrawal("approve_withdrawal", TransferWhy, "Have the wallets pay it", "批准提现")
    async def operator_approve_withdrawal(self, call: Call[TransferWhy]) -> OperatorWithdrawal:
        given = call.parameters
        request = requests.Approve(given.id, given.reason, take=False)
        return await self._console.ask(call, request, OperatorWithdrawal)

    @on_withdrawal(
        "take_withdrawal",
        TransferWhy,
        "The caller pays it himself, for it goes to no chain",
        "受理线下提现",
    )
    async def operator_take_withdrawal(self, call: Call[TransferWhy]) -> OperatorWithdrawal:
        given = call.parameters
        request = requests.Approve(given.id, given.reason, take=True)
        return await self._console.ask(call, request, OperatorWithdrawal)

    @on_withdrawal("reject_withdrawal", Rejection, "All of it goes back to the account", "驳回提现")
    async def operator_reject_withdrawal(self, call: Call[Rejection]) -> OperatorWithdrawal:
        given = call.parameters
        request = requests.Reject(given.id, given.reason, given.never_arrives)
        return await self._console.ask(call, request, OperatorWithdrawal)

    @on_withdrawal(
        "complete_withdrawal", Completion, "It has arrived: the money is no longer owed", "完成提现"
    )
    async def operator_complete_withdrawal(self, call: Call[Completion]) -> OperatorWithdrawal:
        given = call.parameters
        request = requests.Complete(given.id, given.txid, given.reason, given.by_hand)
        return await self._console.ask(call, request, OperatorWithdrawal)
