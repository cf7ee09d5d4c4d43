"""Holdings: what is there of a currency, address by address, and what is owed."""

from typing import Literal

from msgspec import Struct

from coinport.model.units import Amount, Sequence, TimeMs

Place = Literal["hot", "cold", "user"]


class AddressHolding(Struct, frozen=True):
    address: str
    amount: Amount
    place: Place
    message: str
    signature: str
    """Of `message`, by the key of the address. Both are empty where there can be none."""


class CurrencyReserves(Struct, frozen=True):
    timestamp: TimeMs
    sequence: Sequence
    """Where the journal was."""
    payable: Amount
    """What is owed to users, and to users yet unknown: the sum of all balances at `sequence`."""
    rows: tuple[AddressHolding, ...] = ()
    height: int | None = None
    """All amounts of `rows` are those after this block; None: no chain was looked at."""
    block_hash: str | None = None
    sent: Amount = Amount(0)
    """Withdrawals that a block has paid, and that the journal owes until enough blocks say so: the
    money is gone from `rows`, and counts as if it were there."""

    def at(self, place: Place) -> int:
        return sum(row.amount for row in self.rows if row.place == place)

    @property
    def assets(self) -> int:
        return sum(row.amount for row in self.rows)

    @property
    def covered(self) -> int:
        """What stands against `payable`."""
        return self.assets + self.sent

    @property
    def short(self) -> bool:
        """Less is there than is owed."""
        return self.covered < self.payable
