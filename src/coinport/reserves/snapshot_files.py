"""Snapshot files: what the exchange owes in one currency at one position of its journal."""

from typing import Literal

from msgspec import Raw, Struct

from coinport.model.units import Sequence, TimeMs
from coinport.reserves.documents import unhex, units
from coinport.reserves.merkle import LEAF_BYTES, Row


class Snapshot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["coinport-pol-v1"] = "coinport-pol-v1"
    id: int
    currency: str
    decimals: int
    timestamp: TimeMs
    sequence: Sequence
    """The position of the journal at which the balances were taken."""
    total: Raw
    """What is owed: the sum of the rows."""
    root: str
    """The hash at the top of the Merkle-sum tree over the rows."""
    height: int | None
    """Of the chain when the reserves were counted beside it; None where they were not."""
    block_hash: str | None
    previous: str
    """SHA-256 of the currency's snapshot file before this one; empty in the first."""
    public_key: str
    """Whose signature stands at the end of the file."""
    balances: list[tuple[str, Raw]]
    """Leaf and amount, from left to right."""


def rows_of(snapshot: Snapshot) -> list[Row]:
    """What the tree is built from. Raises ProofWrong."""
    decimals = snapshot.decimals
    return [
        (unhex(leaf, LEAF_BYTES), units(amount, decimals)) for leaf, amount in snapshot.balances
    ]
