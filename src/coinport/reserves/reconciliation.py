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
    """Says what fits, and which snapshots nothing leads between. Raises ProofWrong."""
    for currency in sorted({one.currency for one in documents}):
        ours = [one for one in documents if one.currency == currency]
        snapshots = sorted((one for one in ours if isinstance(one, Snapshot)), key=lambda s: s.id)
        transfers = sorted((one for one in ours if isinstance(one, Transfers)), key=lambda t: t.id)
        for proof in ours:
            if isinstance(proof, Proof) and snapshots:
                yield belongs(proof, snapshots)
        for before, after in pairwise(transfers):
            if before.to_sequence != after.from_sequence:
                between = f"{currency} transfer files {before.id} and {after.id}"
                raise ProofWrong(f"there is a gap or an overlap between {between}")
        for earlier, later in pairwise(snapshots):
            yield reconcile(earlier, _between(earlier, transfers, later), later)


def belongs(proof: Proof, snapshots: Sequence[Snapshot]) -> str:
    """To one of its currency's `snapshots`. Raises ProofWrong."""
    snapshot = next((one for one in snapshots if one.id == proof.snapshot), None)
    whose = f"the proof of uid {proof.uid}"
    if snapshot is None:
        raise ProofWrong(f"{whose} is not of any {proof.currency} snapshot given")
    same = units(proof.total, proof.decimals) == units(snapshot.total, snapshot.decimals)
    if not same or (proof.root, proof.decimals) != (snapshot.root, snapshot.decimals):
        raise ProofWrong(f"{whose} is not of snapshot-{snapshot.id}.json")
    return f"The proof of uid {proof.uid} is of snapshot-{snapshot.id}.json"


def reconcile(before: Snapshot, files: Sequence[Transfers], after: Snapshot) -> str:
    """`files`, each going on where the one before it ends, are all that lie between the two.
    Raises ProofWrong."""
    what = f"{before.currency} snapshots {before.id} and {after.id}"
    span = (before.sequence, after.sequence)
    if before.id == after.id:
        raise ProofWrong(f"{before.currency} snapshot {before.id} is given twice")
    if before.sequence > after.sequence:
        raise ProofWrong(f"{what}: the second was taken before the first")
    if not files and before.sequence < after.sequence:
        return f"{what} were NOT reconciled: no transfer file between them is given"
    if {before.decimals, *(file.decimals for file in files)} != {after.decimals}:
        raise ProofWrong(f"{what}, or a file between them, have other decimals")
    ends = (files[0].from_sequence, files[-1].to_sequence) if files else span
    if ends != span:
        lead = f"{ends[0]} to {ends[1]}, not from {span[0]} to {span[1]}"
        raise ProofWrong(f"{what}: the transfer files between them lead from sequence {lead}")
    owed = units(before.total, before.decimals) + sum(map(change, files))
    total = units(after.total, after.decimals)
    if owed != total:
        raise ProofWrong(f"{what}: the files between them leave {owed} units owed, not {total}")
    return f"{what} fit, by {len(files)} transfer files: {plain(after.total)} owed"


def _between(
    before: Snapshot, transfers: Sequence[Transfers], after: Snapshot
) -> Sequence[Transfers]:
    """Those that have any part in it, so that one that does not fit is not passed over."""
    return [
        file
        for file in transfers
        if file.from_sequence < after.sequence and before.sequence < file.to_sequence
    ]
