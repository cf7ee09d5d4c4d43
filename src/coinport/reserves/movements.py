"""What changed the debts of the exchange beside deposits and withdrawals: by the journal itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from coinport.engine.accounting import FEE_POCKET, transfers
from coinport.model.events import Credited, Debited, DepositWrittenOff, Traded
from coinport.model.listings import Listings
from coinport.model.records import Record
from coinport.model.units import Amount, CurrencyId, Sequence
from coinport.reserves.publishing import Movement
from coinport.reserves.transfer_files import TransferType


class ByHand:
    """Folds records; by currency."""

    def __init__(self, listings: Listings, since: Mapping[CurrencyId, Sequence]) -> None:
        """Of each currency what comes after `since` counts."""
        self._listings = listings
        self._since = since
        self.trading_fees: defaultdict[CurrencyId, int] = defaultdict(int)
        self.movements: defaultdict[CurrencyId, list[Movement]] = defaultdict(list)
        """Credits and debits, in the order of their records."""

    def follow(self, records: Iterable[Record]) -> None:
        for record in records:
            for event in record.events:
                if isinstance(event, Traded):
                    self._trade(record, event)
                elif isinstance(event, Credited):
                    self._move(record, "credit", event.currency, event.amount)
                elif isinstance(event, Debited | DepositWrittenOff) and event.amount:
                    self._move(record, "debit", event.currency, event.amount)

    def _trade(self, record: Record, event: Traded) -> None:
        if event.taker_fee or event.maker_fee:
            for currency, _, credit, amount in transfers(event, self._listings):
                if credit == FEE_POCKET and record.sequence > self._since[currency]:
                    self.trading_fees[currency] += amount

    def _move(
        self, record: Record, kind: TransferType, currency: CurrencyId, amount: Amount
    ) -> None:
        if record.sequence <= self._since[currency]:
            return
        self.movements[currency].append(
            Movement(
                id=record.sequence,
                type=kind,
                amount=amount,
                created=record.time,
                updated=record.time,
                sequence=record.sequence,
            )
        )
