"""The signer: signs what it can derive from the ledger by itself, within limits of its own.

It believes nothing that it is told. A transaction is read from its bytes; a withdrawal is looked
up in the ledger, by an `Orders` that the exchange cannot influence; change must come back to us.
What it signed it remembers on the disk before it answers: of two transactions for one withdrawal
it signs the second only if both spend the same coin, so that only one of them can ever happen, or
if the first has expired by the signer's own clock. (XRP expires by ledgers, of which the signer
knows nothing: there it is the same sequence, always.)
"""

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final, Protocol, assert_never

import msgspec
from msgspec import Struct

from coinport.model.units import Amount, TimeMs
from coinport.wallets.chain import Unsigned
from coinport.wallets.derivation import CHANGE
from coinport.wallets.p2pkh import Unsignable
from coinport.wallets.schemes import Reading, Scheme
from coinport.wallets.signing import (
    MESSAGE_PREFIX,
    Answer,
    KeyPath,
    Limits,
    MessageSigned,
    Order,
    Refused,
    Request,
    SignMessage,
    SignSweep,
    SignWithdrawals,
    TransactionSigned,
)

DAY_MS: Final = 24 * 60 * 60 * 1000
WITHDRAWALS_MAX: Final = 100
"""In one transaction."""
EXPIRED_MS: Final = {"NXT": DAY_MS, "BTSX": 60 * 60 * 1000}
"""How long after the second at which a transaction expires nobody can include it any more. NXT may
give up its last 720 blocks for older ones; BTSX nothing that is irreversible, which takes a minute.
"""


class Orders(Protocol):
    def order(self, withdrawal: int) -> Order | None:
        """The withdrawal of this id as the ledger has it now; None: none that may be paid."""


FEE: Final = 0
"""In place of a withdrawal: what the network gets for the transaction."""


class Entry(Struct, frozen=True):
    """One withdrawal in a transaction that was signed, or its `FEE`."""

    time: TimeMs
    withdrawal: int
    currency: str
    amount: Amount
    inputs: frozenset[str]
    expires: int | None = None


class Memory:
    """What was signed, one line each in a file that is only appended to."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, or msgspec.DecodeError where a line is damaged: then nothing is signed
        before somebody has looked. Half a line at the end was never answered: it is cut off."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._entries: dict[int, list[Entry]] = {}
        self._fees: list[Entry] = []
        lines, newline, _ = path.read_bytes().rpartition(b"\n")
        os.ftruncate(self._file, len(lines) + len(newline))
        for line in lines.splitlines():
            self._keep(msgspec.json.decode(line, type=Entry))

    def close(self) -> None:
        os.close(self._file)

    def of(self, withdrawal: int) -> list[Entry]:
        return self._entries.get(withdrawal, [])

    def fee(self, inputs: Collection[str]) -> Amount:
        """Of what was signed that spends just these. Of several only one can happen: the most."""
        return Amount(sum(entry.amount for entry in self._fees if entry.inputs == inputs))

    def paid_since(self, time: int, currency: str) -> int:
        """Units of all withdrawals of `currency` that were first signed at `time` or later, and of
        the fees of all transactions."""
        firsts = [entries[0] for entries in self._entries.values()]
        return sum(
            entry.amount
            for entry in firsts + self._fees
            if entry.currency == currency and entry.time >= time
        )

    def add(self, entries: Collection[Entry]) -> None:
        """Durably. Raises OSError."""
        lines = b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries)
        if os.write(self._file, lines) != len(lines):
            raise OSError("the signer's memory is full: nothing more is signed")
        os.fsync(self._file)
        for entry in entries:
            self._keep(entry)

    def _keep(self, entry: Entry) -> None:
        if entry.withdrawal == FEE:
            self._fees.append(entry)
        else:
            self._entries.setdefault(entry.withdrawal, []).append(entry)


class Signer:
    def __init__(
        self,
        schemes: Mapping[str, Scheme],
        limits: Mapping[str, Limits],
        orders: Orders,
        memory: Memory,
        clock: Callable[[], TimeMs],
        cold: Mapping[str, str],
    ) -> None:
        """By currency; a currency without limits is not paid out. `cold`: cold addresses."""
        self._schemes = schemes
        self._limits = limits
        self._orders = orders
        self._memory = memory
        self._clock = clock
        self._cold = cold

    def answer(self, request: Request) -> Answer:
        """Never raises but OSError, which must end the process: its memory cannot be written."""
        try:
            match request:
                case SignWithdrawals():
                    return self._withdrawals(request)
                case SignSweep():
                    return self._sweep(request)
                case SignMessage():
                    return self._message(request)
                case _:
                    assert_never(request)
        except Unsignable as error:
            return Refused(str(error))

    def _withdrawals(self, request: SignWithdrawals) -> Answer:
        ids, unsigned = request.withdrawals, request.unsigned
        scheme = self._scheme(unsigned.currency)
        reading = self._read(scheme, request)
        if not 0 < len(ids) <= WITHDRAWALS_MAX or len(set(ids)) != len(ids) or FEE in ids:
            raise Unsignable("no withdrawals, too many, or one of them twice")
        if len(reading.payouts) < len(ids):
            raise Unsignable("fewer payouts than withdrawals")
        for number, payout in zip(ids, reading.payouts, strict=False):
            order = self._orders.order(number)
            if order is None or (order.currency, order.payout) != (unsigned.currency, payout):
                raise Unsignable(f"withdrawal {number} is not in the ledger as it is to be paid")
        self._check_ours(scheme, reading, len(ids), request.paths, cold=None)
        new = self._new_entries(ids, unsigned, reading)
        signed = scheme.sign(unsigned, request.paths)
        self._memory.add(new)
        return TransactionSigned(signed)

    def _sweep(self, request: SignSweep) -> Answer:
        scheme = self._scheme(request.unsigned.currency)
        reading = self._read(scheme, request)
        cold = self._cold.get(request.unsigned.currency)
        self._check_ours(scheme, reading, 0, request.paths, cold=cold)
        new = self._new_entries((), request.unsigned, reading)
        signed = scheme.sign(request.unsigned, request.paths)
        self._memory.add(new)
        return TransactionSigned(signed)

    def _message(self, request: SignMessage) -> Answer:
        if not request.message.startswith(MESSAGE_PREFIX):
            raise Unsignable(f"only messages that begin with {MESSAGE_PREFIX!r} are signed")
        scheme = self._scheme(request.currency)
        signature = scheme.sign_message(request.path, request.message)
        return MessageSigned(scheme.address(request.path), signature)

    def _scheme(self, currency: str) -> Scheme:
        if currency not in self._schemes or currency not in self._limits:
            raise Unsignable(f"there are no keys or no limits for {currency}")
        return self._schemes[currency]

    def _read(self, scheme: Scheme, request: SignWithdrawals | SignSweep) -> Reading:
        reading = scheme.read(request.unsigned)
        most = self._limits[request.unsigned.currency].fee_max
        if not 0 <= reading.fee <= most:
            raise Unsignable(f"a fee of {reading.fee} units is not from 0 to {most}")
        return reading

    def _check_ours(
        self,
        scheme: Scheme,
        reading: Reading,
        after: int,
        paths: Collection[KeyPath],
        *,
        cold: str | None,
    ) -> None:
        hot = {scheme.address(path) for path in paths if path.branch == CHANGE}
        for payout in reading.payouts[after:]:
            if payout.address not in hot and payout.address != cold:
                raise Unsignable(f"{payout.address} is not ours")

    def _new_entries(
        self, ids: Collection[int], unsigned: Unsigned, reading: Reading
    ) -> list[Entry]:
        """For those withdrawals that this transaction was not signed for yet, and for its fee as
        far as it is more than before: money can leave as fees as well."""
        now, currency = self._clock(), unsigned.currency
        limits = self._limits[currency]
        new = []
        day = self._memory.paid_since(now - DAY_MS, currency)
        for number, payout in zip(ids, reading.payouts, strict=False):
            before = self._memory.of(number)
            others = [entry for entry in before if entry.inputs.isdisjoint(reading.inputs)]
            if not all(_is_past(entry, now) for entry in others):
                raise Unsignable(f"withdrawal {number} has a transaction that could still happen")
            if payout.amount > limits.payment_max:
                raise Unsignable(f"withdrawal {number} is above the limit of one payment")
            day += 0 if before else payout.amount
            if all(entry.inputs != reading.inputs for entry in before):
                spent, expires = reading.inputs, unsigned.expires
                new.append(Entry(now, number, currency, payout.amount, spent, expires))
        more = Amount(reading.fee - self._memory.fee(reading.inputs))
        if more > 0:
            new.append(Entry(now, FEE, currency, more, reading.inputs))
            day += more
        if new and day > limits.day_max:
            raise Unsignable(f"the limit of {currency} for 24 hours is reached")
        return new


def _is_past(entry: Entry, now: TimeMs) -> bool:
    margin_ms = EXPIRED_MS.get(entry.currency)
    if margin_ms is None or entry.expires is None:
        return False
    return now > entry.expires * 1000 + margin_ms
