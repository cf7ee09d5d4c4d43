"""A whole chain in memory: blocks, waiting transactions, re-orgs, double spends, failures.

The same seed and the same calls give the same chain, hash for hash. Hashes and transaction ids
begin with `sim`, so that nobody can take them for real ones.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import IntEnum
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from coinport.model.units import Amount
from coinport.wallets.chain import GONE, Block, ChainUnavailable

FEE: Final = Amount(10_000)
"""Of every transaction, in smallest units."""
LABEL: Final = "sim"
_OUTSIDE = "outside:"
"""Before the inputs of other people's transactions: their coins come from nowhere."""


class SimOutput(Struct, frozen=True):
    address: str
    amount: Amount
    memo: str = ""


class SimTransaction(Struct, frozen=True):
    inputs: tuple[str, ...]
    """Coins, `txid:vout`."""
    outputs: tuple[SimOutput, ...]
    variant: int = 0
    """Changes the id and nothing else, as anybody can who relays a transaction."""

    @property
    def txid(self) -> str:
        return _hash(msgspec.json.encode(self))


class SimBlock(Struct, frozen=True):
    block: Block
    transactions: tuple[SimTransaction, ...]


class Failure(IntEnum):
    BEFORE = 1
    """The node does not do what it is asked, and does not answer."""
    AFTER = 2
    """It does, and the answer is lost."""


class Conflict(Exception):
    """A transaction that spends what is not there, or not any more."""


class _State(Struct):
    """All that makes a network, so that it can be saved."""

    currency: str
    seed: int
    counter: int
    chain: list[SimBlock]
    forks: dict[str, int]
    """Of each block that is no longer in the chain, by hash: the height it still shares."""
    mempool: dict[str, SimTransaction]
    watched: dict[str, None]


class SimNetwork:
    def __init__(self, currency: str, seed: int = 0) -> None:
        self._failures: dict[str, list[Failure]] = {}
        self.calls: Counter[str] = Counter()
        """How often each method of the port was called."""
        self._become(_State(currency, seed, 0, [], {}, {}, {}))
        self.mine()

    def save(self) -> bytes:
        return msgspec.msgpack.encode(self._state)

    def load(self, saved: bytes) -> None:
        """Become what was saved. Raises msgspec.DecodeError."""
        self._become(msgspec.msgpack.decode(saved, type=_State))

    # What happens in the world.

    def pay(self, address: str, amount: Amount, memo: str = "") -> str:
        """Somebody pays; the transaction waits for a block. Its id."""
        coin = f"{_OUTSIDE}{self._count()}"
        transaction = SimTransaction((coin,), (SimOutput(address, amount, memo),))
        self.submit(transaction)
        return transaction.txid

    def mine(self, blocks: int = 1) -> None:
        """The first of them takes whatever waits and can be included."""
        for _ in range(blocks):
            block = Block(len(self.chain), self._new_hash())
            included: list[SimTransaction] = []
            self.chain.append(SimBlock(block, ()))
            for transaction in list(self._state.mempool.values()):
                if self._is_payable(transaction):
                    self._include(transaction, block)
                    included.append(transaction)
            self.chain[-1] = SimBlock(block, tuple(included))
            self._drop_conflicts()

    def reorg(self, depth: int, *, lose: Collection[str] = (), mine: bool = True) -> None:
        """The last `depth` blocks lose against one more.

        `lose`: ids of transactions whose coins are spent otherwise in the new branch. The others
        are in it as well, or wait for a block if not `mine`.
        """
        assert 0 < depth < len(self.chain)
        orphaned = self.chain[-depth:]
        del self.chain[-depth:]
        for old in reversed(orphaned):
            self._disconnect(old, common=len(self.chain) - 1)
        again = [transaction for old in orphaned for transaction in old.transactions]
        waiting = [*again, *self._state.mempool.values()]
        doubles = [self._double(old) for old in waiting if old.txid in lose]
        others = {old.txid: old for old in waiting if old.txid not in lose}
        self._state.mempool = {double.txid: double for double in doubles}
        if mine:
            self._state.mempool |= others
        self.mine(depth + 1)
        self._state.mempool |= {} if mine else others
        self._drop_conflicts()

    def mutate(self, txid: str) -> str:
        """A waiting transaction gets another id: what it spends and pays stays. The new id."""
        old = self._state.mempool.pop(txid)
        changed = replace(old, variant=old.variant + 1)
        self._state.mempool[changed.txid] = changed
        return changed.txid

    def double_spend(self, txid: str) -> None:
        """The coins of a waiting transaction go elsewhere, in the next block."""
        double = self._double(self._state.mempool.pop(txid))
        self._state.mempool[double.txid] = double

    def forget_mempool(self) -> None:
        """As a node does that is killed."""
        self._state.mempool.clear()

    def fail(self, method: str, *failures: Failure) -> None:
        """The next calls of `method` (`broadcast`, `incoming`, ...) fail, one by one."""
        self._failures.setdefault(method, []).extend(failures)

    # What can be seen.

    @property
    def tip(self) -> Block:
        return self.chain[-1].block

    @contextmanager
    def call(self, method: str) -> Iterator[None]:
        """Around every call of the port: fails where `fail` said so."""
        self.calls[method] += 1
        waiting = self._failures.get(method)
        failure = waiting.pop(0) if waiting else None
        if failure is Failure.BEFORE:
            raise ChainUnavailable(f"simulated {self.currency}: {method} got no answer")
        yield
        if failure is Failure.AFTER:
            raise ChainUnavailable(f"simulated {self.currency}: {method} lost its answer")

    def fork(self, block: Block) -> int | None:
        """Height up to which the chain and that of `block` are one; None: it is unknown."""
        if block.height < len(self.chain) and self.chain[block.height].block == block:
            return block.height
        return self._state.forks.get(block.hash)

    def transactions(self, after: int) -> Iterator[SimTransaction]:
        """In blocks above height `after`, then those that wait."""
        for block in self.chain[after + 1 :]:
            yield from block.transactions
        yield from self._state.mempool.values()

    def confirmations(self, txid: str) -> int:
        if block := self.block_of(txid):
            return self.tip.height - block.height + 1
        return 0 if txid in self._state.mempool else GONE

    def block_of(self, txid: str) -> Block | None:
        return self._included.get(txid)

    def from_outside(self, txid: str) -> bool:
        """Of what is in a block: whether somebody else than the exchange has made it."""
        block = self._included[txid]
        (found,) = (each for each in self.chain[block.height].transactions if each.txid == txid)
        return found.inputs[0].startswith(_OUTSIDE)

    def spender(self, coin: str) -> SimTransaction | None:
        """Of the chain, not of the mempool."""
        return self._spenders.get(coin)

    def waiting(self, transaction: SimTransaction) -> SimTransaction | None:
        """What waits and spends and pays the same, whatever its id."""
        for other in self._state.mempool.values():
            if (other.inputs, other.outputs) == (transaction.inputs, transaction.outputs):
                return other
        return None

    def submit(self, transaction: SimTransaction) -> None:
        """Once more is no more. Raises Conflict."""
        txid = transaction.txid
        if txid in self._included or txid in self._state.mempool:
            return
        claimed = {coin for other in self._state.mempool.values() for coin in other.inputs}
        if not self._is_payable(transaction) or claimed.intersection(transaction.inputs):
            raise Conflict(f"{txid} spends what is not there, or not any more")
        self._state.mempool[txid] = transaction

    def _become(self, state: _State) -> None:
        self._state = state
        self.currency = state.currency
        self.chain = state.chain
        self.watched = state.watched
        self.unspent: dict[str, SimOutput] = {}
        self._outputs: dict[str, SimOutput] = {}
        self._included: dict[str, Block] = {}
        self._spenders: dict[str, SimTransaction] = {}
        for block in state.chain:
            for transaction in block.transactions:
                self._include(transaction, block.block)

    def _is_payable(self, transaction: SimTransaction) -> bool:
        return all(
            coin in self.unspent or (coin.startswith(_OUTSIDE) and coin not in self._spenders)
            for coin in transaction.inputs
        )

    def _include(self, transaction: SimTransaction, block: Block) -> None:
        txid = transaction.txid
        self._state.mempool.pop(txid, None)
        self._included[txid] = block
        for coin in transaction.inputs:
            self.unspent.pop(coin, None)
            self._spenders[coin] = transaction
        for vout, output in enumerate(transaction.outputs):
            self.unspent[f"{txid}:{vout}"] = self._outputs[f"{txid}:{vout}"] = output

    def _disconnect(self, old: SimBlock, common: int) -> None:
        forks = self._state.forks
        forks[old.block.hash] = common
        for block, height in forks.items():
            forks[block] = min(height, common)
        for transaction in reversed(old.transactions):
            txid = transaction.txid
            del self._included[txid]
            for vout in range(len(transaction.outputs)):
                self.unspent.pop(f"{txid}:{vout}", None)
            for coin in transaction.inputs:
                del self._spenders[coin]
                if not coin.startswith(_OUTSIDE):
                    self.unspent[coin] = self._outputs[coin]

    def _drop_conflicts(self) -> None:
        waiting = self._state.mempool
        self._state.mempool = {
            txid: transaction
            for txid, transaction in waiting.items()
            if self._is_payable(transaction)
            or any(coin.rpartition(":")[0] in waiting for coin in transaction.inputs)
        }

    def _double(self, transaction: SimTransaction) -> SimTransaction:
        total = Amount(sum(output.amount for output in transaction.outputs))
        return SimTransaction(transaction.inputs, (SimOutput("elsewhere", total),))

    def _new_hash(self) -> str:
        state = self._state
        return _hash(f"{state.currency} {state.seed} {self._count()}".encode())

    def _count(self) -> int:
        self._state.counter += 1
        return self._state.counter


def _hash(data: bytes) -> str:
    return LABEL + sha256(data).hexdigest()[len(LABEL) :]
