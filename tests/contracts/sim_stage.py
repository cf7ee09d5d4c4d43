"""The stage on a simulated chain."""

from collections.abc import Sequence

from coinport.model.units import Amount
from coinport.wallets import simchain
from coinport.wallets.chain import Signed, Unsigned
from coinport.wallets.simchain import SimChain
from coinport.wallets.simnetwork import Failure, SimNetwork


class SimStage:
    hot = "hot"
    coin = Amount(10**8)

    def __init__(self) -> None:
        self.network = SimNetwork("LTC", seed=7)
        self.chain = SimChain(self.network)
        self._outsiders = 0

    async def open(self) -> None:
        await self.chain.watch([self.hot, *(self.user(number)[0] for number in range(3))])
        for _ in range(3):
            self.network.pay(self.hot, Amount(10 * self.coin))
        self.network.mine(10)

    async def close(self) -> None: ...

    def user(self, number: int) -> tuple[str, str]:
        return f"user-{number}", ""

    def outside(self) -> str:
        self._outsiders += 1
        return f"outsider-{self._outsiders}"

    async def pay(self, address: str, amount: Amount, memo: str = "") -> None:
        self.network.pay(address, amount, memo)

    async def mine(self, blocks: int = 1) -> None:
        self.network.mine(blocks)

    async def received(self, address: str) -> Amount:
        return (await self.chain.balances([address])).amounts[address]

    def sign(self, unsigned: Unsigned) -> Signed:
        return simchain.sign(unsigned)

    def fail(self, method: str, failure: Failure) -> None:
        self.network.fail(method, failure)

    async def restart(self) -> None:
        self.network.forget_mempool()

    async def reorg(self, depth: int, lose: Sequence[str] = ()) -> None:
        self.network.reorg(depth, lose=lose)

    async def mutate(self, signed: Signed) -> None:
        await self.chain.broadcast(signed)
        self.network.mutate(signed.txid)
        self.network.mine()

    async def double_spend(self, signed: Signed) -> None:
        await self.chain.broadcast(signed)
        self.network.double_spend(signed.txid)
        self.network.mine()
