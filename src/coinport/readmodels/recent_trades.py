"""Recent trades: the newest of each market, in memory."""

from collections import defaultdict, deque
from collections.abc import Iterable
from functools import partial
from typing import Final

import msgspec
from sqlalchemy import Connection

from coinport.model.events import Traded
from coinport.model.records import Record
from coinport.model.units import MarketId
from coinport.readmodels.projection import Handlers
from coinport.readmodels.trades import MarketTrade, market_trade, newest_of

RECENT: Final = 100
"""Trades of each market that are remembered."""


class RecentTrades:
    def __init__(self, connection: Connection, markets: Iterable[MarketId]) -> None:
        """As the tables have it."""
        self._trades: defaultdict[MarketId, deque[MarketTrade]]
        self._trades = defaultdict(partial(deque, maxlen=RECENT))
        for market in markets:
            for row in reversed(connection.execute(newest_of(market, RECENT)).all()):
                self._trades[market].append(msgspec.convert(tuple(row), MarketTrade, strict=False))

    def handlers(self) -> Handlers:
        return {Traded: self._traded}

    def of(self, market: MarketId) -> list[MarketTrade]:
        """Oldest first."""
        return list(self._trades[market])

    def _traded(self, record: Record, event: Traded) -> None:
        self._trades[event.market].append(market_trade(record, event))
