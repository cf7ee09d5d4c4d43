"""A chain of BitShares' kind in memory.

It writes what is broadcast as bytes by itself and checks the signature, as the chain does.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import base58
from coincurve import PrivateKey, PublicKey

from coinport.wallets.btsx_transfers import MAIN_CHAIN
from coinport.wallets.hashes import ripemd160

Answer = dict[str, Any]

START = 1_500_000_000
BLOCK_SECONDS = 3
SEAL = "5ea1"


class Refused(Exception):
    """An assertion of the node's that fails."""


class Graphene:
    """The chain, and the world around it."""

    def __init__(self) -> None:
        self.accounts: dict[str, Answer] = {}
        self.genesis: dict[str, int] = {}
        self.blocks: list[Answer] = []
        self.irreversible = 0
        self.pending: dict[str, Answer] = {}
        self.fee = 20_000
        self.removed_ops: int | str = 0
        self._count = 0
        self.produce(10)
        self.irreversible = 10

    def account(self, name: str, key: PrivateKey | None = None) -> Answer:
        """A new one; its keys are all the same."""
        key = key or PrivateKey.from_int(1000 + len(self.accounts))
        number = 100_000 + len(self.accounts)
        text = key_text(key)
        self.accounts[name] = {
            "id": f"1.2.{number}",
            "name": name,
            "statistics": f"2.6.{number}",
            "active": {"key_auths": [[text, 1]]},
            "options": {"memo_key": text},
        }
        return self.accounts[name]

    def outsider(self) -> str:
        name = f"outsider{len(self.accounts)}"
        self.account(name)
        return name

    def pay(
        self, to: str, amount: int, memo: str = "", changes: Answer | None = None, kind: int = 0
    ) -> str:
        """Somebody pays; `changes` are for what is not quite a transfer. The transaction's id."""
        sender = self.accounts[self.outsider()]
        operation = {
            "fee": {"amount": self.fee, "asset_id": "1.3.0"},
            "from": sender["id"],
            "to": self.accounts[to]["id"],
            "amount": {"amount": amount, "asset_id": "1.3.0"},
            "extensions": [],
        }
        if memo:
            operation["memo"] = self.sealed(sender["name"], to, memo)
        txid = sha256(f"outside {self._next()}".encode()).hexdigest()[:40]
        self.pending[txid] = {"operations": [[kind, operation | (changes or {})]]}
        return txid

    def sealed(self, sender: str, recipient: str, memo: str) -> Answer:
        keys = [self.accounts[name]["options"]["memo_key"] for name in (sender, recipient)]
        nonce = str(2**63 + self._next())
        message = SEAL + memo.encode().hex()
        return {"from": keys[0], "to": keys[1], "nonce": nonce, "message": message}

    @property
    def now(self) -> int:
        return START + BLOCK_SECONDS * len(self.blocks)

    def produce(self, blocks: int = 1) -> None:
        """Blocks that may still be replaced."""
        for _ in range(blocks):
            height = len(self.blocks) + 1
            rest = sha256(f"block {self._next()}".encode()).hexdigest()[:32]
            included = self.pending
            self.blocks.append(
                {
                    "block_id": f"{height:08x}{rest}",
                    "timestamp": text_time(self.now + BLOCK_SECONDS),
                    "transaction_ids": list(included),
                    "transactions": list(included.values()),
                }
            )
            self.pending = {}

    def settle(self) -> None:
        self.irreversible = len(self.blocks)

    def pop(self, blocks: int, lose: Collection[str] = ()) -> None:
        """A fork: blocks are no longer there, what was in them waits again."""
        assert len(self.blocks) - blocks >= self.irreversible
        for _ in range(blocks):
            block = self.blocks.pop()
            again = zip(block["transaction_ids"], block["transactions"], strict=True)
            self.pending = {txid: one for txid, one in again if txid not in lose} | self.pending

    def balance(self, name: str) -> int:
        account = self.accounts[name]["id"]
        return self.genesis.get(name, 0) + sum(
            _gain(*operation, account)
            for one in self._transactions()
            for operation in one["operations"]
        )

    def history(self, name: str) -> list[Answer]:
        """Oldest first. What is pending is there too, as if in the next block."""
        account, found, number = self.accounts[name]["id"], [], 0
        blocks = [block["transactions"] for block in self.blocks]
        for height, transactions in enumerate([*blocks, list(self.pending.values())], 1):
            for position, one in enumerate(transactions):
                for index, operation in enumerate(one["operations"]):
                    number += 1
                    if account in (operation[1]["from"], operation[1]["to"]):
                        found.append(
                            {
                                "id": f"1.11.{number}",
                                "op": operation,
                                "result": [0, {}],
                                "block_num": height,
                                "trx_in_block": position,
                                "op_in_trx": index,
                                "virtual_op": number,
                            }
                        )
        return found

    def submit(self, transaction: Answer) -> str:
        data = packed(transaction)
        txid = sha256(data).digest()[:20].hex()
        known = {txid for block in self.blocks for txid in block["transaction_ids"]}
        if txid in known or txid in self.pending:
            raise Refused("trx_idx.indices().get<by_trx_id>().find(trx_id) == end")
        [[_, operation]] = transaction["operations"]
        [signature] = map(bytes.fromhex, transaction["signatures"])
        [sender] = [one for one in self.accounts.values() if one["id"] == operation["from"]]
        digest = sha256(bytes.fromhex(MAIN_CHAIN) + data).digest()
        assert _is_canonical(signature)
        numbers, which = signature[1:], (signature[0] - 27) & 3
        signer = PublicKey.from_signature_and_message(numbers + bytes([which]), digest, hasher=None)
        if base58_key(signer.format()) != sender["active"]["key_auths"][0][0]:
            raise Refused("Missing Active Authority")
        if seconds(transaction["expiration"]) < self.now:
            raise Refused("now <= trx.expiration")
        referred = self.blocks[transaction["ref_block_num"] - 1]["block_id"]
        if transaction["ref_block_prefix"] != int.from_bytes(
            bytes.fromhex(referred)[4:8], "little"
        ):
            raise Refused("trx.ref_block_prefix == tapos_block_summary.block_id._hash[1]")
        cost = operation["amount"]["amount"] + operation["fee"]["amount"]
        if self.balance(sender["name"]) < cost:
            raise Refused("insufficient_balance")
        self.pending[txid] = transaction
        return txid

    def _transactions(self) -> list[Answer]:
        included = [one for block in self.blocks for one in block["transactions"]]
        return [*included, *self.pending.values()]

    def _next(self) -> int:
        self._count += 1
        return self._count


def packed(transaction: Answer) -> bytes:
    """A transaction with one transfer, as the chain writes it."""
    [[_, operation]] = transaction["operations"]
    data = transaction["ref_block_num"].to_bytes(2, "little")
    data += transaction["ref_block_prefix"].to_bytes(4, "little")
    data += seconds(transaction["expiration"]).to_bytes(4, "little") + b"\x01\x00"
    data += operation["fee"]["amount"].to_bytes(8, "little") + b"\x00"
    data += _leb(operation["from"]) + _leb(operation["to"])
    data += operation["amount"]["amount"].to_bytes(8, "little") + b"\x00"
    if memo := operation.get("memo"):
        message = bytes.fromhex(memo["message"])
        data += b"\x01" + b"".join(base58.b58decode(memo[who][3:])[:-4] for who in ("from", "to"))
        data += int(memo["nonce"]).to_bytes(8, "little") + bytes([len(message)]) + message
    else:
        data += b"\x00"
    return data + b"\x00\x00"


def key_text(key: PrivateKey) -> str:
    return base58_key(key.public_key.format())


def base58_key(data: bytes) -> str:
    return "BTS" + base58.b58encode(data + ripemd160(data)[:4]).decode()


def text_time(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text + "+00:00").timestamp())


def _leb(account: str) -> bytes:
    number, data = int(account.rpartition(".")[2]), []
    while number or not data:
        data.append(number % 128 + (128 if number >= 128 else 0))
        number //= 128
    return bytes(data)


def _is_canonical(signature: bytes) -> bool:
    return (
        signature[1] < 0x80
        and not (signature[1] == 0 and signature[2] < 0x80)
        and signature[33] < 0x80
        and not (signature[33] == 0 and signature[34] < 0x80)
    )


def _gain(kind: int, operation: Answer, account: str) -> int:
    if kind != 0 or operation["amount"]["asset_id"] != "1.3.0":
        return 0
    gain = 0
    if operation["to"] == account:
        gain += int(operation["amount"]["amount"])
    if operation["from"] == account:
        gain -= int(operation["amount"]["amount"]) + int(operation["fee"]["amount"])
    return gain
