"""Transactions of Bitcoin's family as bytes: read, written, and what a signature of one signs.

Ours spend P2PKH outputs only, so they have no witness; those of others, whose outputs we spend,
may have one, and on Litecoin they may carry something into MWEB as well. Both are left out, as they
are where a transaction id is made.
"""

from io import BytesIO
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from coinport.model.units import Amount
from coinport.wallets.hashes import sha256d

SIGHASH_ALL: Final = 1
_SEQUENCE_FINAL = 0xFFFF_FFFF
_WITNESS = 1
_MWEB = 8
"""Litecoin's flag of a transaction that carries MWEB data, which stands before the lock time."""
_LOCKTIME_BYTES = 4


class Outpoint(Struct, frozen=True, order=True):
    txid: str
    vout: int

    def __str__(self) -> str:
        return f"{self.txid}:{self.vout}"


class Input(Struct, frozen=True):
    outpoint: Outpoint
    script: bytes = b""
    sequence: int = _SEQUENCE_FINAL


class Output(Struct, frozen=True):
    amount: Amount
    script: bytes


class Transaction(Struct, frozen=True):
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    version: int = 1
    time: int | None = None
    """Seconds: proof-of-stake currencies (BLK, VRC) have it in every transaction."""
    locktime: int = 0

    def encode(self) -> bytes:
        parts = [self.version.to_bytes(4, "little")]
        if self.time is not None:
            parts.append(self.time.to_bytes(4, "little"))
        parts.append(compact_size(len(self.inputs)))
        for spent in self.inputs:
            parts += [
                bytes.fromhex(spent.outpoint.txid)[::-1],
                spent.outpoint.vout.to_bytes(4, "little"),
                compact_size(len(spent.script)) + spent.script,
                spent.sequence.to_bytes(4, "little"),
            ]
        parts.append(compact_size(len(self.outputs)))
        for output in self.outputs:
            parts.append(output.amount.to_bytes(8, "little"))
            parts.append(compact_size(len(output.script)) + output.script)
        parts.append(self.locktime.to_bytes(4, "little"))
        return b"".join(parts)

    @property
    def txid(self) -> str:
        return sha256d(self.encode())[::-1].hex()

    def digest(self, position: int, script: bytes) -> bytes:
        """What the signature of the input at `position` signs; `script` is what it spends."""
        inputs = tuple(
            replace(spent, script=script if at == position else b"")
            for at, spent in enumerate(self.inputs)
        )
        kind = SIGHASH_ALL.to_bytes(4, "little")
        return sha256d(replace(self, inputs=inputs).encode() + kind)


def decode(data: bytes, *, timed: bool = False) -> Transaction:
    """`timed`: of a currency whose transactions have a time. Raises ValueError."""
    reader = _Reader(data)
    version = reader.number(4)
    time = reader.number(4) if timed else None
    flag = 0
    count = reader.size()
    if count == 0:  # no inputs: the mark of what carries a witness
        flag = reader.number(1)
        count = reader.size()
    if flag & ~(_WITNESS | _MWEB):
        raise ValueError("a transaction of an unknown kind")
    inputs = tuple(_input(reader) for _ in range(count))
    outputs = tuple(
        Output(Amount(reader.number(8)), reader.take(reader.size())) for _ in range(reader.size())
    )
    if flag & _WITNESS:
        _skip_witnesses(reader, len(inputs))
    if flag & _MWEB:
        reader.skip_all_but(_LOCKTIME_BYTES)
    transaction = Transaction(inputs, outputs, version, time, reader.number(_LOCKTIME_BYTES))
    if reader.rest():
        raise ValueError("a transaction with something behind it")
    return transaction


def compact_size(size: int) -> bytes:
    for mark, limit, length in ((b"", 0xFD, 1), (b"\xfd", 1 << 16, 2), (b"\xfe", 1 << 32, 4)):
        if size < limit:
            return mark + size.to_bytes(length, "little")
    raise ValueError("too long for any block")


def _input(reader: "_Reader") -> Input:
    outpoint = Outpoint(reader.take(32)[::-1].hex(), reader.number(4))
    return Input(outpoint, reader.take(reader.size()), reader.number(4))


def _skip_witnesses(reader: "_Reader", inputs: int) -> None:
    for _ in range(inputs):
        for _ in range(reader.size()):
            reader.take(reader.size())


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = BytesIO(data)

    def take(self, count: int) -> bytes:
        taken = self._data.read(count)
        if len(taken) != count:
            raise ValueError("a transaction that ends too early")
        return taken

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "little")

    def size(self) -> int:
        first = self.number(1)
        return first if first < 0xFD else self.number({0xFD: 2, 0xFE: 4, 0xFF: 8}[first])

    def skip_all_but(self, count: int) -> None:
        self._data = BytesIO(self.rest()[-count:])

    def rest(self) -> bytes:
        return self._data.read()
