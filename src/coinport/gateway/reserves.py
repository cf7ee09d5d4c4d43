"""Reserves: what the exchange has and owes, and where a user finds himself in it."""

import asyncio
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.names import CurrencyName, currency_named
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Nothing, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.wire import Figure, FigureOf
from coinport.model.listings import CurrencyKind
from coinport.reserves.holdings import CurrencyReserves
from coinport.reserves.layout import Kind
from coinport.reserves.proof import Proof, prove

NOT_ON_A_CHAIN: Final = Text("it is on no chain", "该币种不是基于区块链的资产")
NO_PROOF: Final = Text("nothing of yours in that snapshot", "该快照中没有您的资产")
NO_SNAPSHOT: Final = Text("no such snapshot", "没有该快照")

Stats = Annotated[
    tuple[Figure, Figure, Figure, Figure],
    about(
        "What is there at hot, cold and users' addresses; what is owed.",
        "[热钱包, 冷钱包, 用户充值地址, 平台应付款总额]。",
    ),
]
Sent = about(
    "Withdrawals that a block has paid and that are not settled yet: gone from the addresses, owed "
    "still. They count as if they were there.",
    "已上链未结算的提现：已离开地址，仍计入应付款，按仍在计算。",
)
Row = Annotated[
    tuple[str, Figure, Literal["hot", "cold", "user"], str, str],
    about(
        "Address, amount, what it is for, a message and its signature by the address.",
        "[地址, 金额, 属性, 原始消息, 消息签名]。",
    ),
]


class ReservesOf(Parameters, frozen=True):
    currency: Annotated[CurrencyName, about("One that is on a chain.", "基于区块链的币种。")]


SnapshotId = Annotated[int, Meta(ge=1, le=10**9)]


class ProofOf(Parameters, frozen=True):
    currency: CurrencyName
    snapshot: Annotated[SnapshotId | UnsetType, about("Default: the newest.", "默认最新快照。")] = (
        UNSET
    )


class ReserveStats(Struct):
    timestamp: Annotated[int, about("Of the oldest look, in ms; 0: none yet.", "毫秒。")]
    stats: dict[str, Stats]
    sent: Annotated[dict[str, Figure], Sent]
    short: Annotated[
        list[str],
        about("Currencies of which less is there than is owed.", "准备金率低于 1 的币种。"),
    ]
    simulated_chains: Annotated[
        list[str], about("Currencies whose chain is a simulated one.", "模拟链的币种。")
    ]


class ReserveDistribution(Struct):
    timestamp: int
    currency: str
    stats: Stats
    distribution: list[Row]
    sequence: Annotated[int, about("Where the journal was.", "日志位置。")]
    height: Annotated[int | None, about("The block that was looked at.", "区块高度。")]
    block_hash: str | None
    sent: Annotated[Figure, Sent]
    simulated: bool


class Reserves:
    title = Text("Proof of reserves", "准备金证明")

    def __init__(self, services: Services) -> None:
        self._proofs = services.proofs
        self._listings = services.live.listings.listings
        self._simulated = services.wallets.simulated

    @endpoint(
        "GET",
        "/reserve_stats",
        parameters=Nothing,
        answer=ReserveStats,
        summary=Text("What is there of each currency, and what is owed", "准备金统计"),
    )
    def reserve_stats(self, call: Call[Nothing]) -> ReserveStats:
        known = self._proofs.reserves()
        return ReserveStats(
            min((each.timestamp for each in known.values()), default=0),
            {
                symbol: _stats(each, self._decimals(symbol), call.figure)
                for symbol, each in known.items()
            },
            {
                symbol: call.figure(each.sent, self._decimals(symbol))
                for symbol, each in known.items()
            },
            [symbol for symbol, each in known.items() if each.short],
            [symbol for symbol in known if symbol in self._simulated],
        )

    @endpoint(
        "GET",
        "/{currency}/reserves",
        parameters=ReservesOf,
        answer=ReserveDistribution,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("Where it is, address by address", "准备金分布"),
    )
    async def reserves(self, call: Call[ReservesOf]) -> ReserveDistribution:
        currency = currency_named(self._listings, call.parameters.currency)
        found = self._proofs.reserves().get(currency.symbol)
        if currency.kind is not CurrencyKind.CHAIN or found is None:
            raise ApiError(Code.BAD_PARAMETER, "currency", NOT_ON_A_CHAIN)
        return ReserveDistribution(
            found.timestamp,
            currency.symbol,
            _stats(found, currency.decimals, call.figure),
            [
                (
                    row.address,
                    call.figure(row.amount, currency.decimals),
                    row.place,
                    row.message,
                    row.signature,
                )
                for row in found.rows
            ],
            found.sequence,
            found.height,
            found.block_hash,
            call.figure(found.sent, currency.decimals),
            currency.symbol in self._simulated,
        )

    @endpoint(
        "GET",
        "/user/liability_proof",
        parameters=ProofOf,
        answer=Proof,
        permission=Permission.READ,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("What finds the caller's own rows in a snapshot", "用户负债证明"),
        description=Text(
            "Save it and check it against the published file, without trusting anybody.",
            "保存后可与公布的快照文件自行核对，无需信任任何人。",
        ),
    )
    async def liability_proof(self, call: Call[ProofOf]) -> Proof:
        wanted, account = call.parameters, call.caller.account
        currency = currency_named(self._listings, wanted.currency)
        newest, _ = self._proofs.catalog.newest(currency.symbol, Kind.SNAPSHOT, 1)
        snapshot = newest[0].id if newest else 0
        if wanted.snapshot is not UNSET:
            snapshot = wanted.snapshot
        proofs, salt = self._proofs, self._proofs.salt(account)
        try:
            proof = await asyncio.to_thread(
                prove,
                proofs.data,
                currency.symbol,
                currency.decimals,
                snapshot,
                account,
                salt,
                call.figure,
            )
        except FileNotFoundError:
            raise ApiError(Code.BAD_PARAMETER, "snapshot", NO_SNAPSHOT) from None
        if proof is None:
            raise ApiError(Code.BAD_PARAMETER, "snapshot", NO_PROOF)
        return proof

    def _decimals(self, symbol: str) -> int:
        return self._listings.currencies[self._listings.currency_of[symbol]].decimals


def _stats(
    found: CurrencyReserves, decimals: int, figure: FigureOf
) -> tuple[Figure, Figure, Figure, Figure]:
    return (
        figure(found.at("hot"), decimals),
        figure(found.at("cold"), decimals),
        figure(found.at("user"), decimals),
        figure(found.payable, decimals),
    )
