"""Payments from P2PKH outputs: how much they cost, and how they are signed."""

from collections.abc import Callable, Sequence
from typing import Final

from coincurve import PrivateKey
from msgspec.structs import replace

from coinport.model.units import Amount
from coinport.wallets.chain import Signed, Unsigned
from coinport.wallets.scripts import p2pkh_key_hash, pushed
from coinport.wallets.transactions import SIGHASH_ALL, Output, Transaction, decode

INPUT_BYTES: Final = 148
"""Of an input with its signature: 72 bytes at most, and a compressed key."""
_FRAME_BYTES = 16
"""Version, time, lock time, and the two counts."""
_AMOUNT_BYTES = 9
"""Of an output, besides its script."""

KeyOf = Callable[[bytes], PrivateKey | None]
"""The private key whose public key has this hash; None: not ours."""


class Unsignable(Exception):
    """A transaction that is not what it seems, or spends what is not ours; says which."""


def fee(inputs: int, outputs: Sequence[bytes], per_1000_bytes: Amount) -> Amount:
    """Of a transaction with these output scripts, rounded up."""
    size = _FRAME_BYTES + INPUT_BYTES * inputs
    size += sum(_AMOUNT_BYTES + len(script) for script in outputs)
    return Amount(-(-size * per_1000_bytes // 1000))


def spent(unsigned: Unsigned, *, timed: bool = False) -> tuple[Transaction, list[Output]]:
    """The transaction, and what each of its inputs spends, from the bytes alone.

    The amounts are sure: a transaction's id is the hash of its bytes. Raises Unsignable.
    """
    try:
        transaction = decode(bytes.fromhex(unsigned.blob), timed=timed)
        previous = [decode(bytes.fromhex(blob), timed=timed) for blob in unsigned.context]
    except ValueError as error:
        raise Unsignable(f"{unsigned.currency}: {error}") from error
    known = {one.txid: one.outputs for one in previous}
    outputs = []
    for at in transaction.inputs:
        before = known.get(at.outpoint.txid, ())
        if at.outpoint.vout >= len(before):
            raise Unsignable(f"what {at.outpoint} holds is not shown")
        outputs.append(before[at.outpoint.vout])
    return transaction, outputs


def sign(unsigned: Unsigned, key_of: KeyOf, *, timed: bool = False) -> Signed:
    """Raises Unsignable: an input is not P2PKH, or not ours."""
    transaction, outputs = spent(unsigned, timed=timed)
    inputs = tuple(
        replace(at, script=_unlocking(transaction, position, output, key_of))
        for position, (at, output) in enumerate(zip(transaction.inputs, outputs, strict=True))
    )
    done = replace(transaction, inputs=inputs)
    return Signed(
        currency=unsigned.currency,
        payouts=unsigned.payouts,
        inputs=unsigned.inputs,
        fee=unsigned.fee,
        blob=done.encode().hex(),
        txid=done.txid,
        since=unsigned.since,
        expires=unsigned.expires,
    )


def _unlocking(transaction: Transaction, position: int, output: Output, key_of: KeyOf) -> bytes:
    key_hash = p2pkh_key_hash(output.script)
    key = key_of(key_hash) if key_hash else None
    if key is None:
        raise Unsignable(f"{transaction.inputs[position].outpoint} is not ours to spend")
    signature = key.sign(transaction.digest(position, output.script), hasher=None)
    return pushed(signature + bytes([SIGHASH_ALL]), key.public_key.format())
