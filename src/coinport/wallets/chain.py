"""The chain port: what the exchange asks of any chain, whichever node answers.

A deposit is known by its `key` and by nothing else, so it is credited once however often it is
listed. A withdrawal goes build -> sign (elsewhere) -> save -> broadcast -> status, and is known
by what it spends and pays, not by its transaction id: who relays a transaction can change that id.
`tests/contracts` holds what every implementation must do.
"""

from collections.abc import Collection, Sequence
from enum import IntEnum
from typing import Final, Protocol

from msgspec import Struct

from coinport.model.units import Amount

GONE: Final = -1
"""Confirmations of what contradicts the chain, or is not known to the node at all (any more)."""

BLOCKS_REMEMBERED_MAX: Final = 100
CONTEXT_CHARACTERS_MAX: Final = 10 * 1024 * 1024
"""Of all that the signer is shown beside a transaction."""


class Block(Struct, frozen=True):
    height: int
    hash: str


class Payment(Struct, frozen=True):
    """Money that came, or is about to come, to an address that is watched."""

    key: str
    """`LTC:txid:vout`: the same for ever, and the idempotency key of the credit."""
    txid: str
    address: str
    memo: str
    """Empty where there is none. Whose money it is, on chains where users share an address."""
    amount: Amount
    confirmations: int
    """1 in the newest block, 0 in none (or newly mined money, not yet to be spent), or `GONE`."""
    block: Block | None
    """That which includes it; another one after a re-org."""


class Scan(Struct, frozen=True):
    payments: tuple[Payment, ...]
    """Every payment in a block after `since`, and those in none. Some may be known already."""
    tip: Block
    """The next scan's `since`, once these payments are saved."""
    forked: bool
    """`since` is no longer in the chain: what was credited lately must be looked at again."""


class Payout(Struct, frozen=True):
    address: str
    amount: Amount
    memo: str = ""


class Unsigned(Struct, frozen=True):
    """A transaction that nobody has signed: worthless, may be thrown away."""

    currency: str
    payouts: tuple[Payout, ...]
    """All that it pays, in order, change included."""
    inputs: tuple[str, ...]
    """What it uses up, each of which can be used up once (`txid:vout`, an account's sequence)."""
    fee: Amount
    blob: str
    context: tuple[str, ...]
    """What the signer needs to check it without asking anybody: the transactions it spends."""
    since: Block
    """The tip when it was made: it cannot be in this block or an earlier one."""
    expires: int | None = None
    """The last height (XRP: ledger; NXT, BTSX: second) at which it can be included; None: any."""


class Signed(Struct, frozen=True):
    """As `Unsigned`, but worth its money: to be saved, durably, before it is broadcast."""

    currency: str
    payouts: tuple[Payout, ...]
    inputs: tuple[str, ...]
    fee: Amount
    blob: str
    txid: str
    since: Block
    expires: int | None = None


class State(IntEnum):
    UNSEEN = 1
    """Nowhere: broadcast it (again)."""
    WAITING = 2
    """The node has it, and no block."""
    CONFIRMED = 3
    """It has paid, perhaps under another transaction id."""
    CONFLICTED = 4
    """Something else used up one of its inputs: it cannot pay while that stands. Never to be paid
    anew unless that has enough confirmations, and by a person's decision."""
    EXPIRED = 5
    """It was never included, and never can be."""


class Status(Struct, frozen=True):
    state: State
    txid: str = ""
    """Of what is in the chain, or waiting; empty otherwise."""
    confirmations: int = 0
    """Of that transaction; where CONFLICTED, of the other one."""


class Balances(Struct, frozen=True):
    block: Block
    """All amounts are those after this one block."""
    amounts: dict[str, Amount]
    """One for each address that was asked for."""


class ChainError(Exception):
    """What a chain could not do; the message names the chain and the remedy."""


class ChainUnavailable(ChainError):
    """No answer, or none that makes sense. Whether anything happened is unknown: ask again."""


class UnknownBlock(ChainError):
    """The node has never heard of this block: it was replaced, re-indexed or is far behind."""


class InsufficientFunds(ChainError):
    """The sources do not hold the payouts and the fee (not counting what is excluded)."""


class Unpayable(ChainError):
    """This payout can never be made: the message says why."""


class BroadcastRefused(ChainError):
    """The network does not take it now; `status` says what became of it."""


class Chain(Protocol):
    """Every method may raise ChainUnavailable, and then may simply be called again."""

    @property
    def currency(self) -> str: ...

    @property
    def simulated(self) -> bool:
        """No real money: say so wherever an address or transaction id of it is shown."""

    async def tip(self) -> Block: ...

    async def block(self, height: int) -> Block:
        """That of the best chain. Raises UnknownBlock."""

    async def watch(self, addresses: Sequence[str], *, rescan: bool = False) -> None:
        """See payments to `addresses` from now on; `rescan`: those of the past too (slow).

        Watching twice is watching once.
        """

    async def incoming(self, since: Block | None) -> Scan:
        """Payments after block `since`; None: of all times. Raises UnknownBlock."""

    async def recheck(self, payments: Sequence[Payment]) -> list[Payment]:
        """The same payments, in order, as the chain has them now."""

    async def build(
        self,
        payouts: Sequence[Payout],
        *,
        sources: Sequence[str],
        change: str,
        exclude: Collection[str] = (),
        confirmations: int = 1,
    ) -> Unsigned:
        """One transaction that makes all `payouts` from the money of `sources`.

        `exclude`: inputs of transactions that are signed and not yet confirmed. `confirmations`:
        what has fewer is not spent, unless it is from a transaction of our own.
        Raises InsufficientFunds or Unpayable.
        """

    async def sweep(
        self, sources: Sequence[str], to: str, *, exclude: Collection[str] = ()
    ) -> Unsigned:
        """One transaction that moves all confirmed money of `sources` to `to`, less the fee.

        Raises InsufficientFunds where the fee would eat it, or Unpayable: users share an address.
        """

    async def broadcast(self, signed: Signed) -> None:
        """Hand it to the network. To do so again is harmless, and right after any doubt.

        Raises BroadcastRefused. Success means little: `status` is the proof.
        """

    async def status(self, signed: Signed) -> Status: ...

    async def balances(self, addresses: Sequence[str]) -> Balances:
        """What each address holds, confirmed."""


def payment_key(currency: str, *parts: str | int) -> str:
    return ":".join((currency, *map(str, parts)))


async def scan(chain: Chain, remembered: Sequence[Block]) -> Scan:
    """Payments since the newest of `remembered` (oldest first) that the node knows; else all."""
    for since in reversed(remembered):
        try:
            found = await chain.incoming(since)
        except UnknownBlock:
            continue
        forked = found.forked or since != remembered[-1]
        return Scan(found.payments, found.tip, forked)
    found = await chain.incoming(None)
    return Scan(found.payments, found.tip, bool(remembered))


def remember(remembered: Sequence[Block], tip: Block) -> list[Block]:
    """`remembered` and `tip`, to be saved with the payments that were found up to it."""
    below = [block for block in remembered if block.height < tip.height]
    return [*below, tip][-BLOCKS_REMEMBERED_MAX:]
