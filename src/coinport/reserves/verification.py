"""Verification of published files: all that anybody can check without asking the exchange."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

import msgspec
from msgspec import Raw, Struct

from coinport.reserves.distribution import Distribution, Proves, check
from coinport.reserves.documents import parsed, plain, read_body, units
from coinport.reserves.errors import ProofWrong
from coinport.reserves.layout import Kind, file_name, named, published
from coinport.reserves.merkle import build, node_hash, node_sum
from coinport.reserves.proof import Proof, verify_proof
from coinport.reserves.reconciliation import together
from coinport.reserves.signatures import unsealed, verify_signature
from coinport.reserves.snapshot_files import Snapshot, rows_of
from coinport.reserves.transfer_files import Transfers

Document: TypeAlias = Snapshot | Transfers | Proof | Distribution
Signed = TypeVar("Signed", Snapshot, Transfers)


def verify(
    paths: Sequence[Path],
    public_key: str | None = None,
    proves: Proves = lambda _currency, _address, _message, _signature: None,
) -> Iterator[str]:
    """Says what was found right, a line for each thing. `public_key` is whose signatures to
    believe; without it, those of the first file's signer. `proves`: whether an address has signed.

    Files are checked one by one and against the file before that stands beside them; then a proof
    against its snapshot, and snapshots by the transfer files between them, of those that are
    among `paths`. Raises ProofWrong naming the file, OSError.
    """
    documents: list[Snapshot | Transfers | Proof] = []
    for path in paths:
        try:
            document, said = _verified(path, public_key, proves)
        except ProofWrong as error:
            raise ProofWrong(f"{path}: {error}") from error
        if isinstance(document, Snapshot | Transfers):
            public_key = document.public_key
        if not isinstance(document, Distribution):
            documents.append(document)
        yield f"{path}: {said}"
    yield from together(documents)
    if public_key:
        yield f"Signed by {public_key}: is this the key that the exchange names?"


def _verified(path: Path, public_key: str | None, proves: Proves) -> tuple[Document, str]:
    """What the file holds, and what to say of it. A snapshot's rows, once verified, are dropped:
    they can be many."""
    content = _document_in(path.read_bytes())
    found = parsed(_Any, content)
    match found.format:
        case "" if found.distribution is not None:
            answer = parsed(Distribution, content)
            return answer, check(answer, proves)
        case "coinport-proof-v1":
            proof = parsed(Proof, content)
            verify_proof(proof)
            said = f"{plain(proof.balance)} of {plain(proof.total)} {proof.currency} are owed to "
            return proof, said + f"uid {proof.uid}"
        case "coinport-pol-v1":
            snapshot = _signed(Snapshot, content, public_key)
            _verify_rows(snapshot)
            place = _place(path, Kind.SNAPSHOT, snapshot)
            said = f"{plain(snapshot.total)} {snapshot.currency} owed at sequence "
            said += f"{snapshot.sequence}, {len(snapshot.balances)} rows; {place}"
            return msgspec.structs.replace(snapshot, balances=[]), said
        case "coinport-transfers-v1":
            file = _signed(Transfers, content, public_key)
            _verify_transfers(file)
            place = _place(path, Kind.TRANSFER, file)
            said = f"{len(file.transfers)} transfers of {file.currency} after sequence "
            return file, said + f"{file.from_sequence} up to {file.to_sequence}; {place}"
        case format:
            raise ProofWrong(f"its format is {format!r}, which is none of ours")


def _document_in(content: bytes) -> bytes:
    """Without the envelope, where it was saved as the API answered it."""
    data = parsed(_Any, content).data
    return bytes(data) or content


class _Any(Struct):
    format: str = ""
    data: Raw = Raw()
    distribution: list[Raw] | None = None


def _signed(kind: type[Signed], content: bytes, public_key: str | None) -> Signed:
    document = read_body(kind, unsealed(content))
    verify_signature(content, public_key or document.public_key)
    if public_key not in (None, document.public_key):
        raise ProofWrong(f"it names {document.public_key} as its signer, not {public_key}")
    return document


def _verify_rows(snapshot: Snapshot) -> None:
    root = build(rows_of(snapshot)).root
    if node_sum(root) != units(snapshot.total, snapshot.decimals):
        raise ProofWrong("its total is not the sum of its rows")
    if node_hash(root).hex() != snapshot.root:
        raise ProofWrong("its root is not that of the tree over its rows")


def _verify_transfers(file: Transfers) -> None:
    rows, decimals = file.transfers, file.decimals
    sequences = [file.from_sequence, *(row.sequence for row in rows), file.to_sequence]
    if sequences != sorted(sequences) or (rows and rows[0].sequence == file.from_sequence):
        raise ProofWrong("its rows are not in order, or not from between its sequences")
    ends = (rows[0].id, rows[-1].id) if rows else (0, 0)
    if ends != (file.first, file.last):
        raise ProofWrong("its first or last is not the id of its first or last row")
    if len({(row.type, row.id) for row in rows}) < len(rows):
        raise ProofWrong("a transfer stands in it twice")
    fees = units(file.trading_fees, decimals)
    if fees and file.from_sequence == file.to_sequence:
        raise ProofWrong("it has fees of trades between a sequence and itself")
    for row in rows:
        if units(row.fee, decimals) > units(row.amount, decimals) or row.updated < row.created:
            raise ProofWrong(
                f"transfer {row.id} costs more than it moves, or ended before it began"
            )


def _place(path: Path, kind: Kind, document: Snapshot | Transfers) -> str:
    """That the file has the name it should have, and follows what stands beside it."""
    if named(path.name) not in (None, (kind, document.id)):
        raise ProofWrong(f"it is {file_name(kind, document.id)} under another name")
    before = [file for id, file in published(path.parent, kind) if id < document.id]
    if not before:
        return "the file before it is not here" if document.previous else "the first"
    if hashlib.sha256(before[-1].read_bytes()).hexdigest() != document.previous:
        raise ProofWrong(f"it does not follow {before[-1].name}: one was changed, or is missing")
    return f"follows {before[-1].name}"
