"""Publishing: files are made whole, signed, chained to the one before, and never changed again.

A snapshot of many users takes seconds of computing: an exchange has a process of its own for it.
"""

import hashlib
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from coinport.journal.disk import Disk, create_directory, create_file
from coinport.model.listings import Currency, CurrencyKind
from coinport.model.units import Amount, Sequence, TimeMs
from coinport.reserves.catalog import Published
from coinport.reserves.documents import body, figure
from coinport.reserves.errors import PublishingFailed
from coinport.reserves.layout import Kind, file_name, key_path, published, published_in, tree_path
from coinport.reserves.leaves import Holding, spread
from coinport.reserves.merkle import build, node_hash, node_sum
from coinport.reserves.signatures import public_text, sealed, signing_key
from coinport.reserves.snapshot_files import Snapshot
from coinport.reserves.transfer_files import SUCCEEDED, TransferRow, Transfers, TransferType
from coinport.reserves.tree_files import tree_file

_CHUNK_BYTES: Final = 256 * 1024


class SnapshotOrder(Struct, frozen=True, kw_only=True):
    """What a snapshot is made of."""

    currency: Currency
    id: int
    """Above those of all that is published."""
    timestamp: TimeMs
    sequence: Sequence
    """The position of the journal at which the holdings were taken."""
    holdings: list[Holding]
    height: int | None = None
    block_hash: str | None = None


class Movement(Struct, frozen=True, kw_only=True):
    """A row of a transfer file, see `TransferRow`."""

    id: int
    type: TransferType
    amount: Amount
    fee: Amount = Amount(0)
    status: str = SUCCEEDED
    created: TimeMs
    updated: TimeMs
    sequence: Sequence
    txid: str = ""
    address: str = ""


class TransfersOrder(Struct, frozen=True, kw_only=True):
    """What a transfer file is made of."""

    currency: Currency
    id: int
    timestamp: TimeMs
    from_sequence: Sequence
    to_sequence: Sequence
    trading_fees: Amount
    movements: list[Movement]
    """By sequence."""


def publish_snapshot(data: Path, order: SnapshotOrder, dice: Random | None = None) -> Published:
    """Durable when it returns. Raises PublishingFailed, OSError."""
    symbol, decimals = order.currency.symbol, order.currency.decimals
    previous = _previous(data, symbol, Kind.SNAPSHOT, order.id)
    key = signing_key(key_path(data))
    leaves = spread(symbol, order.id, order.holdings, dice or SystemRandom())
    tree = build(leaves.rows)
    snapshot = Snapshot(
        id=order.id,
        currency=symbol,
        decimals=decimals,
        timestamp=order.timestamp,
        sequence=order.sequence,
        total=figure(node_sum(tree.root), decimals),
        root=node_hash(tree.root).hex(),
        height=order.height,
        block_hash=order.block_hash,
        previous=previous,
        public_key=public_text(key),
        balances=[(leaf.hex(), figure(amount, decimals)) for leaf, amount in leaves.rows],
    )
    # Before the snapshot shows: whoever sees it can ask for his proof.
    _create(tree_path(data, symbol, order.id), tree_file(leaves.places, tree))
    return _publish(data, Kind.SNAPSHOT, snapshot, key)


def publish_transfers(data: Path, order: TransfersOrder) -> Published:
    """Durable when it returns. Addresses are left out where the currency is on no chain: there they
    are people's bank accounts. Raises PublishingFailed, OSError."""
    symbol, decimals = order.currency.symbol, order.currency.decimals
    previous = _previous(data, symbol, Kind.TRANSFER, order.id)
    key = signing_key(key_path(data))
    rows = [_row(movement, order.currency) for movement in order.movements]
    transfers = Transfers(
        id=order.id,
        currency=symbol,
        decimals=decimals,
        timestamp=order.timestamp,
        first=rows[0].id if rows else 0,
        last=rows[-1].id if rows else 0,
        from_sequence=order.from_sequence,
        to_sequence=order.to_sequence,
        trading_fees=figure(order.trading_fees, decimals),
        previous=previous,
        public_key=public_text(key),
        transfers=rows,
    )
    return _publish(data, Kind.TRANSFER, transfers, key)


def _row(movement: Movement, currency: Currency) -> TransferRow:
    fields = msgspec.structs.asdict(movement)
    fields["amount"] = figure(movement.amount, currency.decimals)
    fields["fee"] = figure(movement.fee, currency.decimals)
    if currency.kind is not CurrencyKind.CHAIN:
        fields["address"] = ""
    return TransferRow(**fields)


def _previous(data: Path, currency: str, kind: Kind, id: int) -> str:
    """SHA-256 of the newest file; empty where `id` is the first. Raises PublishingFailed."""
    files = published(published_in(data) / currency, kind)
    if not files:
        return ""
    newest, path = files[-1]
    if newest >= id:
        raise PublishingFailed(f"{path} is published already: the next id is {newest + 1}")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _publish(
    data: Path, kind: Kind, document: Snapshot | Transfers, key: Ed25519PrivateKey
) -> Published:
    content = sealed(body(document), key)
    path = published_in(data) / document.currency / file_name(kind, document.id)
    _create(path, content)
    return Published(kind, document.currency, document.id, document.timestamp, len(content))


def _create(path: Path, content: bytes) -> None:
    disk = _GentleDisk()
    create_directory(disk, path.parent)
    create_file(disk, path, content, len(content))


class _GentleDisk(Disk):
    """Little by little: the journal's syncs wait for whatever else is on its way to the disk."""

    def write(self, file: int, data: bytes, offset: int) -> int:
        written = super().write(file, data[:_CHUNK_BYTES], offset)
        self.sync(file)
        return written
