"""A user's proof: his rows of a snapshot, and the way from each of them to its root."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from msgspec import Raw, Struct

from coinport.model.units import AccountId
from coinport.reserves.documents import figure, unhex, units
from coinport.reserves.errors import ProofWrong
from coinport.reserves.layout import tree_path
from coinport.reserves.leaves import KEY_BYTES, leaf, snapshot_key
from coinport.reserves.merkle import HASH_BYTES, climb, leaf_node, node_hash, node_sum
from coinport.reserves.tree_files import open_tree


class ProofLeaf(Struct, frozen=True, forbid_unknown_fields=True):
    index: int
    """From the left; the row of the published file that it is."""
    amount: Raw
    path: list[tuple[str, Raw]]
    """Hash and sum of each sibling, from the bottom up."""


class Proof(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["coinport-proof-v1"] = "coinport-proof-v1"
    currency: str
    decimals: int
    snapshot: int
    uid: AccountId
    key: str
    """The user's of this snapshot. Whoever has it can find his rows in it, and nowhere else."""
    balance: Raw
    leaves: list[ProofLeaf]
    """By index."""
    root: str
    """As in the published file..."""
    total: Raw
    """...which others must be shown as well."""


def prove(
    data: Path,
    currency: str,
    decimals: int,
    snapshot: int,
    account: AccountId,
    salt: bytes,
    figure: Callable[[int, int], Raw] = figure,
) -> Proof | None:
    """None where the account has no rows in that snapshot. `figure(units, decimals)` is how amounts
    are written. Raises FileNotFoundError: there is no such snapshot, or its tree file is gone."""
    with open_tree(tree_path(data, currency, snapshot)) as file:
        indices, tree = file.indices(account), file.tree
        if not indices:
            return None
        amounts = [node_sum(tree.leaf(index)) for index in indices]
        paths = [
            [(node_hash(node).hex(), figure(node_sum(node), decimals)) for node in tree.path(index)]
            for index in indices
        ]
        return Proof(
            currency=currency,
            decimals=decimals,
            snapshot=snapshot,
            uid=account,
            key=snapshot_key(salt, currency, snapshot).hex(),
            balance=figure(sum(amounts), decimals),
            leaves=[
                ProofLeaf(index, figure(amount, decimals), path)
                for index, amount, path in zip(indices, amounts, paths, strict=True)
            ],
            root=node_hash(tree.root).hex(),
            total=figure(node_sum(tree.root), decimals),
        )


def verify_proof(proof: Proof) -> None:
    """That `balance` is part of `total` under `root`; whether it is what the exchange owes him only
    the user knows. Raises ProofWrong."""
    decimals, key = proof.decimals, unhex(proof.key, KEY_BYTES)
    root = unhex(proof.root, HASH_BYTES) + units(proof.total, decimals).to_bytes(8, "big")
    indices = [part.index for part in proof.leaves]
    if not indices or indices != sorted(set(indices)):
        raise ProofWrong("it has no rows, or one of them twice")
    if len({len(part.path) for part in proof.leaves}) != 1:
        raise ProofWrong("its rows are not of one tree")
    balance = 0
    for part in proof.leaves:
        amount = units(part.amount, decimals)
        row = leaf(key, proof.currency, proof.snapshot, proof.uid, part.index, amount)
        path = [
            unhex(hash, HASH_BYTES) + units(total, decimals).to_bytes(8, "big")
            for hash, total in part.path
        ]
        if climb(part.index, leaf_node(row, amount), path) != root:
            raise ProofWrong(f"row {part.index} is not under the root, or not of this user")
        balance += amount
    if balance != units(proof.balance, decimals):
        raise ProofWrong("its rows are not the balance")
