"""A rippled in memory: ledgers, accounts, payments, answers in its documented shapes.

It reads the bytes of what is submitted by itself and checks the signature, as the ledger does.
"""

import json
from hashlib import sha512
from typing import Any

import base58
import httpx
from coincurve import PrivateKey, PublicKey

from coinport.wallets.xrp_payments import account_of

START = 1_000
Answer = dict[str, Any]


class Rippled:
    """`handle` is its network side; the other methods are the world around it."""

    def __init__(self) -> None:
        self.ledger = START
        self.balances: dict[str, int] = {}
        self.sequences: dict[str, int] = {}
        self.validated: list[Answer] = []
        self.queue: dict[str, Answer] = {}
        self.page = 2
        self.oldest = START
        self._accounts = 0

    def outsider(self) -> str:
        self._accounts += 1
        account = account_of(PrivateKey.from_int(1000 + self._accounts).public_key.format())
        self.balances[account] = 0
        return account

    def pay(self, account: str, drops: int, tag: str, **changes: Any) -> str:
        """Somebody pays; `changes` are for what is not quite a payment."""
        number = len(self.validated) + len(self.queue)
        entry = {
            "tx": {
                "TransactionType": "Payment",
                "Account": "rOutside",
                "Destination": account,
                "Amount": str(drops),
                "hash": sha512(f"outside {number}".encode()).hexdigest()[:64].upper(),
                **({"DestinationTag": int(tag)} if tag else {}),
            },
            "meta": {"TransactionResult": "tesSUCCESS", "delivered_amount": str(drops)},
        }
        for where in ("tx", "meta"):
            entry[where] |= changes.get(where, {})
        self.queue[entry["tx"]["hash"]] = entry
        return str(entry["tx"]["hash"])

    def close_ledger(self) -> None:
        self.ledger += 1
        for entry in self.queue.values():
            last = entry["tx"].get("LastLedgerSequence", self.ledger)
            if last >= self.ledger:
                entry["tx"]["ledger_index"] = self.ledger
                self._apply(entry)
                self.validated.append(entry | {"validated": True})
        self.queue = {}

    def _apply(self, entry: Answer) -> None:
        tx, delivered = entry["tx"], entry["meta"]["delivered_amount"]
        if tx["Account"] in self.sequences:
            self.sequences[tx["Account"]] += 1
            self.balances[tx["Account"]] -= int(tx["Fee"])
        if entry["meta"]["TransactionResult"] == "tesSUCCESS" and str(delivered).isdecimal():
            self.balances[tx["Destination"]] = self.balances.get(tx["Destination"], 0) + int(
                delivered
            )
            if tx["Account"] in self.sequences:
                self.balances[tx["Account"]] -= int(delivered)

    def handle(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        result = getattr(self, f"_{asked['method']}")(**asked["params"][0])
        status = {} if "error" in result else {"status": "success"}
        return httpx.Response(200, json={"result": {"status": "error"} | result | status})

    def _ledger(self, ledger_index: int | str) -> Answer:
        index = self.ledger if ledger_index == "validated" else int(ledger_index)
        if not self.oldest <= index <= self.ledger:
            return {"error": "lgrNotFound"}
        digest = sha512(str(index).encode()).hexdigest()[:64].upper()
        return {"ledger_index": index, "ledger_hash": digest, "validated": True}

    def _account_tx(
        self,
        account: str,
        ledger_index_min: int,
        ledger_index_max: int,
        limit: int,
        forward: bool,
        marker: int = 0,
    ) -> Answer:
        first = max(ledger_index_min, self.oldest)
        found = [
            entry
            for entry in self.validated
            if account in (entry["tx"]["Account"], entry["tx"]["Destination"])
            and first <= entry["tx"]["ledger_index"] <= ledger_index_max
        ]
        end = marker + min(limit, self.page)
        more = {"marker": end} if end < len(found) else {}
        page = {"transactions": found[marker:end], "ledger_index_min": first}
        return page | {"ledger_index_max": ledger_index_max} | more

    def _tx(self, transaction: str, min_ledger: int, max_ledger: int) -> Answer:
        for entry in self.validated:
            if entry["tx"]["hash"] == transaction:
                return entry["tx"] | {"meta": entry["meta"], "validated": True}
        if transaction in self.queue:
            return self.queue[transaction]["tx"] | {"validated": False}
        complete = self.oldest <= max(min_ledger, START) and max_ledger <= self.ledger
        return {"error": "txnNotFound", "searched_all": complete}

    def _account_info(self, account: str, ledger_index: int) -> Answer:
        if account not in self.balances:
            return {"error": "actNotFound"}
        sequence = self.sequences.get(account, 1)
        data = {"Account": account, "Balance": str(self.balances[account]), "Sequence": sequence}
        return {"account_data": data, "ledger_index": ledger_index, "validated": True}

    def _fee(self) -> Answer:
        return {"drops": {"base_fee": "10", "open_ledger_fee": "12"}}

    def _submit(self, tx_blob: str) -> Answer:
        data = bytes.fromhex(tx_blob)
        tx = fields(data)
        digest = sha512(b"TXN\x00" + data).digest()[:32].hex().upper()
        if digest in self.queue:
            return {"engine_result": "tefALREADY"}
        start = data.index(b"\x74" + bytes([len(tx["TxnSignature"])]) + tx["TxnSignature"])
        rest = data[:start] + data[start + 2 + len(tx["TxnSignature"]) :]
        signing = sha512(b"STX\x00" + rest).digest()[:32]
        key = PublicKey(tx["SigningPubKey"])
        if not key.verify(tx["TxnSignature"], signing, hasher=None):
            return {"error": "invalidTransaction"}
        assert account_of(tx["SigningPubKey"]) == tx["Account"]
        if tx["Sequence"] < self.sequences[tx["Account"]]:
            return {"engine_result": "tefPAST_SEQ"}
        if tx["LastLedgerSequence"] <= self.ledger:
            return {"engine_result": "tefMAX_LEDGER"}
        meta = {"TransactionResult": "tesSUCCESS", "delivered_amount": tx["Amount"]}
        shown = {name: value for name, value in tx.items() if isinstance(value, str | int)}
        self.queue[digest] = {"tx": shown | {"hash": digest}, "meta": meta}
        return {"engine_result": "tesSUCCESS"}


NAMES = {
    b"\x12": ("TransactionType", 2),
    b"\x22": ("Flags", 4),
    b"\x24": ("Sequence", 4),
    b"\x2e": ("DestinationTag", 4),
    b"\x20\x1b": ("LastLedgerSequence", 4),
    b"\x61": ("Amount", 8),
    b"\x68": ("Fee", 8),
    b"\x73": ("SigningPubKey", 0),
    b"\x74": ("TxnSignature", 0),
    b"\x81": ("Account", 0),
    b"\x83": ("Destination", 0),
}


def fields(data: bytes) -> dict[str, Any]:
    """A payment's bytes, read field by field."""
    found: dict[str, Any] = {}
    while data:
        mark = data[:2] if data[:1] == b"\x20" else data[:1]
        name, size = NAMES[mark]
        data = data[len(mark) :]
        if not size:
            size, data = data[0], data[1:]
        value, data = data[:size], data[size:]
        if name in ("Amount", "Fee"):
            found[name] = str(int.from_bytes(value, "big") & ~(1 << 62))
        elif name in ("Account", "Destination"):
            found[name] = base58.b58encode_check(
                b"\x00" + value, alphabet=base58.XRP_ALPHABET
            ).decode()
        elif size in (2, 4):
            found[name] = int.from_bytes(value, "big")
        else:
            found[name] = value
    found["TransactionType"] = {0: "Payment"}[found["TransactionType"]]
    return found
