"""Rows show a user his own and nobody anything else."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from coinport.model.units import AccountId, Amount
from coinport.reserves.leaves import Holding, Leaves, leaf, snapshot_key, spread
from tests.reserves.exchange import AMOUNTS, holdings, salt

ACCOUNTS = st.dictionaries(
    st.integers(1_000_000_001, 2**62), st.integers(0, 2**54), min_size=0, max_size=40
)


def rows_found(leaves: Leaves, account: int, key: bytes, snapshot: int = 7) -> list[int]:
    """As a user finds himself in a published file with nothing but his uid and his key."""
    return [
        index
        for index, (row, amount) in enumerate(leaves.rows)
        if row == leaf(key, "BTC", snapshot, AccountId(account), index, amount)
    ]


@given(ACCOUNTS, st.integers(0, 2**32))
def test_every_user_finds_exactly_his_balance(amounts: dict[int, int], seed: int) -> None:
    leaves = spread("BTC", 7, holdings(amounts), Random(seed))
    assert sum(amount for _, amount in leaves.rows) == sum(amounts.values())
    for account, amount in amounts.items():
        found = rows_found(leaves, account, snapshot_key(salt(account), "BTC", 7))
        assert sum(leaves.rows[index][1] for index in found) == amount
        assert 2 <= len(found) <= 3
        assert [(account, index) for index in found] == [
            place for place in leaves.places if place[0] == account
        ]


@given(ACCOUNTS, st.integers(0, 2**32))
def test_rows_are_a_power_of_two_and_no_leaf_comes_twice(
    amounts: dict[int, int], seed: int
) -> None:
    rows = spread("BTC", 7, holdings(amounts), Random(seed)).rows
    assert len(rows).bit_count() == 1
    assert len({row for row, _ in rows}) == len(rows) < max(2, 6 * len(amounts))
    assert all(len(row) == 32 and amount >= 0 for row, amount in rows)


def test_the_same_dice_spread_the_same_way_and_others_do_not() -> None:
    first, again, other = (spread("BTC", 7, holdings(), Random(seed)) for seed in (1, 1, 2))
    assert first == again
    assert {amount for _, amount in first.rows} != {amount for _, amount in other.rows}
    assert first.places != other.places


def test_a_row_is_found_neither_with_the_key_of_another_snapshot_nor_by_another_user() -> None:
    account, other = list(AMOUNTS)[:2]
    leaves = spread("BTC", 7, holdings(), Random(1))
    key = snapshot_key(salt(account), "BTC", 7)
    assert rows_found(leaves, account, key)
    assert not rows_found(leaves, account, snapshot_key(salt(account), "BTC", 8))
    assert not rows_found(leaves, account, snapshot_key(salt(account), "LTC", 7))
    assert not rows_found(leaves, account, snapshot_key(salt(other), "BTC", 7))
    assert not rows_found(leaves, other, key), "nor if both were given the same key"


def test_two_users_with_the_same_balance_and_the_same_salt_have_rows_of_their_own() -> None:
    twins = [Holding(AccountId(account), Amount(5), bytes(32)) for account in (1, 2)]
    leaves = spread("BTC", 7, twins, Random(1))
    key = snapshot_key(bytes(32), "BTC", 7)
    assert sum(amount for _, amount in leaves.rows) == 10
    assert not set(rows_found(leaves, 1, key)) & set(rows_found(leaves, 2, key))
