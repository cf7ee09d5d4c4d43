"""A cli_wallet on a chain of BitShares' kind in memory, answering in documented shapes."""

import json
from typing import Any

import httpx
from coincurve import PrivateKey

from tests.contracts.graphene import SEAL, Answer, Graphene, Refused, key_text, text_time


class CliWallet:
    """`handle` is its network side."""

    def __init__(self, chain: Graphene, *memo_keys: PrivateKey) -> None:
        self.chain = chain
        self.keys = {key_text(key) for key in memo_keys}
        self.locked = False
        self.page_bug = False
        """After 100 operations of a history, the same come again: as in some old versions."""

    def handle(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        assert (request.url.path, asked["jsonrpc"]) == ("/rpc", "2.0")
        answer: Answer = {"id": asked["id"], "jsonrpc": "2.0"}
        try:
            answer["result"] = getattr(self, f"_{asked['method']}")(*asked["params"])
        except Refused as error:
            message = f"Assert Exception: {error}"
            answer["error"] = {"code": 1, "message": message, "data": {"code": 10}}
        return httpx.Response(200, content=json.dumps(answer))

    def _get_dynamic_global_properties(self) -> Answer:
        return {
            "id": "2.1.0",
            "head_block_number": len(self.chain.blocks),
            "head_block_id": self.chain.blocks[-1]["block_id"],
            "time": text_time(self.chain.now),
            "last_irreversible_block_num": self.chain.irreversible,
        }

    def _get_block(self, height: int) -> Answer | None:
        found = self.chain.blocks[height - 1 : height]
        return found[0] if found else None

    def _get_account(self, name: str) -> Answer:
        if name not in self.chain.accounts:
            raise Refused("rec && rec->name == account_name_or_id")
        return self.chain.accounts[name]

    def _list_accounts(self, lowest: str, limit: int) -> list[list[str]]:
        names = sorted(name for name in self.chain.accounts if name >= lowest)
        return [[name, self.chain.accounts[name]["id"]] for name in names[:limit]]

    def _list_account_balances(self, name: str) -> list[Answer]:
        self._get_account(name)
        amount = self.chain.balance(name)
        return [
            {"amount": 7, "asset_id": "1.3.113"},
            {"amount": amount if amount < 2**32 else str(amount), "asset_id": "1.3.0"},
        ]

    def _get_object(self, object_id: str) -> list[Answer]:
        return [{"id": object_id, "removed_ops": self.chain.removed_ops}]

    def _get_account_history(self, name: str, limit: int) -> list[Answer]:
        newest = self.chain.history(name)[::-1]
        if self.page_bug and len(newest) > 100:
            newest = newest[:100] * (limit // 100)
        return [
            {"memo": self._opened(entry["op"][1].get("memo")), "description": "...", "op": entry}
            for entry in newest[:limit]
        ]

    def _is_locked(self) -> bool:
        return self.locked

    def _transfer(
        self, sender: str, recipient: str, amount: str, asset: str, memo: str, broadcast: bool
    ) -> Answer:
        assert (asset, broadcast) == ("1.3.0", False)
        if self.locked:
            raise Refused("!self.is_locked()")
        whole, _, rest = amount.partition(".")
        operation = {
            "fee": {"amount": self.chain.fee, "asset_id": asset},
            "from": self._get_account(sender)["id"],
            "to": self._get_account(recipient)["id"],
            "amount": {"amount": int(whole) * 10**5 + int(rest.ljust(5, "0")), "asset_id": asset},
            "extensions": [],
        }
        if memo:
            operation["memo"] = self.chain.sealed(sender, recipient, memo)
        return {
            "ref_block_num": 1,
            "ref_block_prefix": 1,
            "expiration": text_time(self.chain.now + 30),
            "operations": [[0, operation]],
            "extensions": [],
            "signatures": [],
        }

    def _broadcast_transaction(self, transaction: Answer) -> list[Any]:
        return [self.chain.submit(transaction), transaction]

    def _read_memo(self, memo: Answer) -> str:
        if self.locked:
            raise Refused("!is_locked()")
        return self._opened(memo)

    def _opened(self, memo: Answer | None) -> str:
        """Empty where it cannot be opened."""
        if memo is None or self.locked or self.keys.isdisjoint((memo["from"], memo["to"])):
            return ""
        if not memo["message"].startswith(SEAL):
            return ""
        return bytes.fromhex(memo["message"].removeprefix(SEAL)).decode()
