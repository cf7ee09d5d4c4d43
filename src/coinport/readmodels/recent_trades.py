"""Recent trades: the newest of each market, in memory."""

from collections import defaultdict, deque
from collections.abc import Iterable
from functools import partial
from typing import Final

from sqlalchemy import Connection

from coinport.journal.records import Trade
from coinport.model.trading import Side
from coinport.model.units import MarketId
from coinport.readmodels.trades import MarketTrade, newest_of

RECENT: Final = 100
"""Trades of each market that are remembered."""


class RecentTrades:
    def __init__(self, connection: Connection, markets: Iterable[MarketId]) -> None:
        """As the tables have it."""
        self._trades: defaultdict[MarketId, deque[Trade]]
        """As they came: most are gone before anybody looks at them."""
        self._trades = defaultdict(partial(deque, maxlen=RECENT))
        for market in markets:
            newest = connection.execute(newest_of(market, RECENT)).all()
            for trade, time, order, side, price, quantity in reversed(newest):
                self._trades[market].append((trade, time, market, side, price, quantity, order))

    def apply(self, trades: Iterable[Trade]) -> None:
        for trade in trades:
            self._trades[trade[2]].append(trade)

    def of(self, market: MarketId) -> list[MarketTrade]:
        """Oldest first."""
        return [
            MarketTrade(trade, time, order, Side(side), price, quantity)
            for trade, time, _, side, price, quantity, order in self._trades[market]
        ]
