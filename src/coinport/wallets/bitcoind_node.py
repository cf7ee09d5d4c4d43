"""A bitcoind as the adapter uses it: its answers checked, its dialect known, its wallet loaded."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final

from coinport.model.units import Amount
from coinport.wallets.bitcoind_answers import (
    Coin,
    Decoded,
    Descriptor,
    Estimate,
    Header,
    Imported,
    Scanned,
    Since,
    WalletTransaction,
)
from coinport.wallets.chain import Block, UnknownBlock
from coinport.wallets.dialects import DIALECTS, Import
from coinport.wallets.rpc import TIMEOUT_SECONDS, Rpc, RpcError

DECIMALS: Final = 8
CONFIRMATIONS_MAX: Final = 9_999_999
HEADERS_REMEMBERED_MAX: Final = 1_000
RESCAN_SECONDS_MAX: Final = 24 * 60 * 60
"""While a node goes through a whole chain, it answers at the end."""

_NOT_FOUND, _OUT_OF_RANGE = -5, -8
_WALLET_NOT_LOADED = -18
_FEE_TARGET_BLOCKS = 6


class BitcoindNode:
    def __init__(self, currency: str, rpc: Rpc, wallet: str) -> None:
        """`wallet`: the name of the watching wallet, where the node has several."""
        self.currency: Final = currency
        self.dialect: Final = DIALECTS[currency]
        self._rpc = rpc
        self._wallet = wallet if self.dialect.wallets else ""
        self._heights: dict[str, int] = {}
        self._scanning = asyncio.Lock()

    async def create_wallet(self) -> None:
        """The wallet without keys, once, on a new node. Raises RpcError where there is one."""
        descriptors = self.dialect.watching is Import.DESCRIPTORS
        without_keys, blank, no_passphrase, reuse = True, True, "", False
        await self._call(
            "createwallet",
            self._wallet,
            without_keys,
            blank,
            no_passphrase,
            reuse,
            descriptors,
            True,
        )

    async def watch(self, addresses: Sequence[str], *, rescan: bool = False) -> None:
        if not addresses:
            return
        patience = RESCAN_SECONDS_MAX if rescan else TIMEOUT_SECONDS
        call = partial(self._wallet_call, patience_seconds=patience)
        since: int | str = 0 if rescan else "now"
        wanted: list[dict[str, Any]]
        match self.dialect.watching:
            case Import.DESCRIPTORS:
                wanted = [
                    {"desc": await self._descriptor(address), "timestamp": since}
                    for address in addresses
                ]
                self._check_imported(await call("importdescriptors", wanted))
            case Import.MULTI:
                wanted = [
                    {"scriptPubKey": {"address": address}, "timestamp": since, "watchonly": True}
                    for address in addresses
                ]
                answer = await call("importmulti", wanted, {"rescan": rescan})
                self._check_imported(answer)
            case Import.ADDRESS:
                for address in addresses:
                    last = address == addresses[-1]
                    await call("importaddress", address, "", rescan and last)

    async def tip(self) -> Block:
        return await self.known(self._rpc.read(await self._call("getbestblockhash"), str))

    async def block(self, height: int) -> Block:
        try:
            return Block(height, self._rpc.read(await self._call("getblockhash", height), str))
        except RpcError as error:
            if error.code != _OUT_OF_RANGE:
                raise
            raise UnknownBlock(f"{self.currency}: no block {height}") from error

    async def known(self, at: str) -> Block:
        if at not in self._heights:
            if len(self._heights) >= HEADERS_REMEMBERED_MAX:
                self._heights.clear()
            self._heights[at] = (await self.header(at)).height
        return Block(self._heights[at], at)

    async def shared(self, since: Block) -> tuple[Block, bool]:
        """The last block that `since` and the chain have in common; whether it is another one."""
        at, forked = since.hash, False
        header = await self.header(at)
        while header.confirmations < 0 and header.previousblockhash:
            at, forked = header.previousblockhash, True
            header = await self.header(at)
        return Block(header.height, at), forked

    async def header(self, at: str) -> Header:
        method = "getblockheader" if self.dialect.headers else "getblock"
        try:
            return self._rpc.read(await self._call(method, at), Header)
        except RpcError as error:
            if error.code != _NOT_FOUND:
                raise
            raise UnknownBlock(f"{self.currency}: block {at} is unknown") from error

    async def since(self, block: Block) -> Since:
        """What the wallet saw after `block`, which is in the chain."""
        answer = await self._wallet_call("listsinceblock", block.hash, 1, True)
        return self._rpc.read(answer, Since)

    async def transaction(self, txid: str) -> WalletTransaction | None:
        """Of the wallet; None where it never saw it."""
        try:
            answer = await self._wallet_call("gettransaction", txid, True)
        except RpcError as error:
            if error.code != _NOT_FOUND:
                raise
            return None
        return self._rpc.read(answer, WalletTransaction)

    async def is_own(self, txid: str) -> bool:
        """Whether it spends from an address of ours: nobody else can have made it."""
        found = await self.transaction(txid)
        return found is not None and any(each.category == "send" for each in found.details)

    async def waits(self, txid: str) -> bool:
        if not self.dialect.entries:
            return txid in self._rpc.read(await self._call("getrawmempool"), list[str])
        try:
            await self._call("getmempoolentry", txid)
        except RpcError as error:
            if error.code != _NOT_FOUND:
                raise
            return False
        return True

    async def is_spent(self, txid: str, vout: int) -> bool:
        """In a block, or the output itself is in none."""
        return await self._call("gettxout", txid, vout, False) is None

    async def decoded(self, blob: str) -> Decoded:
        return self._rpc.read(await self._call("decoderawtransaction", blob), Decoded)

    async def send(self, blob: str) -> None:
        """Raises RpcError."""
        await self._call("sendrawtransaction", blob)

    async def unspent(self, addresses: Sequence[str]) -> list[Coin]:
        answer = await self._wallet_call("listunspent", 1, CONFIRMATIONS_MAX, list(addresses))
        return self._rpc.read(answer, list[Coin])

    async def scan(self, addresses: Sequence[str]) -> Scanned:
        """What any addresses hold, without a wallet."""
        wanted = [f"addr({address})" for address in addresses]
        async with self._scanning:  # a node does one at a time
            answer = await self._call("scantxoutset", "start", wanted)
        found = self._rpc.read(answer, Scanned)
        if not found.success:
            raise self._rpc.unavailable("did not finish a scan")
        return found

    async def fee_rate(self) -> Amount:
        """Units per 1,000 bytes, within the dialect's bounds."""
        estimated = Amount(0)
        if self.dialect.estimates:
            answer = await self._call("estimatesmartfee", _FEE_TARGET_BLOCKS)
            rate = self._rpc.read(answer, Estimate).feerate or Decimal(0)
            estimated = self.units(max(rate, Decimal(0)))
        return min(max(estimated, self.dialect.fee_min), self.dialect.fee_max)

    def units(self, value: Decimal) -> Amount:
        return self._rpc.units(value, DECIMALS)

    async def _descriptor(self, address: str) -> str:
        answer = await self._call("getdescriptorinfo", f"addr({address})")
        return self._rpc.read(answer, Descriptor).descriptor

    def _check_imported(self, answer: Any) -> None:
        refused = [one.error for one in self._rpc.read(answer, list[Imported]) if not one.success]
        if refused:
            raise self._rpc.unavailable(f"does not watch an address: {refused[0]}")

    async def _call(self, method: str, *params: Any) -> Any:
        return await self._rpc.call(method, *params)

    async def _wallet_call(
        self, method: str, *params: Any, patience_seconds: float = TIMEOUT_SECONDS
    ) -> Any:
        """Of the watching wallet, which is loaded where a restart has left it out."""
        path = f"/wallet/{self._wallet}" if self._wallet else "/"
        call = partial(
            self._rpc.call, method, *params, path=path, patience_seconds=patience_seconds
        )
        try:
            return await call()
        except RpcError as error:
            if error.code != _WALLET_NOT_LOADED:
                raise
        try:
            await self._rpc.call("loadwallet", self._wallet)
        except RpcError as error:
            raise self._rpc.unavailable(f"has no wallet {self._wallet!r}: {error}") from error
        return await call()
