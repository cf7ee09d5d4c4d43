"""A simulated chain as the exchange sees it: the port on a `SimNetwork`."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec

from coinport.model.units import Amount
from coinport.wallets.chain import (
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
from coinport.wallets.signing import KeyPath
from coinport.wallets.simnetwork import FEE, LABEL, Conflict, SimNetwork, SimOutput, SimTransaction

SIGNATURE: Final = "signed:"
"""Before the blob of a transaction that is signed. Anybody can: it is play money."""


class SimChain:
    simulated: Final = True

    def __init__(self, network: SimNetwork) -> None:
        self._network = network

    @property
    def currency(self) -> str:
        return self._network.currency

    async def tip(self) -> Block:
        with self._network.call("tip"):
            return self._network.tip

    async def block(self, height: int) -> Block:
        with self._network.call("block"):
            if not 0 <= height <= self._network.tip.height:
                raise UnknownBlock(f"simulated {self.currency} has no block {height}")
            return self._network.chain[height].block

    async def watch(self, addresses: Sequence[str], *, rescan: bool = False) -> None:
        """Always with the past: a simulated chain is short."""
        with self._network.call("watch"):
            self._network.watched.update(dict.fromkeys(addresses))

    async def incoming(self, since: Block | None) -> Scan:
        with self._network.call("incoming"):
            fork = self._network.fork(since) if since else -1
            if fork is None:
                raise UnknownBlock(f"simulated {self.currency} does not know {since}")
            found = [
                payment
                for transaction in self._network.transactions(after=fork)
                for payment in self._payments(transaction)
            ]
            forked = since is not None and fork < since.height
            return Scan(tuple(found), self._network.tip, forked)

    async def recheck(self, payments: Sequence[Payment]) -> list[Payment]:
        with self._network.call("recheck"):
            return [self._now(payment) for payment in payments]

    async def build(
        self,
        payouts: Sequence[Payout],
        *,
        sources: Sequence[str],
        change: str,
        exclude: Collection[str] = (),
        confirmations: int = 1,
    ) -> Unsigned:
        with self._network.call("build"):
            if any(payout.amount <= 0 for payout in payouts):
                raise Unpayable("a payout of nothing cannot be made")
            wanted = sum(payout.amount for payout in payouts) + FEE
            inputs, total = [], 0
            for coin, output in self._coins(sources, exclude):
                if total < wanted and self._may_be_spent(coin, confirmations):
                    inputs.append(coin)
                    total += output.amount
            if total < wanted:
                raise InsufficientFunds(
                    f"simulated {self.currency}: {wanted} units are needed, {total} are there"
                )
            rest = [Payout(change, Amount(total - wanted))] if total > wanted else []
            return self._unsigned(inputs, [*payouts, *rest])

    async def sweep(
        self, sources: Sequence[str], to: str, *, exclude: Collection[str] = ()
    ) -> Unsigned:
        with self._network.call("sweep"):
            coins = list(self._coins(sources, exclude))
            rest = Amount(sum(output.amount for _, output in coins) - FEE)
            if rest <= 0:
                raise InsufficientFunds(f"simulated {self.currency}: the fee would eat it all")
            return self._unsigned([coin for coin, _ in coins], [Payout(to, rest)])

    async def broadcast(self, signed: Signed) -> None:
        with self._network.call("broadcast"):
            if not signed.blob.startswith(SIGNATURE):
                raise BroadcastRefused("this transaction is not signed")
            try:
                self._network.submit(_transaction(signed.blob.removeprefix(SIGNATURE)))
            except Conflict as error:
                raise BroadcastRefused(str(error)) from error

    async def status(self, signed: Signed) -> Status:
        with self._network.call("status"):
            ours = _transaction(signed.blob.removeprefix(SIGNATURE))
            for coin in ours.inputs:
                spender = self._network.spender(coin)
                if spender is None:
                    continue
                same = (spender.inputs, spender.outputs) == (ours.inputs, ours.outputs)
                depth = self._network.confirmations(spender.txid)
                return Status(State.CONFIRMED if same else State.CONFLICTED, spender.txid, depth)
            if waiting := self._network.waiting(ours):
                return Status(State.WAITING, waiting.txid)
            return Status(State.UNSEEN)

    async def balances(self, addresses: Sequence[str]) -> Balances:
        with self._network.call("balances"):
            amounts = dict.fromkeys(addresses, Amount(0))
            for _, output in self._coins(addresses, ()):
                amounts[output.address] = Amount(amounts[output.address] + output.amount)
            return Balances(self._network.tip, amounts)

    def _payments(self, transaction: SimTransaction) -> Iterable[Payment]:
        txid = transaction.txid
        block = self._network.block_of(txid)
        for vout, output in enumerate(transaction.outputs):
            if output.address in self._network.watched:
                key = payment_key(self.currency, txid, vout)
                depth = self._network.confirmations(txid)
                yield Payment(key, txid, output.address, output.memo, output.amount, depth, block)

    def _now(self, payment: Payment) -> Payment:
        return msgspec.structs.replace(
            payment,
            confirmations=self._network.confirmations(payment.txid),
            block=self._network.block_of(payment.txid),
        )

    def _coins(
        self, addresses: Collection[str], exclude: Collection[str]
    ) -> Iterable[tuple[str, SimOutput]]:
        wanted = set(addresses)
        return (
            (coin, output)
            for coin, output in self._network.unspent.items()
            if output.address in wanted and coin not in exclude
        )

    def _may_be_spent(self, coin: str, confirmations: int) -> bool:
        txid = coin.rpartition(":")[0]
        if self._network.confirmations(txid) >= confirmations:
            return True
        return not self._network.from_outside(txid)

    def _unsigned(self, inputs: Sequence[str], payouts: Sequence[Payout]) -> Unsigned:
        outputs = tuple(SimOutput(to.address, to.amount, to.memo) for to in payouts)
        transaction = SimTransaction(tuple(inputs), outputs)
        return Unsigned(
            currency=self.currency,
            payouts=tuple(payouts),
            inputs=transaction.inputs,
            fee=FEE,
            blob=msgspec.json.encode(transaction).decode(),
            context=(),
            since=self._network.tip,
        )


def address(currency: str, path: KeyPath) -> str:
    """Anybody can make them, as there are no keys."""
    return f"{LABEL}{currency}-{path.branch}-{path.index}"


def sign(unsigned: Unsigned) -> Signed:
    """What a signer does on other chains."""
    return Signed(
        currency=unsigned.currency,
        payouts=unsigned.payouts,
        inputs=unsigned.inputs,
        fee=unsigned.fee,
        blob=SIGNATURE + unsigned.blob,
        txid=_transaction(unsigned.blob).txid,
        since=unsigned.since,
    )


def read(blob: str) -> tuple[tuple[str, ...], tuple[Payout, ...]]:
    """The inputs and payouts of an unsigned transaction. Raises ValueError."""
    transaction = _transaction(blob)
    payouts = (Payout(to.address, to.amount, to.memo) for to in transaction.outputs)
    return transaction.inputs, tuple(payouts)


def _transaction(blob: str) -> SimTransaction:
    return msgspec.json.decode(blob, type=SimTransaction)
