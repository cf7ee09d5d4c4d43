"""Published files: snapshots of what is owed, and the deposits and withdrawals in between."""

import asyncio
from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Struct
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from coinport.gateway.errors import Code, Text
from coinport.gateway.names import CurrencyName, currency_named
from coinport.gateway.paging import Cursor, Limit, cursor_of
from coinport.gateway.routes import PREFIX, Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.model.listings import Currency
from coinport.reserves.catalog import Published
from coinport.reserves.layout import Kind

FILES: Final = 50
FILES_MAX: Final = 100
"""Files in one answer: by default, and at most."""
DOWNLOADS: Final = "/files"
"""Below it, `/{currency}/{name}`: a published file."""

FileRow = Annotated[
    tuple[int, str, str, int],
    about("Id, time, name, size in bytes.", "[ID, 时间, 文件名, 字节数]。"),
]


class FilesOf(Parameters, frozen=True):
    currency: CurrencyName
    cursor: Cursor = -1
    limit: Annotated[Limit, about("At most 100.", "上限 100。")] = FILES


class SnapshotFiles(Struct):
    has_more: bool = msgspec.field(name="hasMore")
    currency: str
    snapshots: list[FileRow]
    timestamp: Annotated[int, about("Of the newest, in ms; 0: none.", "毫秒。")]
    path: Annotated[str, about("Before the name: where it is downloaded.", "下载路径前缀。")]
    time_zone: Annotated[str, about("Of the times in the rows.", "列表中时间的时区。")]


class TransferFiles(Struct):
    timestamp: Annotated[int, about("Of the newest, in ms; 0: none.", "毫秒。")]
    has_more: bool = msgspec.field(name="hasMore")
    currency: str
    transfers: list[FileRow]
    path: Annotated[str, about("Before the name: where it is downloaded.", "下载路径前缀。")]
    time_zone: Annotated[str, about("Of the times in the rows.", "列表中时间的时区。")]


class PublishedFiles:
    title = Text("Published files", "公布的文件")

    def __init__(self, services: Services) -> None:
        self._proofs = services.proofs
        self._listings = services.live.listings.listings

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
        return SnapshotFiles(more, currency.symbol, rows, _newest(files), *self._where(currency))

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
        return TransferFiles(_newest(files), more, currency.symbol, rows, *self._where(currency))

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

    def _files(self, kind: Kind, call: Call[FilesOf]) -> tuple[Currency, list[Published], bool]:
        wanted = call.parameters
        currency = currency_named(self._listings, wanted.currency)
        limit = min(wanted.limit, FILES_MAX)
        files, more = self._proofs.catalog.newest(
            currency.symbol, kind, limit, cursor_of(wanted.cursor)
        )
        return currency, files, more

    def _where(self, currency: Currency) -> tuple[str, str]:
        return _path(currency), str(self._proofs.time_zone)

    def _row(self, file: Published) -> tuple[int, str, str, int]:
        time = datetime.fromtimestamp(file.timestamp // 1000, self._proofs.time_zone)
        return file.id, time.strftime("%m-%d %H:%M:%S"), file.name, file.size_bytes


def downloads(services: Services) -> Route:
    """The published files themselves. They never change, so they may be kept for ever."""
    catalog, limits = services.proofs.catalog, services.limits

    async def download(request: HttpRequest) -> Response:
        peer = request.client.host if request.client else ""
        # Of a repeated header the last, as everywhere else: a proxy adds its own.
        forwarded = dict(request.headers.raw).get(b"x-forwarded-for", b"").decode("latin-1")
        address = services.addresses.of(peer, forwarded)
        verdict = limits.public(address)
        if verdict is not None and not verdict.allowed:
            headers = {name.decode(): value.decode() for name, value in verdict.headers()}
            return Response("over the rate limit\n", 429, headers, media_type="text/plain")
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


def _newest(files: list[Published]) -> int:
    return files[0].timestamp if files else 0


def _path(currency: Currency) -> str:
    return f"{PREFIX}{DOWNLOADS}/{currency.symbol}/"
