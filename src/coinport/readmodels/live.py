"""Live views: what is asked for most, in memory, and never behind an answer.

The feed calls `apply` right after records are durable and before anybody gets an answer to them.
"""

from collections.abc import Sequence as SequenceOf

from sqlalchemy import Connection

from coinport.journal.records import end_of, special, told_of
from coinport.model.records import Record
from coinport.model.units import AccountId, Sequence, TimeMs
from coinport.readmodels.accounts import SuspendedAccounts
from coinport.readmodels.checkpoint import checkpoint_of
from coinport.readmodels.depth import depth_of
from coinport.readmodels.listings import ListingsView
from coinport.readmodels.projection import fold, merged
from coinport.readmodels.recent_trades import RecentTrades
from coinport.readmodels.tickers import Tickers


class LiveViews:
    def __init__(self, connection: Connection, now_ms: TimeMs) -> None:
        """As the tables have it, after all records there are and before the next one comes."""
        self._sequence = checkpoint_of(connection).sequence
        self._suspended = SuspendedAccounts(connection)
        self.listings = ListingsView(connection)
        self.depth = depth_of(connection)
        markets = self.listings.listings.markets
        self.tickers = Tickers(connection, self.depth, markets, now_ms)
        self.trades = RecentTrades(connection, markets)
        views = (self._suspended, self.listings)
        self._handlers = merged(view.handlers() for view in views)

    @property
    def sequence(self) -> Sequence:
        """Of the last record in it."""
        return self._sequence

    def suspended(self, account: AccountId) -> bool:
        return self._suspended.has(account)

    def apply(self, records: SequenceOf[Record]) -> None:
        """What the feed tells."""
        last, _ = end_of(records)
        assert last == self._sequence + len(records), (
            f"records up to {last} cannot follow {self._sequence}"
        )
        self._sequence = last
        self.depth.apply(records)
        fold(special(records), self._handlers)
        told = told_of(records)
        self.tickers.apply(told.runs)
        self.trades.apply(told.trades)
