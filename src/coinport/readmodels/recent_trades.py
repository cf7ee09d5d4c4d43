"""Recent trades: the newest of each market, in memory."""

from collections import defaultdict, deque
from collections.abc import Iterable
from functools import partial
from typing import Final

import msgspec
from sqlalchemy import Connection

from coinport.journal.records import Trade
from coinport.model.trading import Side
from coinport.model.units import MarketId, OrderId, Price, Quantity, TimeMs, TradeId
from coinport.readmodels.trades import MarketTrade, newest_of

RECENT: Final = 100
"""Trades of each market that are remembered."""


class RecentTrades:
    def __init__(self, connection: Connection, markets: Iterable[MarketId]) -> None:
        """As the tables have it."""
        self._trades: defaultdict[MarketId, deque[MarketTrade | Trade]]
        """As they came: most are gone before anybody looks at them."""
        self._trades = defaultdict(partial(deque, maxlen=RECENT))
        for market in markets:
            for row in reversed(connection.execute(newest_of(market, RECENT)).all()):
                self._trades[market].append(msgspec.convert(tuple(row), MarketTrade, strict=False))

    def apply(self, trades: Iterable[Trade]) -> None:
        for trade in trades:
            self._trades[trade[2]].append(trade)

    def of(self, market: MarketId) -> list[MarketTrade]:
        """Oldest first."""
        return [
            trade if isinstance(trade, MarketTrade) else _market_trade(*trade)
            for trade in self._trades[market]
        ]


def _market_trade(
    trade: TradeId,
    time: TimeMs,
    _market: MarketId,
    side: int,
    price: Price,
    quantity: Quantity,
    order: OrderId,
) -> MarketTrade:
    return MarketTrade(trade, time, order, Side(side), price, quantity)
