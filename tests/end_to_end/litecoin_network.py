"""The world around an exchange: a real litecoind, and everybody else who pays and mines."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Any, NamedTuple, Self

from tests.contracts.litecoin_stage import LitecoinStage

QUIET_BLOCKS = 100
"""In which nobody could pay anybody yet."""
MWEB_BLOCK = 432
"""Which cannot be mined just so."""


class Paid(NamedTuple):
    """One output in the chain."""

    address: str
    coins: Decimal


class Network:
    """It keeps all blocks, as other nodes would: ours loses the newest ones when it is killed."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._stage = LitecoinStage()
        self._kept: list[str] = []
        """Each block's bytes."""
        self._known: dict[str, list[dict[str, Any]]] = {}
        """The transactions of each block."""

    def __enter__(self) -> Self:
        self._run(self._stage.open())
        self._keep()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run(self._stage.close())
        self._runner.close()

    @property
    def port(self) -> int:
        return self._stage.node.port

    @property
    def hot(self) -> str:
        return self._stage.hot

    @property
    def height(self) -> int:
        height: int = self.call("getblockcount")
        return height

    def call(self, method: str, *params: Any) -> Any:
        return self._run(self._stage.node.call(method, *params))

    def outside(self) -> str:
        """A new address of somebody else."""
        address: str = self._run(self._stage.node.miner("getnewaddress", "", "legacy"))
        return address

    def pay(self, address: str, coins: Decimal | int) -> str:
        """Its transaction id; it waits for a block."""
        txid: str = self._run(self._stage.node.miner("sendtoaddress", address, str(coins)))
        return txid

    def mine(self, blocks: int = 1) -> None:
        assert self.height + blocks < MWEB_BLOCK
        self._run(self._stage.mine(blocks))
        self._keep()

    def mine_empty(self, blocks: int = 1) -> None:
        """What waits goes on waiting."""
        for _ in range(blocks):
            self.call("generateblock", self.outside(), [])

    def forget(self, depth: int) -> None:
        """The last `depth` blocks are no longer in the chain; what was in them waits."""
        self.call("invalidateblock", self.call("getblockhash", self.height - depth + 1))

    def reorg(self, depth: int, lose: Sequence[str] = ()) -> None:
        """The last `depth` blocks lose against one more; `lose`: transactions that are spent
        otherwise there."""
        self._run(self._stage.reorg(depth, lose))

    def kill(self) -> None:
        """In any thread."""
        self._stage.node.kill()

    def start(self) -> None:
        """After a kill. The other nodes tell it all blocks that it has lost."""
        self._run(self._stage.node.start("-walletbroadcast=0"))
        self.call("loadwallet", "miner")
        for block in self._kept:
            self.call("submitblock", block)

    def holds(self, addresses: Collection[str]) -> Decimal:
        """What `addresses` were paid and have not spent."""
        spent = {coin for each in self.transactions() for coin in _inputs(each)}
        held = [
            one.coins
            for coin, one in self._outputs()
            if coin not in spent and one.address in addresses
        ]
        return sum(held, Decimal(0))

    def paid(self, address: str) -> list[Decimal]:
        """What the chain has paid there, payment by payment."""
        return [output.coins for _, output in self._outputs() if output.address == address]

    def left(self, addresses: Collection[str]) -> list[Paid]:
        """All that went from `addresses` to others."""
        ours = {coin for coin, output in self._outputs() if output.address in addresses}
        went = []
        for each in self.transactions():
            if not ours.isdisjoint(spent := _inputs(each)):
                assert ours.issuperset(spent)
                went += [output for output in _outputs(each) if output.address not in addresses]
        return went

    def transactions(self) -> Iterator[dict[str, Any]]:
        """Of all blocks."""
        for height in range(QUIET_BLOCKS, self.height + 1):
            at = self.call("getblockhash", height)
            if at not in self._known:
                self._known[at] = self.call("getblock", at, 2)["tx"]
            yield from self._known[at]

    def _outputs(self) -> Iterator[tuple[str, Paid]]:
        """By their names."""
        for each in self.transactions():
            for at, output in enumerate(_outputs(each)):
                yield f"{each['txid']}:{at}", output

    def _keep(self) -> None:
        for height in range(len(self._kept) + 1, self.height + 1):
            self._kept.append(self.call("getblock", self.call("getblockhash", height), 0))

    def _run(self, work: Any) -> Any:
        return self._runner.run(work)


def _inputs(transaction: dict[str, Any]) -> list[str]:
    return [f"{at['txid']}:{at['vout']}" for at in transaction["vin"] if "txid" in at]


def _outputs(transaction: dict[str, Any]) -> list[Paid]:
    return [
        Paid("".join(each["scriptPubKey"].get("addresses", [])), each["value"])
        for each in transaction["vout"]
    ]
