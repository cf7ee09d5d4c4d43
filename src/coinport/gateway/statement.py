"""The caller's statement: all that his total of a currency came from."""

import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.names import CurrencyName, currency_named
from coinport.gateway.paging import Limit
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.gateway.wire import Figure, FigureOf, SignedFigure, signed
from coinport.model.listings import Currency, Listings
from coinport.readmodels import movements
from coinport.readmodels.projection import INTEGER_MAX
from coinport.readmodels.statement import NEWEST, TRADE, Entry, Position, Statements, Wanted

ENTRIES: Final = 100
ENTRIES_MAX: Final = 500
"""Entries in one answer: by default, and at most."""

KindName = Literal["trade", "credit", "debit", "deposit", "deposit_written_off", "withdrawal"]

_KIND_NAMES: Final[dict[int, KindName]] = {
    TRADE: "trade",
    movements.CREDIT: "credit",
    movements.DEBIT: "debit",
    movements.DEPOSIT: "deposit",
    movements.WRITTEN_OFF: "deposit_written_off",
    movements.WITHDRAWAL: "withdrawal",
}
_ID: Final = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18}))?", re.ASCII)

Moment = Annotated[int, Meta(ge=0, le=INTEGER_MAX)]


class StatementOf(Parameters, frozen=True):
    currency: CurrencyName
    cursor: Annotated[
        str, about("The id of an entry: those before it.", "返回此ID之前的条目。")
    ] = ""
    limit: Annotated[Limit, about("At most 500.", "上限 500。")] = ENTRIES
    start: Annotated[Moment, about("Not before this; ms.", "起始时间（包含），毫秒。")] = 0
    end: Annotated[
        Moment | UnsetType,
        about("Not after this; ms. Default: now.", "结束时间（包含），毫秒，默认当前时间。"),
    ] = UNSET


class EntryInfo(Struct):
    id: Annotated[str, Meta(examples=["1000000000001"])]
    type: Annotated[KindName, Meta(examples=["trade"])]
    change: Annotated[
        SignedFigure,
        Meta(examples=[-0.25]),
        about(
            "Of the total, fees included; below 0 where it shrank.",
            "总余额的变动（含手续费），减少为负数。",
        ),
    ]
    fee: Annotated[Figure, about("Part of `change`.", "手续费（含于 change）。")]
    balance: Annotated[
        Figure, Meta(examples=[1.75]), about("The total after it.", "变动后的总余额。")
    ]
    market: Annotated[str, about("Of a trade; else empty.", "成交的市场，否则为空。")]
    trade_id: Annotated[int, about("0: it is no trade.", "成交号，0 表示不是成交。")]
    transfer_id: Annotated[
        int, about("Of a deposit or withdrawal; else 0.", "充值或提现的ID，否则为 0。")
    ]
    timestamp: Annotated[int, about("In ms.", "毫秒。")]


class StatementInfo(Struct):
    timestamp: Annotated[int, about("Of the newest, in ms; 0: none.", "最新一条的时间，毫秒。")]
    has_more: bool = msgspec.field(name="hasMore")
    currency: str
    entries: Annotated[
        list[EntryInfo],
        about(
            "The newest first. Each balance is that of the entry below it, plus the change.",
            "按时间降序。每条的余额等于下一条的余额加本条变动。",
        ),
    ]


class AccountStatement:
    title = Text("Statement", "资金流水")

    def __init__(self, services: Services) -> None:
        self._listings = services.live.listings.listings
        self._statements = Statements(services, self._listings)

    @endpoint(
        "GET",
        "/user/statement",
        parameters=StatementOf,
        answer=StatementInfo,
        permission=Permission.READ,
        errors=(Code.UNKNOWN_CURRENCY,),
        summary=Text("What the caller's total of a currency came from", "资金流水"),
        description=Text(
            "Without gaps: the newest balance is the total that `user/balance` shows. What is only "
            "set aside, for an order or a withdrawal, is still there and is no entry.",
            "连续无缺：最新余额即 user/balance 中的总余额。"
            "冻结或待提现的资金仍在总余额中，不产生条目。",
        ),
    )
    async def statement(self, call: Call[StatementOf]) -> StatementInfo:
        wanted = call.parameters
        currency = currency_named(self._listings, wanted.currency)
        page = await self._statements.part(
            Wanted(
                call.caller.account,
                currency.currency,
                _position(wanted.cursor),
                wanted.start,
                INTEGER_MAX if wanted.end is UNSET else wanted.end,
                min(wanted.limit, ENTRIES_MAX),
            )
        )
        rows = [_info(entry, currency, self._listings, call.figure) for entry in page.rows]
        return StatementInfo(rows[0].timestamp if rows else 0, page.more, currency.symbol, rows)


def _position(cursor: str) -> Position:
    if not cursor:
        return NEWEST
    match = _ID.fullmatch(cursor)
    if match is None:
        raise ApiError(Code.BAD_PARAMETER, "cursor", Text("the id of an entry", "条目的ID"))
    return Position(int(match[1]), int(match[2] or 0))


def _id(position: Position) -> str:
    trade, sequence = position
    return f"{trade}-{sequence}" if sequence else str(trade)


def _info(entry: Entry, currency: Currency, listings: Listings, figure: FigureOf) -> EntryInfo:
    traded = entry.kind == TRADE
    return EntryInfo(
        _id(entry.position),
        _KIND_NAMES[entry.kind],
        signed(figure, entry.change, currency.decimals),
        figure(entry.fee, currency.decimals),
        figure(entry.balance, currency.decimals),
        listings.markets[entry.market].symbol if traded else "",
        entry.position.trade if traded else 0,
        entry.transfer,
        entry.time_ms,
    )
