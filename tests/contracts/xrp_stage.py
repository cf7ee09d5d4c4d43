"""The stage on a rippled in memory."""

import httpx
from coincurve import PrivateKey

from coinport.model.units import Amount
from coinport.wallets.chain import Signed, Unsigned
from coinport.wallets.rpc import Rpc
from coinport.wallets.schemes import ACCOUNT_PATH, XrpScheme
from coinport.wallets.simnetwork import Failure
from coinport.wallets.xrp import XrpChain
from tests.contracts.faulty import FaultyTransport
from tests.contracts.rippled import Rippled

SECRET = bytes(31) + b"\x09"


class XrpStage:
    coin = Amount(10**6)

    def __init__(self) -> None:
        self.node = Rippled()
        words = {"broadcast": b'"submit"', "incoming": b'"account_tx"'}
        self.transport = FaultyTransport(httpx.MockTransport(self.node.handle), words)
        self._rpc = Rpc("http://rippled", name="XRP", transport=self.transport)
        self.scheme = XrpScheme(PrivateKey(SECRET).secret)
        self.hot = self.scheme.address(ACCOUNT_PATH)
        self.chain = XrpChain(self._rpc, self.hot)

    async def open(self) -> None:
        self.node.balances[self.hot] = 1000 * self.coin
        self.node.sequences[self.hot] = 5

    async def close(self) -> None:
        await self._rpc.close()

    def user(self, number: int) -> tuple[str, str]:
        return self.hot, str(1_000_000_000 + number)

    def outside(self) -> str:
        return self.node.outsider()

    async def pay(self, address: str, amount: Amount, memo: str = "") -> None:
        self.node.pay(address, amount, memo)

    async def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            self.node.close_ledger()

    async def received(self, address: str) -> Amount:
        return Amount(self.node.balances[address])

    def sign(self, unsigned: Unsigned) -> Signed:
        return self.scheme.sign(unsigned, [ACCOUNT_PATH])

    def fail(self, method: str, failure: Failure) -> None:
        self.transport.fail(method, failure)

    async def restart(self) -> None:
        self.node.queue.clear()
