"""The operator's console: whether all is well, wallets, and proofs."""

from typing import Annotated, Final

from msgspec import Struct

from coinport.gateway.errors import Code, Text
from coinport.gateway.names import CurrencyName
from coinport.gateway.operators import Console, Decimals, Moment, Why
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Nothing, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.operations import requests

TITLE: Final = Text("Operators: overview", "操作员：总览")


class Myself(Struct):
    uid: int
    email: str


class AlarmInfo(Struct):
    alarm: str
    currency: str
    cases: int


class DashboardInfo(Struct):
    ready: bool
    version: str
    engine: Annotated[str, about("Which engine decides.", "撮合引擎名称。")]
    sequence: Annotated[int, about("Of the newest record.", "最新记录的序号。")]
    queue: Annotated[int, about("Commands not decided yet.", "等待处理的命令数。")]
    read_models_behind: Annotated[int, about("Records not in SQL yet.", "尚未写入 SQL 的记录数。")]
    uptime_ms: int
    commands_per_second: Annotated[Decimals, about("Of the last minute.", "最近一分钟平均值。")]
    answers_per_second: Annotated[Decimals, about("Of the last minute.", "最近一分钟平均值。")]
    command_ms_median: Annotated[
        Decimals,
        about(
            "From when the first command of a batch comes in until it is durable and answered.",
            "批次首个命令从收到至落盘并应答的耗时中位数，毫秒。",
        ),
    ]
    command_ms_p99: Decimals
    sync_ms_median: Annotated[
        Decimals, about("Until a batch is durable.", "批次落盘耗时中位数，毫秒。")
    ]
    sync_ms_p99: Decimals
    withdrawals_waiting: Annotated[int, about("At most 200.", "上限 200。")]
    deposits_open: Annotated[int, about("At most 200.", "上限 200。")]
    alarms: list[AlarmInfo]


class WalletInfo(Struct):
    currency: str
    hot: Decimals = "0"
    cold: Decimals = "0"
    users: Decimals = "0"
    total: Decimals = "0"
    payable: Annotated[Decimals, about("What is owed.", "应付总额。")] = "0"
    ratio: Annotated[
        str, about("Of what is owed, what is there; empty: nothing is.", "储备率，无应付时为空。")
    ] = ""
    height: Annotated[int | None, about("Of the chain's newest block.", "最新区块高度。")] = None
    looked_at_ms: Moment = 0
    withdrawals_paused: bool = False
    alarms: list[str] = []


class WalletList(Struct):
    wallets: list[WalletInfo]


class CurrencyWhy(Parameters, frozen=True):
    currency: CurrencyName
    reason: Why


class JustWhy(Parameters, frozen=True):
    reason: Why


class PausedInfo(Struct):
    currency: str
    withdrawals_paused: bool


class PublishedInfo(Struct):
    sequence: int
    files: Annotated[list[str], about("Their names.", "文件名。")]


class RoundFile(Struct):
    file: str


class Round(Struct):
    """As it was published: its paths stay in the house."""

    sequence: int
    files: list[RoundFile]


class OperatorOverview:
    title = TITLE

    def __init__(self, services: Services) -> None:
        self._people = services.people
        self._console = Console(services)

    @endpoint(
        "GET",
        "/operator/myself",
        parameters=Nothing,
        answer=Myself,
        permission=Permission.OPERATOR,
        summary=Text("Whether the caller is let in", "当前操作员"),
    )
    async def operator_myself(self, call: Call[Nothing]) -> Myself:
        profile = await self._people.profile(call.caller.account)
        return Myself(profile.account, profile.email)

    @endpoint(
        "GET",
        "/operator/dashboard",
        parameters=Nothing,
        answer=DashboardInfo,
        permission=Permission.OPERATOR,
        summary=Text("Whether all is well", "运行状况"),
    )
    async def operator_dashboard(self, call: Call[Nothing]) -> DashboardInfo:
        return await self._console.ask(call, requests.ShowDashboard(), DashboardInfo)

    @endpoint(
        "GET",
        "/operator/wallets",
        parameters=Nothing,
        answer=WalletList,
        permission=Permission.OPERATOR,
        summary=Text("What is where on the chains, and what is owed of it", "钱包及储备"),
    )
    async def operator_wallets(self, call: Call[Nothing]) -> WalletList:
        return await self._console.ask(call, requests.ShowWallets(""), WalletList)

    @endpoint(
        "POST",
        "/operator/pause_withdrawals",
        parameters=CurrencyWhy,
        answer=PausedInfo,
        permission=Permission.OPERATOR,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("The wallets begin to pay nothing more of a currency", "暂停提现"),
    )
    async def operator_pause_withdrawals(self, call: Call[CurrencyWhy]) -> PausedInfo:
        return await self._set_paused(call, paused=True)

    @endpoint(
        "POST",
        "/operator/resume_withdrawals",
        parameters=CurrencyWhy,
        answer=PausedInfo,
        permission=Permission.OPERATOR,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("The wallets go on; the limit of one hour counts anew", "恢复提现"),
    )
    async def operator_resume_withdrawals(self, call: Call[CurrencyWhy]) -> PausedInfo:
        return await self._set_paused(call, paused=False)

    @endpoint(
        "POST",
        "/operator/publish",
        parameters=JustWhy,
        answer=PublishedInfo,
        permission=Permission.OPERATOR,
        summary=Text("Publish a round of proofs now", "立即发布资产证明"),
    )
    async def operator_publish(self, call: Call[JustWhy]) -> PublishedInfo:
        request = requests.Publish(call.parameters.reason)
        done = await self._console.ask(call, request, Round)
        names = [file.file.rpartition("/")[2] for file in done.files]
        return PublishedInfo(done.sequence, names)

    async def _set_paused(self, call: Call[CurrencyWhy], *, paused: bool) -> PausedInfo:
        given = call.parameters
        request = requests.SetPaused(given.currency, paused, given.reason)
        return await self._console.ask(call, request, PausedInfo)
