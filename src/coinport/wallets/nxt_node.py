"""An NXT node by its HTTP API. Its every no is an answer like any other, with an `errorCode`."""

from typing import Any, Final, TypeVar

from coinport.model.units import Amount
from coinport.wallets.chain import Block, UnknownBlock
from coinport.wallets.nxt_answers import Balance, BlockFound, Made, Row, Rows, Tip, Waiting
from coinport.wallets.nxt_payments import NQT_MAX
from coinport.wallets.rpc import Rpc, RpcError

PAGE: Final = 100
"""What nodes answer at most, unless told otherwise."""

_INCORRECT, _UNKNOWN = 4, 5
_NO_CODE = 0
_NOT_THERE = (_INCORRECT, _UNKNOWN)

_T = TypeVar("_T")


class NxtNode:
    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    async def tip(self) -> Block:
        tip = await self.ask("getBlockchainStatus", Tip)
        if tip.isScanning:
            raise self._rpc.unavailable("is reading its own chain anew: wait")
        return Block(tip.numberOfBlocks - 1, tip.lastBlock)

    async def block(self, height: int) -> BlockFound:
        """Raises UnknownBlock."""
        try:
            return await self.ask("getBlock", BlockFound, height=height)
        except RpcError as error:
            if error.code not in _NOT_THERE:
                raise
            raise UnknownBlock(f"NXT: no block {height}") from error

    async def payments(self, account: int, since: int) -> list[Row]:
        """To and from `account`, in blocks of second `since` (NXT's clock) or later."""
        found: dict[str, Row] = {}
        first = 0
        while True:
            page = await self.ask(
                "getBlockchainTransactions",
                Rows,
                account=account,
                timestamp=max(since, 0),
                type=0,
                subtype=0,
                executedOnly="true",
                firstIndex=first,
                lastIndex=first + PAGE - 1,
            )
            if not page.transactions:
                return list(found.values())
            found |= {row.fullHash: row for row in page.transactions}
            first += len(page.transactions)

    async def waiting(self, account: int) -> list[Row]:
        """To and from `account`, in no block."""
        answer = await self.ask("getUnconfirmedTransactions", Waiting, account=account)
        return answer.unconfirmedTransactions

    async def transaction(self, full_hash: str) -> Row | None:
        try:
            return await self.ask("getTransaction", Row, fullHash=full_hash)
        except RpcError as error:
            if error.code not in _NOT_THERE:
                raise
            return None

    async def balance(self, account: int) -> Balance:
        try:
            return await self.ask("getBalance", Balance, account=account)
        except RpcError as error:
            if error.code != _UNKNOWN:
                raise
            return Balance("0", "0")

    async def make(self, **order: str | int) -> bytes:
        """A payment that nobody has signed; the node works out the fee."""
        answer = await self.ask("sendMoney", Made, feeNQT=0, broadcast="false", **order)
        try:
            return bytes.fromhex(answer.unsignedTransactionBytes)
        except ValueError as error:
            raise self._rpc.unavailable("answered a transaction that is none") from error

    async def broadcast(self, blob: str) -> None:
        """Raises RpcError. What it knows already it takes without a word."""
        await self.ask("broadcastTransaction", dict[str, Any], transactionBytes=blob)

    async def ask(self, request: str, kind: type[_T], **fields: str | int) -> _T:
        """Raises RpcError or ChainUnavailable."""
        form = {"requestType": request, **{name: str(value) for name, value in fields.items()}}
        answer = await self._rpc.form("/nxt", form)
        if isinstance(answer, dict) and not answer.keys().isdisjoint({"errorCode", "error"}):
            code = answer.get("errorCode", _NO_CODE)
            why = answer.get("errorDescription", answer.get("error"))
            message = f"the NXT node refused {request}: {why}"
            raise RpcError(code if isinstance(code, int) else _NO_CODE, message)
        return self._rpc.read(answer, kind)

    def nqt(self, text: str) -> Amount:
        if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= NQT_MAX):
            raise self._rpc.unavailable(f"answered an amount that is none: {text[:50]}")
        return Amount(int(text))
