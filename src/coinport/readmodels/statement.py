"""A statement: all that an account's total of one currency came from, with the balance after each
entry. Trades are read from their table, everything else from `movements`."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
)

from coinport.model.listings import Listings, Market
from coinport.model.trading import Side
from coinport.model.units import AccountId, Amount, CurrencyId, MarketId, TimeMs, TransferId
from coinport.readmodels.balances import balances
from coinport.readmodels.movements import movements
from coinport.readmodels.paging import Page
from coinport.readmodels.projection import INTEGER_MAX, Reader
from coinport.readmodels.trades import trades

TRADE: Final = 0
"""The kind of an entry that is a trade; the other kinds are those of `movements`."""


class Position(NamedTuple):
    """Where an entry stands among all: they are ordered by it."""

    trade: int
    sequence: int
    """Of the record of a movement that came after the trade; 0: the trade itself."""


NEWEST: Final = Position(INTEGER_MAX, 0)
"""After everything."""


class Entry(Struct, frozen=True):
    position: Position
    time_ms: TimeMs
    kind: int
    change: int
    """Of the total, the fee included; below 0 where it shrank."""
    fee: Amount
    """In this currency."""
    market: MarketId
    """Of a trade; else 0."""
    transfer: TransferId
    """Of a deposit or a withdrawal; else 0."""
    balance: int
    """The total after this."""


class Wanted(Struct, frozen=True):
    """Which part of a statement: entries below a position, within a time that has both ends."""

    account: AccountId
    currency: CurrencyId
    below: Position = NEWEST
    since_ms: int = 0
    until_ms: int = INTEGER_MAX
    limit: int = 100


class Statements:
    def __init__(self, reader: Reader, listings: Listings) -> None:
        """`listings` may change."""
        self._reader = reader
        self._listings = listings

    async def part(self, wanted: Wanted) -> Page[Entry]:
        """Newest first. All balances follow from the present one and fit it, whatever is traded
        meanwhile. A trade with oneself is one entry."""
        markets = tuple(self._listings.markets.values())
        return await self._reader.read(lambda connection: _part(connection, wanted, markets))


def _part(connection: Connection, wanted: Wanted, markets: tuple[Market, ...]) -> Page[Entry]:
    sources = [
        _Traded(role, wanted.account, wanted.currency, markets) for role in ("taker", "maker")
    ]
    branches: list[_Traded | _Moved] = [*sources, _Moved(wanted.account, wanted.currency)]
    found = _merged(
        row for branch in branches for row in connection.execute(branch.page(wanted)).all()
    )
    balance = _total(connection, wanted) - sum(
        _sum(connection, branch.newer(wanted))
        for branch in branches
        if wanted.below != NEWEST or wanted.until_ms != INTEGER_MAX
    )
    entries = []
    for trade, sequence, time_ms, kind, market, transfer, change, fee in found[: wanted.limit]:
        at = Position(trade, sequence)
        of = (Amount(fee), MarketId(market), TransferId(transfer))
        entries.append(Entry(at, TimeMs(time_ms), kind, change, *of, balance))
        balance -= change
    return Page(entries, len(found) > wanted.limit)


def _merged(rows: Iterable[Any]) -> list[tuple[int, ...]]:
    """The newest first; the two sides of a trade with oneself in one."""
    merged: dict[tuple[int, int], tuple[int, ...]] = {}
    for row in rows:
        at = (row[0], row[1])
        known = merged.get(at)
        change, fee = (known[-2], known[-1]) if known else (0, 0)
        merged[at] = (*row[:-2], row[-2] + change, row[-1] + fee)
    return [merged[at] for at in sorted(merged, reverse=True)]


class _Traded:
    """The trades of an account in one role, as changes of one currency."""

    def __init__(
        self, role: str, account: AccountId, currency: CurrencyId, markets: Iterable[Market]
    ) -> None:
        columns = trades.c
        bases = [market for market in markets if market.base == currency]
        quotes = [market for market in markets if market.quote == currency]
        taken = columns.taker_side == Side.BUY
        buys = taken if role == "taker" else ~taken
        fee = columns[f"{role}_fee"]
        self._of = and_(
            columns[f"{role}_account"] == account,
            columns.market.in_([market.market for market in (*bases, *quotes)]),
        )
        base = columns.market.in_([market.market for market in bases]) if bases else false()
        amount = columns.quantity * _by_market(bases, "lot")
        value = columns.price * columns.quantity * _by_market(quotes, "scale")
        self._change: ColumnElement[int] = case(
            (and_(base, buys), amount - fee),
            (base, -amount),
            (buys, -value),
            else_=value - fee,
        )
        self._fee = case((and_(base, buys), fee), (and_(~base, ~buys), fee), else_=0)

    def page(self, wanted: Wanted) -> Select[Any]:
        columns = trades.c
        return (
            select(
                columns.id,
                literal(0),
                columns.time_ms,
                literal(TRADE),
                columns.market,
                literal(0),
                self._change,
                self._fee,
            )
            .where(self._of, ~self._newer(wanted), columns.time_ms >= wanted.since_ms)
            .order_by(columns.id.desc())
            .limit(wanted.limit + 1)
        )

    def newer(self, wanted: Wanted) -> Select[Any]:
        return _summed(self._change).where(self._of, self._newer(wanted))

    def _newer(self, wanted: Wanted) -> ColumnElement[bool]:
        below = wanted.below.trade + (wanted.below.sequence > 0)
        return or_(trades.c.id >= below, trades.c.time_ms > wanted.until_ms)


class _Moved:
    """The movements of an account in one currency."""

    def __init__(self, account: AccountId, currency: CurrencyId) -> None:
        self._of = and_(movements.c.account == account, movements.c.currency == currency)

    def page(self, wanted: Wanted) -> Select[Any]:
        columns = movements.c
        return (
            select(
                columns.after_trade,
                columns.sequence,
                columns.time_ms,
                columns.kind,
                literal(0),
                columns.transfer,
                columns.change,
                columns.fee,
            )
            .where(self._of, ~self._newer(wanted), columns.time_ms >= wanted.since_ms)
            .order_by(columns.after_trade.desc(), columns.sequence.desc())
            .limit(wanted.limit + 1)
        )

    def newer(self, wanted: Wanted) -> Select[Any]:
        return _summed(movements.c.change).where(self._of, self._newer(wanted))

    def _newer(self, wanted: Wanted) -> ColumnElement[bool]:
        trade, sequence = wanted.below
        columns = movements.c
        return or_(
            columns.after_trade > trade,
            and_(columns.after_trade == trade, columns.sequence >= sequence),
            columns.time_ms > wanted.until_ms,
        )


def _by_market(markets: list[Market], name: str) -> ColumnElement[int]:
    factors = {market.market: getattr(market, name) for market in markets}
    if not factors:
        return literal(0)
    return case(factors, value=trades.c.market, else_=0)


_HALF: Final = 1 << 31


def _summed(change: ColumnElement[int]) -> Select[Any]:
    """In two halves: what an account traded in all may be more than SQL can hold."""
    return select(
        func.coalesce(func.sum(change.op("/")(_HALF)), 0),
        func.coalesce(func.sum(change.op("%")(_HALF)), 0),
    )


def _sum(connection: Connection, query: Select[Any]) -> int:
    high, low = connection.execute(query).one()
    return int(high) * _HALF + int(low)


def _total(connection: Connection, wanted: Wanted) -> int:
    columns = balances.c
    total = columns.available + columns.frozen + columns.pending + columns.held
    query = select(total).where(
        columns.account == wanted.account, columns.currency == wanted.currency
    )
    return connection.execute(query).scalar_one_or_none() or 0
