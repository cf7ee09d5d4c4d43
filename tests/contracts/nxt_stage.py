"""The stage on an NXT node in memory, and another one that signs."""

from collections.abc import Sequence

import httpx

from coinport.model.units import Amount
from coinport.wallets.chain import Signed, Unsigned
from coinport.wallets.nxt import NxtChain
from coinport.wallets.nxt_accounts import account
from coinport.wallets.nxt_scheme import NxtScheme
from coinport.wallets.own_node import OwnNode
from coinport.wallets.rpc import Rpc
from coinport.wallets.schemes import ACCOUNT_PATH
from coinport.wallets.simnetwork import Failure
from tests.contracts.faulty import FaultyTransport
from tests.contracts.nrs import Nrs
from tests.contracts.nrs_signing import SigningNode

SECRET_PHRASE = "nobody would ever guess this"


class NxtStage:
    coin = Amount(10**8)

    def __init__(self) -> None:
        self.node, self.signing_node = Nrs(), SigningNode()
        words = {"broadcast": b"broadcastTransaction", "incoming": b"getBlockchainTransactions"}
        self.transport = FaultyTransport(httpx.MockTransport(self.node.handle), words)
        self.rpc = Rpc("http://nxt", name="NXT", transport=self.transport)
        own = httpx.MockTransport(self.signing_node.handle)
        self.own_node = OwnNode("http://127.0.0.1:7876", name="NXT", transport=own)
        self.scheme = NxtScheme(SECRET_PHRASE, self.own_node)
        self.hot = self.scheme.address(ACCOUNT_PATH)
        self.chain = NxtChain(self.rpc, self.scheme.public_key)

    async def open(self) -> None:
        self.node.genesis[account(self.hot)] = 1000 * self.coin

    async def close(self) -> None:
        await self.rpc.close()

    def user(self, number: int) -> tuple[str, str]:
        return self.hot, str(1_000_000_000 + number)

    def outside(self) -> str:
        return self.node.outsider()

    async def pay(self, address: str, amount: Amount, memo: str = "") -> None:
        self.node.pay(address, amount, memo)

    async def mine(self, blocks: int = 1) -> None:
        self.node.mine(blocks)

    async def received(self, address: str) -> Amount:
        return Amount(self.node.balance(account(address)))

    def sign(self, unsigned: Unsigned) -> Signed:
        return self.scheme.sign(unsigned, [ACCOUNT_PATH])

    def fail(self, method: str, failure: Failure) -> None:
        self.transport.fail(method, failure)

    async def restart(self) -> None:
        self.node.pool.clear()

    async def reorg(self, depth: int, lose: Sequence[str] = ()) -> None:
        self.node.reorg(depth, lose)

    async def mutate(self, signed: Signed) -> None:
        self.node.mutate(signed.blob)
        self.node.mine()
