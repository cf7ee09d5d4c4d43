"""What an NXT node answers, as far as it is looked at. Amounts are text, in NQT (1e-8)."""

from typing import Any

from msgspec import Struct


class Tip(Struct):
    lastBlock: str
    numberOfBlocks: int
    isScanning: bool = False


class BlockFound(Struct):
    block: str
    height: int
    timestamp: int


class Row(Struct):
    """A transaction."""

    fullHash: str
    type: int
    subtype: int
    timestamp: int
    deadline: int
    sender: str
    amountNQT: str
    feeNQT: str
    recipient: str = ""
    block: str = ""
    """Empty: in none."""
    height: int = 0
    phased: bool = False
    """It happens later, or not at all, when others have approved."""
    attachment: dict[str, Any] = {}


class Rows(Struct):
    transactions: list[Row]


class Waiting(Struct):
    unconfirmedTransactions: list[Row]


class Balance(Struct):
    balanceNQT: str
    unconfirmedBalanceNQT: str


class Made(Struct):
    unsignedTransactionBytes: str
