"""A node of NXT in memory: blocks, accounts, payments, answers in its documented shapes."""

import hashlib
import json
import struct
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl

import httpx

from coinport.wallets.nxt_accounts import account as number
from coinport.wallets.nxt_accounts import address
from tests.contracts.nrs_signing import FORM, VARIANTS, Answer, account_of, read, signed, unsigned

BLOCK_SECONDS = 60
EC_SECONDS, EC_BLOCKS = 2400, 60


class Refused(Exception):
    def __init__(self, code: int | None, why: str) -> None:
        super().__init__(why)
        self.code = code


class Nrs:
    """`handle` is its network side; the other methods are the world around it."""

    def __init__(self) -> None:
        self.genesis: dict[int, int] = {}
        self.blocks: list[Answer] = []
        self.pool: dict[str, Answer] = {}
        self.fee = 10**8
        self.page = 100
        self.scanning = False
        self._count = 0
        self.mine(EC_BLOCKS + 1)

    def outsider(self) -> str:
        return address(self._next())

    def pay(self, to: str, amount: int, message: str = "", **changes: Any) -> str:
        """Somebody pays; `changes` are for what is not quite a payment."""
        attachment = {"message": message, "messageIsText": True} if message else {}
        row = {
            "type": 0,
            "subtype": 0,
            "sender": str(self._next()),
            "recipient": str(number(to)),
            "amountNQT": str(amount),
            "feeNQT": "100000000",
            "timestamp": self.now,
            "deadline": 1440,
            "phased": False,
            "attachment": {"version.OrdinaryPayment": 0} | attachment,
        } | changes
        row["fullHash"] = hashlib.sha256(f"outside {self._next()}".encode()).hexdigest()
        self.pool[row["fullHash"]] = row
        return str(row["fullHash"])

    @property
    def now(self) -> int:
        return int(self.blocks[-1]["timestamp"]) if self.blocks else 0

    def mine(self, blocks: int = 1, seconds: int = BLOCK_SECONDS) -> None:
        for _ in range(blocks):
            block = {
                "block": str(10**18 + self._next()),
                "height": len(self.blocks),
                "timestamp": self.now + seconds,
                "rows": [],
            }
            self.blocks.append(block)
            for row in list(self.pool.values()):
                if self._is_valid(row):
                    del self.pool[row["fullHash"]]
                    block["rows"].append(row)

    def reorg(self, depth: int, lose: Collection[str] = ()) -> None:
        """The last blocks lose against one more; `lose`: what the new ones never take."""
        orphaned = [row for block in self.blocks[-depth:] for row in block["rows"]]
        del self.blocks[-depth:]
        waiting = {row["fullHash"]: row for row in [*orphaned, *self.pool.values()]}
        self.pool = {txid: row for txid, row in waiting.items() if txid not in lose}
        self.mine(depth + 1)

    def mutate(self, blob: str) -> None:
        """A copy with another signature waits."""
        data = bytes.fromhex(blob)
        self._submit(signed(unsigned(data), variant=1))

    def balance(self, account: int) -> int:
        total = self.genesis.get(account, 0)
        for block in self.blocks:
            for row in block["rows"]:
                total += _gain(row, account)
        return total

    def handle(self, request: httpx.Request) -> httpx.Response:
        asked = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        try:
            answer = getattr(self, f"_{asked.pop('requestType')}")(**asked)
        except Refused as error:
            answer = {"error": str(error)}
            if error.code is not None:
                answer = {"errorCode": error.code, "errorDescription": str(error)}
        return httpx.Response(200, content=json.dumps(answer | {"requestProcessingTime": 1}))

    def _getBlockchainStatus(self) -> Answer:
        return {
            "lastBlock": self.blocks[-1]["block"],
            "numberOfBlocks": len(self.blocks),
            "isScanning": self.scanning,
        }

    def _getBlock(self, height: str) -> Answer:
        if not 0 <= int(height) < len(self.blocks):
            raise Refused(4, 'Incorrect "height"')
        return {name: self.blocks[int(height)][name] for name in ("block", "height", "timestamp")}

    def _getBlockchainTransactions(
        self,
        account: str,
        timestamp: str,
        type: str,
        subtype: str,
        executedOnly: str,
        firstIndex: str,
        lastIndex: str,
    ) -> Answer:
        """Newest first. (`executedOnly` leaves out what is not approved *yet*: not here.)"""
        assert (type, subtype, executedOnly) == ("0", "0", "true")
        found = [
            self._shown(row, block)
            for block in reversed(self.blocks)
            if block["timestamp"] >= int(timestamp)
            for row in reversed(block["rows"])
            if account in (row["sender"], row["recipient"])
        ]
        first = int(firstIndex)
        return {"transactions": found[first : min(int(lastIndex) + 1, first + self.page)]}

    def _getUnconfirmedTransactions(self, account: str) -> Answer:
        rows = [row for row in self.pool.values() if account in (row["sender"], row["recipient"])]
        return {"unconfirmedTransactions": [row | {"height": 2**31 - 1} for row in rows]}

    def _getTransaction(self, fullHash: str) -> Answer:
        for block in self.blocks:
            for row in block["rows"]:
                if row["fullHash"] == fullHash:
                    return self._shown(row, block)
        if fullHash not in self.pool:
            raise Refused(5, "Unknown transaction")
        return self.pool[fullHash] | {"height": 2**31 - 1}

    def _getBalance(self, account: str) -> Answer:
        if not self.balance(int(account)) and int(account) not in self.genesis:
            raise Refused(5, "Unknown account")
        confirmed = self.balance(int(account))
        return {
            "balanceNQT": str(confirmed),
            "unconfirmedBalanceNQT": str(self._free(int(account))),
        }

    def _sendMoney(
        self,
        recipient: str,
        amountNQT: str,
        feeNQT: str,
        deadline: str,
        publicKey: str,
        broadcast: str,
        message: str = "",
        messageIsText: str = "true",
    ) -> Answer:
        assert (feeNQT, broadcast, messageIsText) == ("0", "false", "true")
        ec = next(
            block
            for block in reversed(self.blocks)
            if block["timestamp"] <= self.now - EC_SECONDS
            or block["height"] <= len(self.blocks) - 1 - EC_BLOCKS
        )
        text = message.encode()
        data = struct.pack(
            FORM,
            0,
            0x10,
            self.now,
            int(deadline),
            bytes.fromhex(publicKey),
            int(recipient),
            int(amountNQT),
            self.fee,
            bytes(32),
            bytes(64),
            1 if text else 0,
            ec["height"],
            int(ec["block"]),
        )
        data += struct.pack("<BI", 1, len(text) | 1 << 31) + text if text else b""
        sender = account_of(bytes.fromhex(publicKey))
        if int(amountNQT) + self.fee > self._free(sender):
            raise Refused(6, "Not enough funds")
        return {"unsignedTransactionBytes": data.hex(), "broadcasted": False}

    def _broadcastTransaction(self, transactionBytes: str) -> Answer:
        return {"fullHash": self._submit(bytes.fromhex(transactionBytes))["fullHash"]}

    def _submit(self, data: bytes) -> Answer:
        if all(signed(unsigned(data), variant) != data for variant in VARIANTS):
            raise Refused(None, "Transaction signature verification failed")
        row = read(data)
        known = [old["fullHash"] for block in self.blocks for old in block["rows"]]
        if row["fullHash"] not in known and row["fullHash"] not in self.pool:
            if not self._is_valid(row):
                raise Refused(4, "Transaction is not valid now")
            self.pool[row["fullHash"]] = row
        return row

    def _is_valid(self, row: Answer) -> bool:
        sender = int(row["sender"])
        cost = int(row["amountNQT"]) + int(row["feeNQT"])
        ec_height, ec_block = row.get("ec", (0, self.blocks[0]["block"]))
        return (
            row["timestamp"] + 60 * row["deadline"] >= self.now
            and ec_height < len(self.blocks)
            and self.blocks[ec_height]["block"] == ec_block
            and (sender not in self.genesis or self.balance(sender) >= cost)
        )

    def _free(self, account: int) -> int:
        leaving = [row for row in self.pool.values() if row["sender"] == str(account)]
        return self.balance(account) + sum(_gain(row, account) for row in leaving)

    def _shown(self, row: Answer, block: Answer) -> Answer:
        confirmations = len(self.blocks) - 1 - block["height"]
        where = {"block": block["block"], "height": block["height"]}
        return row | where | {"confirmations": confirmations}

    def _next(self) -> int:
        self._count += 1
        return self._count


def _gain(row: Answer, account: int) -> int:
    gain = 0
    if row["recipient"] == str(account) and not row["phased"]:
        gain += int(row["amountNQT"])
    if row["sender"] == str(account):
        gain -= int(row["amountNQT"]) + int(row["feeNQT"])
    return gain
