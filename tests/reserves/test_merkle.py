"""The tree commits to every amount and to what they add up to, and nobody can be shown another."""

from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coinport.reserves.errors import ProofWrong
from coinport.reserves.merkle import (
    NODE_BYTES,
    SUM_MAX,
    Row,
    Tree,
    build,
    climb,
    inner_node,
    leaf_node,
    node_sum,
)


def rows(*amounts: int) -> list[Row]:
    return [(sha256(b"%d" % index).digest(), amount) for index, amount in enumerate(amounts)]


@st.composite
def trees(draw: st.DrawFn) -> list[Row]:
    size = 1 << draw(st.integers(0, 6))
    return rows(*draw(st.lists(st.integers(0, 2**56), min_size=size, max_size=size)))


@given(trees())
def test_every_leaf_leads_to_the_root_whose_sum_is_that_of_all(leaves: list[Row]) -> None:
    tree = build(leaves)
    assert node_sum(tree.root) == sum(amount for _, amount in leaves)
    for index, row in enumerate(leaves):
        assert tree.leaf(index) == leaf_node(*row)
        assert climb(index, tree.leaf(index), tree.path(index)) == tree.root


@given(trees(), st.data())
def test_a_leaf_elsewhere_or_with_another_amount_leads_elsewhere(
    leaves: list[Row], data: st.DataObject
) -> None:
    tree = build(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    leaf, amount = leaves[index]
    path = tree.path(index)
    assert climb(index, leaf_node(leaf, amount + 1), path) != tree.root
    for elsewhere in range(len(leaves)):
        if elsewhere != index:
            assert climb(elsewhere, leaf_node(leaf, amount), path) != tree.root
    with pytest.raises(ProofWrong, match="outside"):
        climb(index + len(leaves), tree.leaf(index), path)


@given(trees(), st.data())
def test_every_flipped_bit_of_a_sibling_leads_elsewhere(
    leaves: list[Row], data: st.DataObject
) -> None:
    tree = build(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = tree.path(index)
    if path:
        level = data.draw(st.integers(0, len(path) - 1))
        bit = data.draw(st.integers(0, 8 * NODE_BYTES - 1))
        flipped = bytearray(path[level])
        flipped[bit // 8] ^= 1 << bit % 8
        path[level] = bytes(flipped)
        with suppress(ProofWrong):  # the sum is out of bounds
            assert climb(index, tree.leaf(index), path) != tree.root


def test_a_leaf_cannot_pass_for_an_inner_node() -> None:
    left, right = (leaf_node(*row) for row in rows(1, 2))
    inner = inner_node(left, right)
    assert leaf_node(inner[:32], 3) != inner
    assert sha256(left + right).digest() != inner[:32]  # neither without its mark


@pytest.mark.parametrize("amount", [-1, SUM_MAX + 1, 2**64])
def test_an_amount_out_of_bounds_is_refused(amount: int) -> None:
    with pytest.raises(ProofWrong):
        build(rows(amount))


def test_a_sum_out_of_bounds_is_refused() -> None:
    assert node_sum(build(rows(SUM_MAX, 0)).root) == SUM_MAX
    with pytest.raises(ProofWrong, match="sum"):
        build(rows(SUM_MAX, 1))
    with pytest.raises(ProofWrong, match="sum"):
        climb(0, leaf_node(*rows(1)[0]), [bytes(32) + b"\xff" * 8])


@pytest.mark.parametrize("count", [0, 3, 6, 7])
def test_a_number_of_rows_that_is_no_power_of_two_is_refused(count: int) -> None:
    with pytest.raises(ProofWrong, match="power of two"):
        build(rows(*[1] * count))


def test_a_tree_can_stand_behind_other_things_in_a_buffer() -> None:
    tree = build(rows(5, 6, 7, 8))
    moved = Tree(b"in front" + tree.nodes, start=8)
    assert (moved.root, moved.path(2), moved.nodes) == (tree.root, tree.path(2), tree.nodes)


# The attack on trees whose hash covers only what the sums below it add up to (eprint 2018/1139):
# two users with 10 and 1000 are both convinced, and yet only 1000 are owed.

ALICE, BOB = (leaf_node(*row) for row in rows(10, 1000))


def naive_node(left: bytes, right: bytes) -> bytes:
    total = (node_sum(left) + node_sum(right)).to_bytes(8, "big")
    return sha256(total + left[:32] + right[:32]).digest() + total


def claimed(node: bytes, amount: int) -> bytes:
    return node[:32] + amount.to_bytes(8, "big")


def test_the_naive_tree_convinces_both_of_a_total_that_is_too_small() -> None:
    shown_to_alice = naive_node(ALICE, claimed(BOB, 990))
    shown_to_bob = naive_node(claimed(ALICE, 0), BOB)
    assert shown_to_alice == shown_to_bob
    assert node_sum(shown_to_bob) == 1000 < 10 + 1000


@given(st.integers(0, 1009), st.data())
def test_this_tree_convinces_both_of_nothing_less_than_their_sum(
    total: int, data: st.DataObject
) -> None:
    of_alice = data.draw(st.integers(0, total))
    root = inner_node(claimed(ALICE, of_alice), claimed(BOB, total - of_alice))
    beside_alice, beside_bob = claimed(BOB, total - of_alice), claimed(ALICE, of_alice)
    convinced = climb(0, ALICE, [beside_alice]) == root and climb(1, BOB, [beside_bob]) == root
    assert not convinced
