"""The signer's own view of the ledger: the withdrawals that may be paid, read from the journal.

Nothing else is asked: not the wallets' database, not the exchange. A row that somebody puts into a
table by hand is not in the journal, and not here.
"""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from coinport.journal.following import LogFollower
from coinport.journal.reading import LogReader
from coinport.model.commands import RequestWithdrawal
from coinport.model.events import (
    CurrencyAdded,
    Event,
    WithdrawalApproved,
    WithdrawalCanceled,
    WithdrawalFailed,
    WithdrawalRequested,
    WithdrawalSettled,
)
from coinport.model.records import Record, decode_record
from coinport.model.units import Amount, CurrencyId, Sequence, TransferId
from coinport.wallets.chain import Payout
from coinport.wallets.signing import Order

SAVED_EVERY: Final = 100_000
"""Records between two savings of the view: the next start goes on from there."""


class View(Struct):
    """What is known after a record of a journal."""

    journal: int
    sequence: Sequence
    decimals: dict[str, int]
    """Of each currency."""
    symbols: dict[CurrencyId, str]
    pending: dict[TransferId, Order]
    approved: dict[TransferId, Order]


class JournalOrders:
    """`Orders`. To be closed."""

    def __init__(self, journal: Path, saved: Path) -> None:
        """`saved`: a file of the signer's own, which may be deleted.

        Raises FileNotFoundError where there is no journal, and JournalDamaged.
        """
        self._follower = LogFollower(journal)
        self._saved = saved
        number = LogReader(journal).segments[0].journal
        self._view = self._load(number) or View(number, Sequence(0), {}, {}, {}, {})
        self._saved_at = self._view.sequence
        self._catch_up()

    def close(self) -> None:
        self._save()
        self._follower.close()

    @property
    def decimals(self) -> dict[str, int]:
        return self._view.decimals

    def order(self, withdrawal: int) -> Order | None:
        """As the journal has it now. Raises JournalDamaged."""
        self._catch_up()
        return self._view.approved.get(TransferId(withdrawal))

    def _catch_up(self) -> None:
        view = self._view
        for data in self._follower.read(view.sequence):
            record = decode_record(data)
            for event in record.events:
                _apply(view, record, event)
            view.sequence = record.sequence
        if view.sequence >= self._saved_at + SAVED_EVERY:
            self._save()

    def _load(self, number: int) -> View | None:
        """None where there is none that belongs to this journal."""
        try:
            view = msgspec.msgpack.decode(self._saved.read_bytes(), type=View)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        fits = view.journal == number and view.sequence <= self._follower.last
        return view if fits else None

    def _save(self) -> None:
        """At once or not at all."""
        new = self._saved.with_name(self._saved.name + ".new")
        new.touch(mode=0o600)
        new.write_bytes(msgspec.msgpack.encode(self._view))
        new.replace(self._saved)
        self._saved_at = self._view.sequence


def _apply(view: View, record: Record, event: Event) -> None:
    match event:
        case CurrencyAdded():
            view.symbols[event.currency.currency] = event.currency.symbol
            view.decimals[event.currency.symbol] = event.currency.decimals
        case WithdrawalRequested():
            command = record.command
            assert isinstance(command, RequestWithdrawal)
            rest = Amount(command.amount - command.fee)
            payout = Payout(command.address, rest, command.memo)
            view.pending[event.transfer] = Order(view.symbols[event.currency], payout)
        case WithdrawalApproved():
            view.approved[event.transfer] = view.pending.pop(event.transfer)
        case WithdrawalCanceled() | WithdrawalFailed() | WithdrawalSettled():
            view.pending.pop(event.transfer, None)
            view.approved.pop(event.transfer, None)
        case _:
            pass
