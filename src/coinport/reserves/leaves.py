"""Leaves: how balances become rows that tell a user his own and nobody else's.

Each balance is split into two or three random parts, all parts are shuffled and filled up with
zeros to a power of two: the rows show neither balances nor how many users there are. A row's leaf
names its owner only to who holds his key of this snapshot:

    key    HMAC-SHA256(salt, "coinport-pol-v1 key CURRENCY SNAPSHOT")
    leaf   HMAC-SHA256(key, "coinport-pol-v1 leaf CURRENCY SNAPSHOT UID INDEX UNITS")

The salt is the user's for all time, the key opens one snapshot: that one he can show to others. The
uid in the leaf keeps two users from being shown the same row as theirs.
"""

import hmac
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Final

from msgspec import Struct

from coinport.model.units import AccountId, Amount
from coinport.reserves.merkle import LEAF_BYTES, Row

SALT_BYTES_MIN: Final = 16
KEY_BYTES: Final = 32


class Holding(Struct, frozen=True, array_like=True, gc=False):
    """What one user has, held and pending money included."""

    account: AccountId
    amount: Amount
    salt: bytes
    """Random, known to the exchange and to him."""


class Leaves(Struct, frozen=True):
    rows: list[Row]
    places: list[tuple[AccountId, int]]
    """Account and index of every row that is somebody's, sorted."""


def spread(currency: str, snapshot: int, holdings: Sequence[Holding], dice: Random) -> Leaves:
    """An account has one holding; with nothing in it, it has rows of nothing."""
    keys = [snapshot_key(holding.salt, currency, snapshot) for holding in holdings]
    parts = [
        (owner, part)
        for owner, holding in enumerate(holdings)
        for part in _split(holding.amount, dice)
    ]
    parts += [(_NOBODY, 0)] * (_power_of_two(len(parts)) - len(parts))
    dice.shuffle(parts)
    rows, places = [], []
    for index, (owner, amount) in enumerate(parts):
        if owner == _NOBODY:
            rows.append((dice.randbytes(LEAF_BYTES), 0))
        else:
            account = holdings[owner].account
            rows.append((leaf(keys[owner], currency, snapshot, account, index, amount), amount))
            places.append((account, index))
    return Leaves(rows, sorted(places))


def snapshot_key(salt: bytes, currency: str, snapshot: int) -> bytes:
    """What shows a user his rows of one snapshot, and no more."""
    assert len(salt) >= SALT_BYTES_MIN
    return hmac.digest(salt, f"coinport-pol-v1 key {currency} {snapshot}".encode(), "sha256")


def leaf(
    key: bytes, currency: str, snapshot: int, account: AccountId, index: int, amount: int
) -> bytes:
    text = f"coinport-pol-v1 leaf {currency} {snapshot} {account} {index} {amount}"
    return hmac.digest(key, text.encode(), "sha256")


_NOBODY = -1


def _split(amount: int, dice: Random) -> list[int]:
    cuts = sorted(dice.randint(0, amount) for _ in range(dice.choice((1, 2))))
    return [after - before for before, after in pairwise([0, *cuts, amount])]


def _power_of_two(least: int) -> int:
    return 1 << max(least - 1, 0).bit_length()
