"""What a bitcoind answers, as far as it is looked at."""

from decimal import Decimal
from typing import Any

from msgspec import Struct


class Row(Struct):
    """Of `listsinceblock`: one output of a transaction, as the wallet sees it."""

    txid: str
    category: str
    confirmations: int = 0
    amount: Decimal = Decimal(0)
    address: str | None = None
    vout: int | None = None
    """MWEB outputs have none."""
    blockhash: str | None = None


class Since(Struct):
    transactions: list[Row]
    lastblock: str


class Detail(Struct):
    category: str
    vout: int | None = None
    address: str | None = None


class WalletTransaction(Struct):
    hex: str
    confirmations: int = 0
    """Negative where a conflicting one is in the chain."""
    details: list[Detail] = []
    blockhash: str | None = None


class Coin(Struct):
    """Of `listunspent`."""

    txid: str
    vout: int
    address: str
    amount: Decimal
    confirmations: int

    @property
    def name(self) -> str:
        return f"{self.txid}:{self.vout}"


class Header(Struct):
    height: int
    confirmations: int
    """-1: not in the chain."""
    time: int
    previousblockhash: str | None = None


class ScriptPubKey(Struct):
    hex: str


class DecodedOutput(Struct):
    value: Decimal
    scriptPubKey: ScriptPubKey


class DecodedInput(Struct):
    txid: str = ""
    """Empty: newly mined."""
    vout: int = 0


class Decoded(Struct):
    vin: list[DecodedInput]
    vout: list[DecodedOutput]


class Scanned(Struct):
    """Of `scantxoutset`."""

    height: int
    bestblock: str
    unspents: list["ScannedOutput"]
    success: bool = True


class ScannedOutput(Struct):
    scriptPubKey: str
    amount: Decimal


class Estimate(Struct):
    feerate: Decimal | None = None
    """Coins per 1,000 bytes; absent where the node has seen too little."""


class Imported(Struct):
    success: bool
    error: Any = None


class Descriptor(Struct):
    descriptor: str
    """With its checksum."""
