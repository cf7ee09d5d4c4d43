"""Transfer files: everything that changed what the exchange owes in one currency between two
positions of its journal. Trading moves balances between users; only its fees leave them.
"""

from typing import Final, Literal, TypeAlias

from msgspec import Raw, Struct

from coinport.model.units import Sequence, TimeMs
from coinport.reserves.documents import units

SUCCEEDED: Final = "Succeeded"

TransferType: TypeAlias = Literal["deposit", "withdrawal", "credit", "debit"]
SIGNS: Final[dict[TransferType, int]] = {"deposit": 1, "credit": 1, "withdrawal": -1, "debit": -1}


class TransferRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money that came to users or left them; not whose it is."""

    id: int
    """Of the deposit or withdrawal; of a credit or debit the sequence of its record."""
    type: TransferType
    """Credits and debits are what is neither of the others: an administrator's hand, or a deposit
    that has left the chain again."""
    amount: Raw
    """A withdrawal's fee is part of it."""
    fee: Raw
    status: str
    """As in the API; only what succeeded has changed a balance."""
    created: TimeMs
    updated: TimeMs
    sequence: Sequence
    """Of the record that changed the balance."""
    txid: str
    address: str


class Transfers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["coinport-transfers-v1"] = "coinport-transfers-v1"
    id: int
    currency: str
    decimals: int
    timestamp: TimeMs
    first: int
    """Id of the first row; 0 where there is none."""
    last: int
    from_sequence: Sequence
    """The records of the rows come after this one..."""
    to_sequence: Sequence
    """...and this is the last that was looked at."""
    trading_fees: Raw
    """What the trades in between have cost the users."""
    previous: str
    """SHA-256 of the currency's transfer file before this one; empty in the first."""
    public_key: str
    """Whose signature stands at the end of the file."""
    transfers: list[TransferRow]
    """By sequence."""


def change(file: Transfers) -> int:
    """How much more users have after it than before, in smallest units. Raises ProofWrong."""
    moved = sum(
        SIGNS[row.type] * units(row.amount, file.decimals)
        for row in file.transfers
        if row.status == SUCCEEDED
    )
    return moved - units(file.trading_fees, file.decimals)
