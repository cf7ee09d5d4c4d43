"""The stage on a chain of BitShares' kind in memory: a wallet for us, one for the signer."""

import httpx
from coincurve import PrivateKey

from coinport.model.units import Amount
from coinport.wallets.btsx import BtsxChain
from coinport.wallets.btsx_scheme import BtsxScheme
from coinport.wallets.btsx_transfers import UNITS
from coinport.wallets.chain import Signed, Unsigned
from coinport.wallets.own_node import OwnNode
from coinport.wallets.rpc import Rpc
from coinport.wallets.schemes import ACCOUNT_PATH
from coinport.wallets.simnetwork import Failure
from tests.contracts.cli_wallet import CliWallet
from tests.contracts.faulty import FaultyTransport
from tests.contracts.graphene import Graphene

KEY = PrivateKey.from_int(9)


class BtsxStage:
    coin = Amount(10**8)
    hot = "coinport-hot"

    def __init__(self) -> None:
        self.node = Graphene()
        self.wallet, self.signers_wallet = CliWallet(self.node, KEY), CliWallet(self.node, KEY)
        words = {"broadcast": b'"broadcast_transaction"', "incoming": b'"get_account_history"'}
        self.transport = FaultyTransport(httpx.MockTransport(self.wallet.handle), words)
        self.rpc = Rpc("http://btsx", name="BTSX", version="2.0", transport=self.transport)
        own = httpx.MockTransport(self.signers_wallet.handle)
        self.own_node = OwnNode("http://127.0.0.1:8093", name="BTSX", transport=own)
        self.scheme = BtsxScheme(self.hot, KEY.secret, self.own_node)
        self.chain = BtsxChain(self.rpc, self.hot)

    async def open(self) -> None:
        self.node.account(self.hot, KEY)
        self.node.genesis[self.hot] = 1000 * self.coin // UNITS

    async def close(self) -> None:
        await self.rpc.close()

    def user(self, number: int) -> tuple[str, str]:
        return self.hot, str(1_000_000_000 + number)

    def outside(self) -> str:
        return self.node.outsider()

    async def pay(self, address: str, amount: Amount, memo: str = "") -> None:
        self.node.pay(address, amount // UNITS, memo)

    async def mine(self, blocks: int = 1) -> None:
        self.node.produce(blocks)
        self.node.settle()

    async def received(self, address: str) -> Amount:
        return Amount(self.node.balance(address) * UNITS)

    def sign(self, unsigned: Unsigned) -> Signed:
        return self.scheme.sign(unsigned, [ACCOUNT_PATH])

    def fail(self, method: str, failure: Failure) -> None:
        self.transport.fail(method, failure)

    async def restart(self) -> None:
        self.node.pending.clear()
