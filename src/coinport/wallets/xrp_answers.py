"""What a rippled answers (API version 1, its default), as far as it is looked at."""

from typing import Any

from msgspec import Struct


class Ledger(Struct):
    ledger_index: int
    ledger_hash: str
    validated: bool = False


class Meta(Struct):
    TransactionResult: str
    delivered_amount: Any = None
    """Text: drops. Anything else is another currency, or unknown."""


class Tx(Struct):
    hash: str
    TransactionType: str = ""
    Destination: str = ""
    DestinationTag: int | None = None
    ledger_index: int = 0


class Entry(Struct):
    tx: Tx
    meta: Meta
    validated: bool = False


class History(Struct):
    transactions: list[Entry]
    ledger_index_min: int
    marker: Any = None


class Found(Struct):
    hash: str
    validated: bool = False
    ledger_index: int = 0
    meta: Meta | None = None


class Account(Struct):
    Balance: str
    Sequence: int


class Drops(Struct):
    open_ledger_fee: str
