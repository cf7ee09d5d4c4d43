"""What is said between the exchange and the signer: one JSON line asks, one answers."""

from typing import TypeAlias

from msgspec import Struct

from coinport.model.units import Amount
from coinport.wallets.chain import Payout, Signed, Unsigned


class KeyPath(Struct, frozen=True, array_like=True):
    """Of one of our addresses, below the account's key (BIP 44)."""

    branch: int
    """`EXTERNAL`: of users. `CHANGE`: hot."""
    index: int


class SignWithdrawals(Struct, frozen=True, tag=True):
    """A transaction whose first payouts are these withdrawals, in order; the rest is change."""

    withdrawals: tuple[int, ...]
    unsigned: Unsigned
    paths: tuple[KeyPath, ...]
    """Of every address that is spent from, and of the change's. In any order."""


class SignSweep(Struct, frozen=True, tag=True):
    """A transaction that stays with us: to a hot address, or to the cold one."""

    unsigned: Unsigned
    paths: tuple[KeyPath, ...]
    """Of every address that is spent from, and of those paid to. In any order."""


class SignMessage(Struct, frozen=True, tag=True):
    """A proof that an address is ours. The message must begin with `MESSAGE_PREFIX`."""

    currency: str
    path: KeyPath
    message: str


class MessageSigned(Struct, frozen=True, tag=True):
    address: str
    signature: str


class TransactionSigned(Struct, frozen=True, tag=True):
    signed: Signed


class Refused(Struct, frozen=True, tag=True):
    reason: str


Request: TypeAlias = SignWithdrawals | SignSweep | SignMessage
Answer: TypeAlias = TransactionSigned | MessageSigned | Refused


class Order(Struct, frozen=True):
    """A withdrawal as the ledger has it: accepted, its money set aside, not canceled."""

    currency: str
    payout: Payout
    """What the user gets: the fee has been taken off."""


class Limits(Struct, frozen=True):
    """Of one currency, in smallest units. The signer's own: nobody who asks can change them."""

    payment_max: Amount
    """Of one withdrawal."""
    day_max: Amount
    """Of all withdrawals within 24 hours, and all fees to the network."""
    fee_max: Amount
    """Of one transaction, to the network."""


MESSAGE_PREFIX = "coinport"
