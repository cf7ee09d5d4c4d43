"""A cli_wallet of BitShares by its JSON-RPC. It has no key that could spend anything.

It has the memo key of our account, which opens the memos that others send and seals ours, and is
unlocked: memos are unreadable otherwise.
"""

from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from coinport.wallets import btsx_transfers
from coinport.wallets.btsx_answers import (
    Account,
    BlockFound,
    Made,
    Money,
    Number,
    Operation,
    Properties,
    SealedMemo,
    Statistics,
    TransferMade,
)
from coinport.wallets.btsx_transfers import ASSET, UNITS_MAX, Memo
from coinport.wallets.chain import Block
from coinport.wallets.rpc import Rpc

PAGE: Final = 100
TRANSFER: Final = 0
"""Number of the operation."""

_T = TypeVar("_T")


class BtsxWallet:
    def __init__(self, rpc: Rpc) -> None:
        """`rpc`: of version 2.0."""
        self._rpc = rpc

    async def irreversible(self) -> int:
        """Height of the newest block that cannot be replaced any more."""
        return (await self._properties()).last_irreversible_block_num

    async def block(self, height: int) -> BlockFound | None:
        return await self._ask(BlockFound | None, "get_block", height)  # type: ignore[arg-type]

    async def account(self, name: str) -> Account:
        return await self._ask(Account, "get_account", name)

    async def account_id(self, name: str) -> int | None:
        """None: there is no account of this name."""
        found = await self._ask(list[tuple[str, str]], "list_accounts", name, 1)
        ids = dict(found)
        return self.instance(ids[name]) if name in ids else None

    async def history(self, account: Account, after: int) -> list[Operation]:
        """Operations in blocks above `after`, newest first, and before them those in no block yet.

        There may be older ones too. Raises ChainUnavailable where the node has forgotten some.
        """
        limit = PAGE
        while True:
            listed = await self._ask(list[Operation], "get_account_history", account.name, limit)
            found = {operation.op.id: operation for operation in listed}
            if any(operation.op.block_num <= after for operation in listed):
                return list(found.values())
            if len(listed) < limit:
                await self._check_complete(account)
                return list(found.values())
            if len(found) < limit:
                raise self._rpc.unavailable(f"repeats itself after {PAGE} operations: renew it")
            limit *= 2

    async def balance(self, name: str) -> int:
        held = await self._ask(list[Money], "list_account_balances", name)
        return sum(self.units(money) for money in held if money.asset_id == ASSET)

    async def head(self) -> Block:
        """The newest block, which may yet be replaced."""
        found = await self._properties()
        return Block(found.head_block_number, found.head_block_id)

    async def is_locked(self) -> bool:
        return await self._ask(bool, "is_locked")

    async def make(self, sender: str, recipient: str, amount: int, memo: str) -> TransferMade:
        """One that is not sent; the node works out the fee, and the wallet seals the memo."""
        whole, rest = divmod(amount, 10**5)
        text = f"{whole}.{rest:05}"
        made = await self._ask(Made, "transfer", sender, recipient, text, ASSET, memo, False)
        if len(made.operations) != 1 or made.operations[0][0] != TRANSFER:
            raise self._rpc.unavailable("made something else than a transfer")
        return made.operations[0][1]

    async def broadcast(self, transaction: dict[str, Any]) -> None:
        """Raises RpcError, also for what it knows already."""
        await self._rpc.call("broadcast_transaction", transaction, path="/rpc")

    def transfer(self, operation: Operation) -> TransferMade | None:
        """None: it is something else."""
        kind, fields = operation.op.op
        return self._rpc.read(fields, TransferMade) if kind == TRANSFER else None

    def memo(self, sealed: SealedMemo | None) -> Memo | None:
        if sealed is None:
            return None
        nonce = self._number(sealed.nonce)
        return Memo(sealed.sender, sealed.recipient, nonce, sealed.message)

    def units(self, money: Money) -> int:
        """In the chain's units."""
        amount = self._number(money.amount)
        if money.asset_id != ASSET or amount > UNITS_MAX:
            raise self._rpc.unavailable(f"answered an amount that is none: {amount}")
        return amount

    def instance(self, object_id: str) -> int:
        try:
            return btsx_transfers.instance(object_id)
        except ValueError as error:
            raise self._rpc.unavailable(f"answered an account that is none: {error}") from error

    def seconds(self, timestamp: str) -> int:
        """Unix time."""
        try:
            return int(datetime.fromisoformat(timestamp).replace(tzinfo=UTC).timestamp())
        except ValueError as error:
            raise self._rpc.unavailable(f"answered a time that is none: {error}") from error

    def _number(self, number: Number) -> int:
        text = str(number)
        if not (text.isascii() and text.isdecimal() and len(text) <= 20 and int(text) < 2**64):
            raise self._rpc.unavailable(f"answered a number that is none: {text[:50]}")
        return int(text)

    async def _properties(self) -> Properties:
        return await self._ask(Properties, "get_dynamic_global_properties")

    async def _check_complete(self, account: Account) -> None:
        [statistics] = await self._ask(tuple[Statistics], "get_object", account.statistics)
        if self._number(statistics.removed_ops):
            raise self._rpc.unavailable(
                f"has forgotten old operations of {account.name}: raise max-ops-per-account"
            )

    async def _ask(self, kind: type[_T], method: str, *params: Any) -> _T:
        """Raises RpcError or ChainUnavailable."""
        return self._rpc.read(await self._rpc.call(method, *params, path="/rpc"), kind)
