"""What a cli_wallet of BitShares answers, as far as it is looked at.

Numbers above 2^32 are text.
"""

from typing import Any, TypeAlias

from msgspec import Struct

Number: TypeAlias = int | str


class Properties(Struct):
    head_block_number: int
    head_block_id: str
    last_irreversible_block_num: int


class BlockFound(Struct):
    block_id: str
    timestamp: str
    transaction_ids: list[str]


class Account(Struct):
    id: str
    name: str
    statistics: str


class Statistics(Struct):
    removed_ops: Number = 0
    """Of the account's history: as many does the node not have any more."""


class Money(Struct):
    amount: Number
    asset_id: str


class SealedMemo(Struct, rename={"sender": "from", "recipient": "to"}):
    sender: str
    recipient: str
    nonce: Number
    message: str


class TransferMade(Struct, rename={"sender": "from", "recipient": "to"}):
    fee: Money
    sender: str
    recipient: str
    amount: Money
    memo: SealedMemo | None = None


class Made(Struct):
    operations: list[tuple[int, TransferMade]]


class Done(Struct):
    id: str
    op: tuple[int, dict[str, Any]]
    block_num: int
    trx_in_block: int


class Operation(Struct):
    """Of an account's history."""

    op: Done
    memo: str = ""
    """As the wallet could read it."""
