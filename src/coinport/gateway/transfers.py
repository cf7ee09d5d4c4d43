"""Transfers: the caller's deposits and withdrawals."""

from collections.abc import Mapping
from collections.abc import Sequence as SequenceOf
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from coinport.gateway.errors import Code, Text
from coinport.gateway.names import CurrencyName, currency_named
from coinport.gateway.paging import Cursor, Ids, Limit, cursor_of, ids_of
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.wire import Figure, FigureOf
from coinport.model.listings import Currency, CurrencyKind
from coinport.model.transfers import TransferKind, TransferStatus
from coinport.model.units import TransferId
from coinport.readmodels import transfers as stored
from coinport.readmodels.paging import Page
from coinport.readmodels.transfers import Transfer
from coinport.wallets.approvals import Obstacle
from coinport.wallets.progress import Progress

TRANSFERS: Final = 30
TRANSFERS_MAX: Final = 200
"""Transfers in one answer: by default, and at most."""

StatusName = Literal["Pending", "Processing", "Confirming", "Cancelled", "Succeeded", "Failed"]

STATUS_NAMES: Final[dict[TransferStatus, StatusName]] = {
    TransferStatus.PENDING: "Pending",
    TransferStatus.PROCESSING: "Processing",
    TransferStatus.CONFIRMING: "Confirming",
    TransferStatus.CANCELED: "Cancelled",
    TransferStatus.SUCCEEDED: "Succeeded",
    TransferStatus.FAILED: "Failed",
}


Waits = Literal["", "large", "day_limit", "paused", "suspended", "by_hand"]

_NOWHERE: Final = Progress("", 0)


class TransfersOf(Parameters, frozen=True):
    currency: Annotated[CurrencyName | UnsetType, about("Default: all.", "默认所有币种。")] = UNSET
    cursor: Cursor = -1
    limit: Annotated[Limit, about("At most 200.", "上限 200。")] = TRANSFERS
    ids: Ids | UnsetType = UNSET


class TransferInfo(Struct):
    id: int
    transfer_id: Annotated[int, about("The same as `id`.", "同 id。")]
    currency: str
    quantity: Annotated[
        Figure, about("Of a withdrawal, the fee included.", "数量；提现数量含手续费。")
    ]
    fee: Annotated[Figure, about("Part of a withdrawal's quantity.", "手续费（含于提现数量）。")]
    status: Annotated[StatusName, Meta(examples=["Succeeded"])]
    withdraw_status: Annotated[
        TransferStatus,
        about(
            "0 pending, 1 processing, 2 confirming, 3 canceled, 4 succeeded, 5 failed; the same of "
            "a deposit.",
            "0 待处理，1 处理中，2 确认中，3 已取消，4 成功，5 失败；充值亦同。",
        ),
    ]
    address: Annotated[str, about("Where it was, or is, sent to.", "收款地址。")]
    memo: str
    txid: Annotated[str, about("Empty while there is none.", "交易ID，尚无则为空。")]
    confirmations: Annotated[int, about("While they are counted.", "确认数。")]
    reason: Annotated[str, about("Why it failed, else empty.", "失败原因。")]
    waits: Annotated[
        Waits,
        about(
            "Why a withdrawal is pending still, else empty. large: above the limit of a day, or "
            "the largest kind, which people look at; day_limit: with what was withdrawn within 24 "
            "hours, after which it goes; paused: all withdrawals of the currency; suspended: the "
            "account; by_hand: it goes to no chain, and a person pays it.",
            "提现仍待处理的原因，否则为空。large 大额，须人工审核；day_limit 超出 24 小时限额，"
            "届时自动处理；paused 该币种暂停提现；suspended 帐户已冻结；"
            "by_hand 线下支付，须人工处理。",
        ),
    ]
    created: Annotated[int, about("In ms.", "毫秒。")]
    updated: Annotated[int, about("In ms.", "毫秒。")]
    simulated: Annotated[bool, about("On a simulated chain: play money.", "模拟链，无价值。")]


class DepositList(Struct):
    timestamp: Annotated[int, about("Of the last change, in ms.", "最后变更时间，毫秒。")]
    has_more: bool = msgspec.field(name="hasMore")
    deposits: Annotated[list[TransferInfo], about("The newest first.", "按ID降序。")]


class WithdrawalList(Struct):
    timestamp: Annotated[int, about("Of the last change, in ms.", "最后变更时间，毫秒。")]
    has_more: bool = msgspec.field(name="hasMore")
    withdrawals: Annotated[list[TransferInfo], about("The newest first.", "按ID降序。")]


class Transfers:
    title = Text("Deposits and withdrawals", "充值与提现")

    def __init__(self, services: Services) -> None:
        self._services = services
        self._transfers = stored.Transfers(services)

    @endpoint(
        "GET",
        "/user/deposits",
        parameters=TransfersOf,
        answer=DepositList,
        permission=Permission.READ,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("The caller's deposits", "用户充值记录"),
    )
    async def deposits(self, call: Call[TransfersOf]) -> DepositList:
        page = await self._page(TransferKind.DEPOSIT, call)
        rows = await shown(page.rows, self._services, call.figure)
        return DepositList(_last_change(page.rows), page.more, rows)

    @endpoint(
        "GET",
        "/user/withdrawals",
        parameters=TransfersOf,
        answer=WithdrawalList,
        permission=Permission.READ,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("The caller's withdrawals", "用户提现记录"),
    )
    async def withdrawals(self, call: Call[TransfersOf]) -> WithdrawalList:
        page = await self._page(TransferKind.WITHDRAWAL, call)
        rows = await shown(page.rows, self._services, call.figure)
        return WithdrawalList(_last_change(page.rows), page.more, rows)

    async def _page(self, kind: TransferKind, call: Call[TransfersOf]) -> Page[Transfer]:
        account, wanted = call.caller.account, call.parameters
        if wanted.ids is not UNSET:
            ids = [TransferId(number) for number in ids_of(wanted.ids)]
            return Page(await self._transfers.by_id(account, kind, ids), False)
        currency = None
        if wanted.currency is not UNSET:
            listings = self._services.live.listings.listings
            currency = currency_named(listings, wanted.currency).currency
        return await self._transfers.of(
            account,
            kind,
            currency=currency,
            cursor=cursor_of(wanted.cursor),
            limit=min(wanted.limit, TRANSFERS_MAX),
        )


async def shown(
    rows: SequenceOf[Transfer], services: Services, figure: FigureOf
) -> list[TransferInfo]:
    """As the API shows transfers to their owner."""
    on_chain = await services.wallets.progress([row.id for row in rows])
    destinations = await services.destinations.behind(row.address for row in rows)
    obstacles = await services.wallets.obstacles(
        [row.id for row in rows if _is_pending_withdrawal(row)]
    )
    currencies = services.live.listings.listings.currencies
    infos = []
    for row in rows:
        currency, progress = currencies[row.currency], on_chain.get(row.id, _NOWHERE)
        info = TransferInfo(
            id=row.id,
            transfer_id=row.id,
            currency=currency.symbol,
            quantity=figure(row.amount, currency.decimals),
            fee=figure(row.fee, currency.decimals),
            status=STATUS_NAMES[row.status],
            withdraw_status=row.status,
            address=destinations.get(row.address, row.address),
            memo=row.memo or progress.memo,
            txid=row.txid or progress.txid,
            confirmations=max(progress.confirmations, 0),
            reason=row.note,
            waits=_waits(row, currency, obstacles),
            created=row.created_ms,
            updated=row.updated_ms,
            simulated=currency.symbol in services.wallets.simulated,
        )
        infos.append(info)
    return infos


def _last_change(rows: SequenceOf[Transfer]) -> int:
    return max((row.updated_ms for row in rows), default=0)


def _is_pending_withdrawal(row: Transfer) -> bool:
    return row.kind is TransferKind.WITHDRAWAL and row.status is TransferStatus.PENDING


def _waits(row: Transfer, currency: Currency, obstacles: Mapping[TransferId, Obstacle]) -> Waits:
    if not _is_pending_withdrawal(row):
        return ""
    if currency.kind is not CurrencyKind.CHAIN:
        return Obstacle.BY_HAND.value
    obstacle = obstacles.get(row.id)
    return obstacle.value if obstacle else ""
