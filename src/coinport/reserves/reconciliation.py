"""What holds between documents: a proof belongs to its snapshot, and what was owed before, with all
that came and went since, is what is owed after."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from coinport.reserves.documents import plain, units
from coinport.reserves.errors import ProofWrong
from coinport.reserves.proof import Proof
from coinport.reserves.snapshot_files import Snapshot
from coinport.reserves.transfer_files import Transfers, change


def together(documents: Sequence[Snapshot | Transfers | Proof]) -> Iterator[str]:
    """Says what fits; what has no counterpart here is passed over. Raises ProofWrong."""
    snapshots = {(one.currency, one.id): one for one in documents if isinstance(one, Snapshot)}
    for proof in documents:
        if isinstance(proof, Proof) and (proof.currency, proof.snapshot) in snapshots:
            yield belongs(proof, snapshots[proof.currency, proof.snapshot])
    for before, after in pairwise(snapshots[key] for key in sorted(snapshots)):
        if files := _between(before, documents, after):
            yield reconcile(before, files, after)


def belongs(proof: Proof, snapshot: Snapshot) -> str:
    """Raises ProofWrong."""
    same = units(proof.total, proof.decimals) == units(snapshot.total, snapshot.decimals)
    if not same or (proof.root, proof.decimals) != (snapshot.root, snapshot.decimals):
        raise ProofWrong(f"the proof of uid {proof.uid} is not of snapshot-{snapshot.id}.json")
    return f"The proof of uid {proof.uid} is of snapshot-{snapshot.id}.json"


def reconcile(before: Snapshot, files: Sequence[Transfers], after: Snapshot) -> str:
    """`files` lead from one to the other. Raises ProofWrong."""
    what = f"{before.currency} snapshots {before.id} and {after.id}"
    if {before.decimals, *(file.decimals for file in files)} != {after.decimals}:
        raise ProofWrong(f"{what}, or a file between them, have other decimals")
    at, owed = before.sequence, units(before.total, before.decimals)
    for file in files:
        if file.from_sequence != at:
            raise ProofWrong(f"{what}: no transfer file goes on from sequence {at}")
        at, owed = file.to_sequence, owed + change(file)
    if at != after.sequence:
        raise ProofWrong(f"{what}: the transfer files between them end at sequence {at}")
    total = units(after.total, after.decimals)
    if owed != total:
        raise ProofWrong(f"{what}: the files between them leave {owed} units owed, not {total}")
    return f"{what} fit, by {len(files)} transfer files: {plain(after.total)} owed"


def _between(
    before: Snapshot, documents: Sequence[Snapshot | Transfers | Proof], after: Snapshot
) -> list[Transfers]:
    files = [
        one
        for one in documents
        if isinstance(one, Transfers)
        and before.currency == one.currency == after.currency
        and before.sequence <= one.from_sequence
        and one.to_sequence <= after.sequence
    ]
    return sorted(files, key=lambda file: (file.from_sequence, file.to_sequence, file.id))
