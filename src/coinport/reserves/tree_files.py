"""Tree files: what the exchange keeps of a snapshot to show each user his own rows at once.

Private, for they say which rows are whose. A file's numbers are big-endian:

    "COINTREE" | format u32 | places u32 | account u64, index u32 of each, sorted | nodes

A lost one can be done without: a user with his key finds himself in the published file.
"""

import mmap
import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from coinport.model.units import AccountId
from coinport.reserves.errors import ProofWrong
from coinport.reserves.merkle import Tree

FORMAT: Final = 1

_MAGIC = b"COINTREE"
_HEAD = struct.Struct(">8sII")
_PLACE = struct.Struct(">QI")


class TreeFile:
    def __init__(self, content: bytes | mmap.mmap) -> None:
        self._content = content
        magic, version, self._places = _HEAD.unpack_from(content)
        if magic != _MAGIC or version != FORMAT:
            raise ProofWrong(f"not a tree file of format {FORMAT}")
        self.tree = Tree(content, _HEAD.size + self._places * _PLACE.size)

    def indices(self, account: AccountId) -> list[int]:
        """Of the rows that are this account's."""
        at = bisect_left(range(self._places), (account, 0), key=self._place)
        found = []
        while at < self._places and self._place(at)[0] == account:
            found.append(self._place(at)[1])
            at += 1
        return found

    def _place(self, number: int) -> tuple[AccountId, int]:
        account, index = _PLACE.unpack_from(self._content, _HEAD.size + number * _PLACE.size)
        return account, index


def tree_file(places: Sequence[tuple[AccountId, int]], tree: Tree) -> bytes:
    """The content of one; `places` are sorted."""
    head = _HEAD.pack(_MAGIC, FORMAT, len(places))
    return head + b"".join(_PLACE.pack(*place) for place in places) + tree.nodes


@contextmanager
def open_tree(path: Path) -> Iterator[TreeFile]:
    """Reads of it only what is asked for. Raises OSError, ProofWrong."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        yield TreeFile(content)
