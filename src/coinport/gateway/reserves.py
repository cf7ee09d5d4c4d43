"""Reserves: what the exchange has and owes, and the files by which anybody can check it."""

import asyncio
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.names import CurrencyName, currency_named
from coinport.gateway.paging import Cursor, Limit, cursor_of
from coinport.gateway.requests import Permission
from coinport.gateway.routes import PREFIX, Call, Nothing, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.wire import Figure, FigureOf
from coinport.model.listings import Currency, CurrencyKind
from coinport.reserves.catalog import Published
from coinport.reserves.holdings import CurrencyReserves
from coinport.reserves.layout import Kind
from coinport.reserves.proof import Proof, prove

FILES: Final = 50
FILES_MAX: Final = 100
"""Files in one answer: by default, and at most."""
DOWNLOADS: Final = "/files"
"""Below it, `/{currency}/{name}`: a published file."""

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
Row = Annotated[
    tuple[str, Figure, Literal["hot", "cold", "user"], str, str],
    about(
        "Address, amount, what it is for, a message and its signature by the address.",
        "[地址, 金额, 属性, 原始消息, 消息签名]。",
    ),
]
FileRow = Annotated[
    tuple[int, str, str, int],
    about("Id, time, name, size in bytes.", "[ID, 时间, 文件名, 字节数]。"),
]


class ReservesOf(Parameters, frozen=True):
    currency: Annotated[CurrencyName, about("One that is on a chain.", "基于区块链的币种。")]


class FilesOf(Parameters, frozen=True):
    currency: CurrencyName
    cursor: Cursor = -1
    limit: Annotated[Limit, about("At most 100.", "上限 100。")] = FILES


class ProofOf(Parameters, frozen=True):
    currency: CurrencyName
    snapshot: Annotated[int | UnsetType, about("Default: the newest.", "默认最新快照。")] = UNSET


class ReserveStats(Struct):
    timestamp: Annotated[int, about("Of the oldest look, in ms; 0: none yet.", "毫秒。")]
    stats: dict[str, Stats]
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
    simulated: bool


class SnapshotFiles(Struct):
    has_more: bool = msgspec.field(name="hasMore")
    currency: str
    snapshots: list[FileRow]
    timestamp: Annotated[int, about("Of the newest, in ms; 0: none.", "毫秒。")]
    path: Annotated[str, about("Before the name: where it is downloaded.", "下载路径前缀。")]


class TransferFiles(Struct):
    timestamp: Annotated[int, about("Of the newest, in ms; 0: none.", "毫秒。")]
    has_more: bool = msgspec.field(name="hasMore")
    currency: str
    transfers: list[FileRow]
    path: Annotated[str, about("Before the name: where it is downloaded.", "下载路径前缀。")]


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
    async def reserve_stats(self, call: Call[Nothing]) -> ReserveStats:
        known = self._proofs.reserves()
        return ReserveStats(
            min((each.timestamp for each in known.values()), default=0),
            {
                symbol: _stats(each, self._decimals(symbol), call.figure)
                for symbol, each in known.items()
            },
            [symbol for symbol, each in known.items() if each.assets < each.payable],
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
            currency.symbol in self._simulated,
        )

    @endpoint(
        "GET",
        "/{currency}/balance_snapshots_files",
        parameters=FilesOf,
        answer=SnapshotFiles,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("Published snapshots of what is owed", "资产分布快照文件列表"),
    )
    async def balance_snapshots_files(self, call: Call[FilesOf]) -> SnapshotFiles:
        currency, files, more = self._files(Kind.SNAPSHOT, call)
        rows = [self._row(file) for file in files]
        return SnapshotFiles(more, currency.symbol, rows, _newest(files), _path(currency))

    @endpoint(
        "GET",
        "/{currency}/balance_snapshot_files",
        parameters=FilesOf,
        answer=SnapshotFiles,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("As `balance_snapshots_files`", "同 balance_snapshots_files"),
    )
    async def balance_snapshot_files(self, call: Call[FilesOf]) -> SnapshotFiles | msgspec.Raw:
        return await self.balance_snapshots_files(call)

    @endpoint(
        "GET",
        "/{currency}/transfer_files",
        parameters=FilesOf,
        answer=TransferFiles,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("Published deposits and withdrawals", "充值提现记录文件列表"),
    )
    async def transfer_files(self, call: Call[FilesOf]) -> TransferFiles:
        currency, files, more = self._files(Kind.TRANSFER, call)
        rows = [self._row(file) for file in files]
        return TransferFiles(_newest(files), more, currency.symbol, rows, _path(currency))

    @endpoint(
        "GET",
        "/{currency}/transfers_files",
        parameters=FilesOf,
        answer=TransferFiles,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("As `transfer_files`", "同 transfer_files"),
    )
    async def transfers_files(self, call: Call[FilesOf]) -> TransferFiles | msgspec.Raw:
        return await self.transfer_files(call)

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

    def _files(self, kind: Kind, call: Call[FilesOf]) -> tuple[Currency, list[Published], bool]:
        wanted = call.parameters
        currency = currency_named(self._listings, wanted.currency)
        limit = min(wanted.limit, FILES_MAX)
        files, more = self._proofs.catalog.newest(
            currency.symbol, kind, limit, cursor_of(wanted.cursor)
        )
        return currency, files, more

    def _row(self, file: Published) -> tuple[int, str, str, int]:
        time = datetime.fromtimestamp(file.timestamp // 1000, self._proofs.time_zone)
        return file.id, time.strftime("%m-%d %H:%M:%S"), file.name, file.size_bytes

    def _decimals(self, symbol: str) -> int:
        return self._listings.currencies[self._listings.currency_of[symbol]].decimals


def downloads(services: Services) -> Route:
    """The published files themselves. They never change, so they may be kept for ever."""
    catalog = services.proofs.catalog

    async def download(request: HttpRequest) -> Response:
        currency, name = request.path_params["currency"], request.path_params["name"]
        file = catalog.find(currency.upper(), name)
        if file is None:
            return Response("no such file\n", 404, media_type="text/plain")
        digest = await asyncio.to_thread(catalog.digest, file)
        headers = {
            "etag": f'"{digest}"',
            "cache-control": "public, max-age=31536000, immutable",
            "x-content-type-options": "nosniff",
        }
        return FileResponse(catalog.path(file), media_type="application/json", headers=headers)

    return Route(f"{PREFIX}{DOWNLOADS}/{{currency}}/{{name}}", download, methods=["GET"])


def _stats(
    found: CurrencyReserves, decimals: int, figure: FigureOf
) -> tuple[Figure, Figure, Figure, Figure]:
    return (
        figure(found.at("hot"), decimals),
        figure(found.at("cold"), decimals),
        figure(found.at("user"), decimals),
        figure(found.payable, decimals),
    )


def _newest(files: list[Published]) -> int:
    return files[0].timestamp if files else 0


def _path(currency: Currency) -> str:
    return f"{PREFIX}{DOWNLOADS}/{currency.symbol}/"
