"""Chains of Bitcoin's family, by their nodes' JSON-RPC: one adapter, seven dialects.

The node has a wallet without keys that watches our addresses. Transactions are put together
here and signed elsewhere, so that no call of the node can spend anything.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from coinport.model.units import Amount
from coinport.wallets import p2pkh
from coinport.wallets.addresses import InvalidAddress
from coinport.wallets.bitcoind_answers import Coin, Row
from coinport.wallets.bitcoind_node import BitcoindNode
from coinport.wallets.chain import (
    CONTEXT_CHARACTERS_MAX,
    GONE,
    Balances,
    Block,
    BroadcastRefused,
    InsufficientFunds,
    Payment,
    Payout,
    Scan,
    Signed,
    State,
    Status,
    UnknownBlock,
    Unpayable,
    Unsigned,
    payment_key,
)
from coinport.wallets.networks import Network
from coinport.wallets.rpc import RpcError
from coinport.wallets.scripts import output_script
from coinport.wallets.transactions import Input, Outpoint, Output, Transaction

INPUTS_MAX: Final = 400
"""Of one transaction: 60 kB, which every node relays. What is beyond waits for the next."""

_ALREADY_IN_CHAIN = -27
_RECEIVED = ("receive", "generate", "immature")


class BitcoindChain:
    simulated: Final = False

    def __init__(self, node: BitcoindNode, network: Network = Network.MAIN) -> None:
        self.currency: Final = node.currency
        self._node = node
        self._network = network

    async def tip(self) -> Block:
        return await self._node.tip()

    async def block(self, height: int) -> Block:
        return await self._node.block(height)

    async def watch(self, addresses: Sequence[str], *, rescan: bool = False) -> None:
        await self._node.watch(addresses, rescan=rescan)

    async def incoming(self, since: Block | None) -> Scan:
        start, forked = (
            await self._node.shared(since) if since else (await self._node.block(0), False)
        )
        listed = await self._node.since(start)
        payments = [
            await self._payment(row)
            for row in listed.transactions
            if row.category in _RECEIVED and row.confirmations >= 0 and row.vout is not None
        ]
        if since and not forked:  # what left the chain while it was listed must not be overlooked
            _, forked = await self._node.shared(since)
        return Scan(tuple(payments), await self._node.known(listed.lastblock), forked)

    async def recheck(self, payments: Sequence[Payment]) -> list[Payment]:
        return [await self._now(payment) for payment in payments]

    async def build(
        self,
        payouts: Sequence[Payout],
        *,
        sources: Sequence[str],
        change: str,
        exclude: Collection[str] = (),
        confirmations: int = 1,
    ) -> Unsigned:
        outputs = [self._output(payout) for payout in payouts]
        change_script = self._script(change)
        scripts = [*(output.script for output in outputs), change_script]
        wanted = sum(output.amount for output in outputs)
        rate = await self._node.fee_rate()
        tip = await self.tip()  # before the coins: they are at least those of this block
        coins: list[Coin] = []
        total = 0
        for coin in await self._coins(sources, exclude):
            if total >= wanted + p2pkh.fee(len(coins), scripts, rate) and coins:
                break
            if coin.confirmations < confirmations and not await self._node.is_own(coin.txid):
                continue
            coins.append(coin)
            total += self._node.units(coin.amount)
        rest = total - wanted - p2pkh.fee(len(coins), scripts, rate)
        shown = await self._context(coins)
        if rest < 0 or len(coins) > INPUTS_MAX or any(coin.txid not in shown for coin in coins):
            raise InsufficientFunds(
                f"{self.currency}: {wanted} units and the fee are needed, {total} are at hand"
            )
        if rest < self._node.dialect.dust:
            return await self._unsigned(tip, coins, shown, outputs, payouts)
        back = Payout(change, Amount(rest))
        outputs, payouts = [*outputs, self._output(back)], [*payouts, back]
        return await self._unsigned(tip, coins, shown, outputs, payouts)

    async def sweep(
        self, sources: Sequence[str], to: str, *, exclude: Collection[str] = ()
    ) -> Unsigned:
        tip = await self.tip()
        coins = (await self._coins(sources, exclude))[:INPUTS_MAX]
        shown = await self._context(coins)
        coins = [coin for coin in coins if coin.txid in shown]
        script = self._script(to)
        fee = p2pkh.fee(len(coins), [script], await self._node.fee_rate())
        rest = sum(self._node.units(coin.amount) for coin in coins) - fee
        if rest < self._node.dialect.dust:
            raise InsufficientFunds(f"{self.currency}: the fee would eat what is to be swept")
        all_of_it = Payout(to, Amount(rest))
        return await self._unsigned(tip, coins, shown, [self._output(all_of_it)], [all_of_it])

    async def broadcast(self, signed: Signed) -> None:
        try:
            await self._node.send(signed.blob)
        except RpcError as error:
            if error.code != _ALREADY_IN_CHAIN:
                raise BroadcastRefused(f"{self.currency} {signed.txid}: {error}") from error

    async def status(self, signed: Signed) -> Status:
        ours = await self._node.transaction(signed.txid)
        if ours is not None and ours.confirmations > 0:
            return Status(State.CONFIRMED, signed.txid, ours.confirmations)
        if await self._node.waits(signed.txid):
            return Status(State.WAITING, signed.txid)
        for coin in signed.inputs:
            txid, _, vout = coin.rpartition(":")
            if await self._node.is_spent(txid, int(vout)):
                return await self._spent_otherwise(signed)
        return Status(State.UNSEEN)

    async def balances(self, addresses: Sequence[str]) -> Balances:
        if self._node.dialect.scans:
            scripts = {self._script(address).hex(): address for address in addresses}
            found = await self._node.scan(addresses)
            held = [(scripts[at.scriptPubKey], at.amount) for at in found.unspents]
            return self._balances(Block(found.height, found.bestblock), addresses, held)
        while True:  # until no block comes in between
            before = await self.tip()
            coins = await self._node.unspent(addresses)
            if await self.tip() == before:
                break
        return self._balances(before, addresses, [(coin.address, coin.amount) for coin in coins])

    def _balances(
        self, block: Block, addresses: Sequence[str], held: Sequence[tuple[str, Decimal]]
    ) -> Balances:
        amounts = dict.fromkeys(addresses, Amount(0))
        for address, amount in held:
            amounts[address] = Amount(amounts[address] + self._node.units(amount))
        return Balances(block, amounts)

    async def _now(self, payment: Payment) -> Payment:
        vout = int(payment.key.rpartition(":")[2])
        found = await self._node.transaction(payment.txid)
        if found is None or found.confirmations < 0:
            return replace(payment, confirmations=GONE, block=None)
        newly_mined = any(
            detail.vout == vout and detail.category == "immature" for detail in found.details
        )
        block = await self._node.known(found.blockhash) if found.blockhash else None
        depth = 0 if newly_mined else found.confirmations
        return replace(payment, confirmations=depth, block=block)

    async def _payment(self, row: Row) -> Payment:
        assert row.vout is not None
        return Payment(
            key=payment_key(self.currency, row.txid, row.vout),
            txid=row.txid,
            address=row.address or "",
            memo="",
            amount=self._node.units(row.amount),
            confirmations=0 if row.category == "immature" else row.confirmations,
            block=await self._node.known(row.blockhash) if row.blockhash else None,
        )

    async def _spent_otherwise(self, signed: Signed) -> Status:
        """An input is spent: by the same payment under another id, or by another payment?"""
        for row in await self._confirmed_since(signed.since):
            found = await self._node.transaction(row.txid)
            if found is None:
                continue
            spender = await self._node.decoded(found.hex)
            inputs = {f"{spent.txid}:{spent.vout}" for spent in spender.vin}
            if inputs.isdisjoint(signed.inputs):
                continue
            paid = [(self._node.units(at.value), at.scriptPubKey.hex) for at in spender.vout]
            wanted = [self._output(payout) for payout in signed.payouts]
            same = inputs == set(signed.inputs) and paid == [
                (output.amount, output.script.hex()) for output in wanted
            ]
            state = State.CONFIRMED if same else State.CONFLICTED
            return Status(state, row.txid, found.confirmations)
        return Status(State.UNSEEN)

    async def _confirmed_since(self, since: Block) -> list[Row]:
        """One row for each transaction of ours in a block after `since`."""
        try:
            start, _ = await self._node.shared(since)
        except UnknownBlock:
            start = await self._node.block(0)
        rows = (await self._node.since(start)).transactions
        return list({row.txid: row for row in rows if row.confirmations > 0}.values())

    async def _unsigned(
        self,
        tip: Block,
        coins: Sequence[Coin],
        shown: Mapping[str, str],
        outputs: Sequence[Output],
        payouts: Sequence[Payout],
    ) -> Unsigned:
        transaction = Transaction(
            tuple(Input(Outpoint(coin.txid, coin.vout)) for coin in coins),
            tuple(outputs),
            time=(await self._node.header(tip.hash)).time if self._node.dialect.timed else None,
        )
        taken = sum(self._node.units(coin.amount) for coin in coins)
        return Unsigned(
            currency=self.currency,
            payouts=tuple(payouts),
            inputs=tuple(coin.name for coin in coins),
            fee=Amount(taken - sum(output.amount for output in outputs)),
            blob=transaction.encode().hex(),
            context=tuple(shown.values()),
            since=tip,
        )

    async def _context(self, coins: Sequence[Coin]) -> dict[str, str]:
        """The transactions that they come from, by id; as many as the signer may be shown."""
        shown: dict[str, str] = {}
        room = CONTEXT_CHARACTERS_MAX
        for txid in dict.fromkeys(coin.txid for coin in coins):
            found = await self._node.transaction(txid)
            if found is not None and len(found.hex) <= room:
                shown[txid] = found.hex
                room -= len(found.hex)
        return shown

    def _output(self, payout: Payout) -> Output:
        if payout.amount < self._node.dialect.dust:
            raise Unpayable(f"{self.currency}: {payout.amount} units are too little to be sent")
        return Output(payout.amount, self._script(payout.address))

    def _script(self, address: str) -> bytes:
        try:
            return output_script(self.currency, address, self._network)
        except InvalidAddress as error:
            raise Unpayable(f"{self.currency} {address}: {error}") from error

    async def _coins(self, sources: Sequence[str], exclude: Collection[str]) -> list[Coin]:
        """Largest first, so that few are needed; the same every time."""
        coins = [coin for coin in await self._node.unspent(sources) if coin.name not in exclude]
        return sorted(coins, key=lambda coin: (-coin.amount, coin.name))
