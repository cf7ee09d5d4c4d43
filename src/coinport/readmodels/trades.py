"""Trades: the tape of each market, and what each account traded."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    Index,
    Select,
    Table,
    and_,
    literal_column,
    select,
)

from coinport.model.events import Traded
from coinport.model.records import Record
from coinport.model.trading import Side
from coinport.model.units import (
    AccountId,
    Amount,
    MarketId,
    OrderId,
    Price,
    Quantity,
    TimeMs,
    TradeId,
)
from coinport.readmodels.paging import Page, below, known, page
from coinport.readmodels.projection import Handlers, Reader, key, metadata, whole
from coinport.readmodels.upsert import Upsert


class MarketTrade(Struct, frozen=True, array_like=True):
    """What everybody may know of a trade."""

    id: TradeId
    time_ms: TimeMs
    taker_order: OrderId
    taker_side: Side
    price: Price
    quantity: Quantity


class OwnTrade(Struct, frozen=True, array_like=True):
    """A trade as one of its two parties sees it."""

    id: TradeId
    time_ms: TimeMs
    market: MarketId
    order: OrderId
    """The account's own."""
    taker_side: Side
    maker: bool
    """The account's role."""
    price: Price
    quantity: Quantity
    fee: Amount
    """In the currency the account received: base where it bought, quote where it sold."""

    @property
    def side(self) -> Side:
        """The account's own."""
        return Side(3 - self.taker_side) if self.maker else self.taker_side


trades = Table(
    "trades",
    metadata,
    key("id"),
    whole("time_ms"),
    whole("market"),
    whole("taker_side"),
    whole("price"),
    whole("quantity"),
    whole("taker_order"),
    whole("taker_account"),
    whole("taker_fee"),
    whole("maker_order"),
    whole("maker_account"),
    whole("maker_fee"),
)
Index("trades_of_market", trades.c.market, trades.c.id)
Index("trades_of_taker", trades.c.taker_account, trades.c.id)
Index("trades_of_maker", trades.c.maker_account, trades.c.id)

_INSERT: Final = Upsert(trades)


class TradesProjection:
    def __init__(self) -> None:
        self._rows: list[tuple[int, ...]] = []

    def handlers(self) -> Handlers:
        return {Traded: self._traded}

    def write(self, connection: Connection) -> None:
        _INSERT.write(connection, self._rows)

    def _traded(self, record: Record, event: Traded) -> None:
        self._rows.append(
            (
                event.trade,
                record.time,
                event.market,
                int(event.taker_side),
                event.price,
                event.quantity,
                event.taker_order,
                event.taker_account,
                event.taker_fee,
                event.maker_order,
                event.maker_account,
                event.maker_fee,
            )
        )


def market_trade(record: Record, event: Traded) -> MarketTrade:
    return MarketTrade(
        event.trade,
        record.time,
        event.taker_order,
        event.taker_side,
        event.price,
        event.quantity,
    )


def own_trades(record: Record, event: Traded, account: AccountId) -> list[OwnTrade]:
    """As `account` sees it: once, or twice where it traded with itself, as the taker first."""
    parties = (
        (event.taker_account, event.taker_order, False, event.taker_fee),
        (event.maker_account, event.maker_order, True, event.maker_fee),
    )
    return [
        OwnTrade(
            *(event.trade, record.time, event.market, order, event.taker_side, maker),
            *(event.price, event.quantity, fee),
        )
        for party, order, maker, fee in parties
        if party == account
    ]


def newest_of(market: MarketId, count: int, cursor: int | None = None) -> Select[Any]:
    """Rows of `MarketTrade`, the newest first, of those before `cursor`."""
    return (
        select(*(trades.c[field] for field in MarketTrade.__struct_fields__))
        .where(trades.c.market == market, trades.c.id < below(cursor))
        .order_by(trades.c.id.desc())
        .limit(count)
    )


def own_newest(connection: Connection, account: AccountId, count: int) -> list[OwnTrade]:
    """The newest first."""
    return _own(connection, account, trades.c.id < below(None), count)


class Trades:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def of_market(
        self, market: MarketId, *, cursor: int | None = None, limit: int
    ) -> Page[MarketTrade]:
        """Newest first."""
        query = newest_of(market, limit + 1, cursor)
        rows = await self._reader.read(lambda connection: connection.execute(query).all())
        return page([msgspec.convert(tuple(row), MarketTrade) for row in rows], limit)

    async def of_account(
        self,
        account: AccountId,
        *,
        market: MarketId | None = None,
        cursor: int | None = None,
        limit: int,
    ) -> Page[OwnTrade]:
        """Newest first. A trade with oneself is two rows, the taker's first.

        The two are never on different pages, because no cursor stands between them: where they
        would be, the page is one row longer.
        """
        wanted = trades.c.id < below(cursor)
        if market is not None:
            wanted = and_(wanted, trades.c.market == market)
        rows = await self._own(account, wanted, limit + 2)
        if len(rows) > limit and rows[limit - 1].id == rows[limit].id:
            limit += 1
        return page(rows, limit)

    async def by_id(self, account: AccountId, ids: Iterable[int]) -> list[OwnTrade]:
        """Newest first. Unknown trades and those of others are left out."""
        return await self._own(account, trades.c.id.in_(known(ids)), None)

    async def _own(
        self, account: AccountId, wanted: ColumnElement[bool], limit: int | None
    ) -> list[OwnTrade]:
        return await self._reader.read(lambda connection: _own(connection, account, wanted, limit))


def _own(
    connection: Connection, account: AccountId, wanted: ColumnElement[bool], limit: int | None
) -> list[OwnTrade]:
    queries = [_as(role, account).where(wanted).limit(limit) for role in ("taker", "maker")]
    rows = [row for query in queries for row in connection.execute(query)]
    # Sorting keeps the taker's row before the maker's of the same trade.
    rows.sort(key=lambda row: -row.id)
    return [msgspec.convert(tuple(row), OwnTrade, strict=False) for row in rows[:limit]]


def _as(role: str, account: AccountId) -> Select[Any]:
    columns = trades.c
    return (
        select(
            columns.id,
            columns.time_ms,
            columns.market,
            columns[f"{role}_order"],
            columns.taker_side,
            literal_column(str(int(role == "maker"))),
            columns.price,
            columns.quantity,
            columns[f"{role}_fee"],
        )
        .where(columns[f"{role}_account"] == account)
        .order_by(columns.id.desc())
    )
