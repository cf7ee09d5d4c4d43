"""All tables together: written batch by batch, in the thread of the database."""

from collections.abc import Iterator
from itertools import islice
from typing import Final, Protocol

from sqlalchemy import Connection

from coinport.model.listings import Listings
from coinport.model.records import Record, decode_record
from coinport.model.units import Sequence
from coinport.readmodels.accounts import AccountsProjection
from coinport.readmodels.balances import BalancesProjection
from coinport.readmodels.candles import CandlesProjection
from coinport.readmodels.checkpoint import advance, checkpoint_of
from coinport.readmodels.depth import BooksProjection
from coinport.readmodels.listings import ListingsProjection, listings_of
from coinport.readmodels.movements import MovementsProjection
from coinport.readmodels.moves import MovesProjection
from coinport.readmodels.orders import OrdersProjection
from coinport.readmodels.projection import Projection, fold, merged
from coinport.readmodels.trades import TradesProjection
from coinport.readmodels.transfers_projection import TransfersProjection

BATCH_MAX: Final = 2_500
"""Records of one transaction; the rest waits for the next."""


class Journal(Protocol):
    @property
    def first(self) -> Sequence:
        """Of the oldest record that can be read."""

    @property
    def last(self) -> Sequence: ...

    def read(self, after: Sequence) -> Iterator[bytes]:
        """The records after `after`, as far as there are any now."""


class Tables:
    """Every transaction begins by looking where the checkpoint is and moves it at its end. So
    whatever failed before, even a commit that nobody knows the outcome of, nothing is lost and
    nothing is counted twice."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._listings = Listings()
        self._listed = Sequence(-1)
        """The checkpoint that `_listings` belongs to."""

    def belong(self, connection: Connection) -> bool:
        """Whether the rows can be of this journal: it has a record where their checkpoint is, and
        of the same time."""
        at = checkpoint_of(connection)
        if at.sequence > self._journal.last:
            return False
        if at.sequence < self._journal.first:
            return True
        data = next(self._journal.read(Sequence(at.sequence - 1)))
        return decode_record(data).time == at.time

    def project(self, connection: Connection) -> Sequence:
        """Write what comes after the checkpoint, at most BATCH_MAX records. The new checkpoint."""
        at = checkpoint_of(connection).sequence
        records = self._next(at)
        if not records:
            return at
        if self._listed != at:
            self._listings = listings_of(connection)
        projections = self._projections()
        fold(records, merged(projection.handlers() for projection in projections))
        for projection in projections:
            projection.write(connection)
        advance(connection, records[-1])
        self._listed = records[-1].sequence
        return self._listed

    def _projections(self) -> tuple[Projection, ...]:
        return (
            ListingsProjection(self._listings),
            AccountsProjection(),
            MovesProjection(),
            OrdersProjection(self._listings),
            MovementsProjection(),
            TradesProjection(),
            TransfersProjection(self._listings),
            BalancesProjection(self._listings),
            CandlesProjection(),
            BooksProjection(),
        )

    def _next(self, after: Sequence) -> list[Record]:
        return [decode_record(data) for data in islice(self._journal.read(after), BATCH_MAX)]
