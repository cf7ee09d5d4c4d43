"""A small exchange that publishes: five users, one with nothing and one with one unit."""

import hashlib
from pathlib import Path
from random import Random

from coinport.model.listings import Currency, CurrencyKind
from coinport.model.units import AccountId, Amount, CurrencyId, Sequence, TimeMs
from coinport.reserves.catalog import Published
from coinport.reserves.layout import published_in
from coinport.reserves.leaves import Holding
from coinport.reserves.publishing import (
    Movement,
    SnapshotOrder,
    TransfersOrder,
    publish_snapshot,
    publish_transfers,
)

BTC = Currency(CurrencyId(1), "BTC", 8, CurrencyKind.CHAIN)
WHOLE = Currency(CurrencyId(1), "BTC", 0, CurrencyKind.CHAIN)
"""Whose amounts are integers in JSON, so that a test can change them and nothing else."""
CNY = Currency(CurrencyId(2), "CNY", 8, CurrencyKind.FIAT)
NOW = TimeMs(1_700_000_000_000)
ALICE, NOBODY = AccountId(1_000_000_001), AccountId(1_000_000_009)
AMOUNTS = {
    ALICE: 123_456_789,
    1_000_000_002: 0,
    1_000_000_003: 1,
    1_000_000_004: 7,
    1_000_000_005: 10**15,
}


def salt(account: int) -> bytes:
    return hashlib.sha256(b"%d" % account).digest()


def holdings(amounts: dict[int, int] | None = None) -> list[Holding]:
    return [
        Holding(AccountId(account), Amount(amount), salt(account))
        for account, amount in (AMOUNTS if amounts is None else amounts).items()
    ]


def snapshot(
    data: Path,
    id: int = 1,
    sequence: int = 100,
    amounts: dict[int, int] | None = None,
    currency: Currency = BTC,
) -> Path:
    """Published; the path of its file."""
    order = snapshot_order(id, sequence, amounts, currency)
    return path_of(data, publish_snapshot(data, order, Random(id)))


def snapshot_order(
    id: int,
    sequence: int = 100,
    amounts: dict[int, int] | None = None,
    currency: Currency = BTC,
) -> SnapshotOrder:
    return SnapshotOrder(
        currency=currency,
        id=id,
        timestamp=NOW,
        sequence=Sequence(sequence),
        holdings=holdings(amounts),
        height=800_000,
        block_hash="00" * 32,
    )


def transfers(
    data: Path,
    id: int,
    between: tuple[int, int],
    movements: list[Movement],
    fees: int = 0,
    currency: Currency = BTC,
) -> Path:
    order = TransfersOrder(
        currency=currency,
        id=id,
        timestamp=NOW,
        from_sequence=Sequence(between[0]),
        to_sequence=Sequence(between[1]),
        trading_fees=Amount(fees),
        movements=movements,
    )
    return path_of(data, publish_transfers(data, order))


def moved(
    kind: str, amount: int, sequence: int, fee: int = 0, status: str = "Succeeded"
) -> Movement:
    return Movement(
        id=1_000_000_000_000 + sequence,
        type=kind,  # type: ignore[arg-type]
        amount=Amount(amount),
        fee=Amount(fee),
        status=status,
        created=TimeMs(NOW - 1000),
        updated=NOW,
        sequence=Sequence(sequence),
        txid="ab" * 32,
        address="LTaaHE4JpeMFuexYZi19wJxbWqcHAC4DFp",
    )


def path_of(data: Path, file: Published) -> Path:
    return published_in(data) / file.currency / file.name
