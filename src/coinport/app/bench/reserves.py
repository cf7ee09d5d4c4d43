"""`coinport bench reserves`: a proof of what is owed to many users, made, checked, and shown to
one."""

import random
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from coinport.app.bench.report import Figure, Report, conditions
from coinport.model.listings import Currency, CurrencyKind
from coinport.model.units import ACCOUNT_FIRST, AccountId, Amount, CurrencyId, Sequence, TimeMs
from coinport.reserves.catalog import Catalog
from coinport.reserves.leaves import Holding
from coinport.reserves.proof import Proof, prove, verify_proof
from coinport.reserves.publishing import SnapshotOrder, publish_snapshot
from coinport.reserves.verification import verify

PROOFS: Final = 1_000
T = TypeVar("T")

BTC: Final = Currency(CurrencyId(1), "BTC", 8, CurrencyKind.CHAIN)


def bench_reserves(users: int) -> Report:
    dice = random.Random(1)  # noqa: S311, a benchmark must repeat itself
    holdings = [
        Holding(AccountId(ACCOUNT_FIRST + user), Amount(dice.randrange(10**11)), dice.randbytes(32))
        for user in range(users)
    ]
    order = SnapshotOrder(
        currency=BTC, id=1, timestamp=TimeMs(1), sequence=Sequence(1), holdings=holdings
    )
    with tempfile.TemporaryDirectory(prefix="coinport-bench-") as name:
        data = Path(name)
        file, built = _timed(lambda: publish_snapshot(data, order))
        path = Catalog(data).path(file)
        _, verified = _timed(lambda: list(verify([path])))
        asking = dice.choices(holdings, k=PROOFS)
        proofs, proved = _timed(lambda: [_proof(data, holding) for holding in asking])
        _, checked = _timed(lambda: deque(map(verify_proof, proofs), maxlen=0))
    return Report(
        "reserves",
        conditions(users=users, proofs=PROOFS, directory="temporary"),
        [
            Figure("snapshot published", built, "s"),
            Figure("its file", file.size_bytes / 1e6, "MB"),
            Figure("the file verified", verified, "s"),
            Figure("a user's proof made", proved / PROOFS * 1000, "ms"),
            Figure("a user's proof checked", checked / PROOFS * 1000, "ms"),
        ],
    )


def _proof(data: Path, holding: Holding) -> Proof:
    proof = prove(data, BTC.symbol, BTC.decimals, 1, holding.account, holding.salt)
    assert proof is not None
    return proof


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started
