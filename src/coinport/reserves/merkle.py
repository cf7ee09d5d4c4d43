"""A Merkle-sum tree: one hash that commits to a list of amounts and to what they add up to.

A node is 40 bytes, a hash and a sum (big-endian, as all numbers here):

    leaf    SHA-256(0x00 | leaf, 32 bytes | amount, 8 bytes) | amount
    inner   SHA-256(0x01 | left node | right node)           | left sum + right sum

An inner hash covers both sums below it. If it covered only what they add up to, each user could be
shown another split of it, and the root would commit to less than is owed (eprint 2018/1139).
"""

from collections.abc import Iterable
from hashlib import sha256
from mmap import mmap
from typing import Final, TypeAlias

from coinport.reserves.errors import ProofWrong

SUM_MAX: Final = 2**63 - 1
"""Of an amount and of any sum of them."""
LEAF_BYTES: Final = 32
HASH_BYTES: Final = 32
NODE_BYTES: Final = HASH_BYTES + 8

Row: TypeAlias = tuple[bytes, int]
"""A leaf and its amount, in smallest units."""


class Tree:
    """All nodes from `start` to the end of `content`: the leaves from left to right, then level by
    level what is above them, the root last."""

    __slots__ = ("_content", "_leaves", "_start")

    def __init__(self, content: bytes | mmap, start: int = 0) -> None:
        self._content = content
        self._start = start
        self._leaves = ((len(content) - start) // NODE_BYTES + 1) // 2

    @property
    def root(self) -> bytes:
        return self._content[-NODE_BYTES:]

    @property
    def nodes(self) -> bytes:
        return self._content[self._start :]

    def leaf(self, index: int) -> bytes:
        return self._node(index)

    def path(self, index: int) -> list[bytes]:
        """The siblings of leaf `index` and of what is above it, from the bottom up."""
        path, level, width = [], 0, self._leaves
        while width > 1:
            path.append(self._node(level + (index ^ 1)))
            level, width, index = level + width, width // 2, index // 2
        return path

    def _node(self, number: int) -> bytes:
        at = self._start + number * NODE_BYTES
        return self._content[at : at + NODE_BYTES]


def build(rows: Iterable[Row]) -> Tree:
    """Raises ProofWrong: not 2**k rows, or an amount or a sum out of bounds."""
    level = [leaf_node(leaf, amount) for leaf, amount in rows]
    if not level or len(level) & (len(level) - 1):
        raise ProofWrong(f"{len(level)} rows are not a power of two")
    nodes = level.copy()
    while len(level) > 1:
        level = [inner_node(*pair) for pair in zip(level[::2], level[1::2], strict=True)]
        nodes += level
    return Tree(b"".join(nodes))


def climb(index: int, node: bytes, path: Iterable[bytes]) -> bytes:
    """The root above `node`, the leaf at `index`, by its siblings. Raises ProofWrong."""
    for sibling in path:
        pair = (sibling, node) if index & 1 else (node, sibling)
        node, index = inner_node(*pair), index >> 1
    if index:
        raise ProofWrong("a leaf stands outside of its tree")
    return node


def leaf_node(leaf: bytes, amount: int) -> bytes:
    if len(leaf) != LEAF_BYTES or not 0 <= amount <= SUM_MAX:
        raise ProofWrong(f"a leaf of {len(leaf)} bytes or an amount of {amount} units")
    units = amount.to_bytes(8, "big")
    return sha256(b"\x00" + leaf + units).digest() + units


def inner_node(left: bytes, right: bytes) -> bytes:
    total = node_sum(left) + node_sum(right)
    if total > SUM_MAX or len(left) != NODE_BYTES or len(right) != NODE_BYTES:
        raise ProofWrong(f"a sum of {total} units, or a node of a wrong size")
    return sha256(b"\x01" + left + right).digest() + total.to_bytes(8, "big")


def node_hash(node: bytes) -> bytes:
    return node[:HASH_BYTES]


def node_sum(node: bytes) -> int:
    return int.from_bytes(node[HASH_BYTES:], "big")
