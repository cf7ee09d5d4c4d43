"""A node that does something else between two questions, and one that is asked two at once."""

import asyncio
import json
from typing import Any

import httpx

from coinport.wallets.bitcoind import BitcoindChain
from coinport.wallets.bitcoind_node import BitcoindNode
from coinport.wallets.chain import Block
from coinport.wallets.networks import Network
from coinport.wallets.rpc import Rpc

OLD, SHARED, NEW = "0a", "0b", "0c"
ADDRESS = "mt18cMwoeBpSv7Vb4zVxKdeWdDCmMhk1nZ"


class Node:
    def __init__(self) -> None:
        self.confirmations = {SHARED: 3, OLD: 1}
        self.scanning = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        answer = await getattr(self, asked["method"])(*asked["params"])
        return httpx.Response(200, json={"id": asked["id"], "error": None, **answer})

    async def getblockheader(self, at: str) -> Any:
        height = {SHARED: 100, OLD: 101, NEW: 102}[at]
        header = {"height": height, "confirmations": self.confirmations[at], "time": 1}
        return {"result": header | {"previousblockhash": SHARED}}

    async def listsinceblock(self, *asked: Any) -> Any:
        """Meanwhile two new blocks come in, and the newest of before is none any more."""
        self.confirmations = {SHARED: 3, OLD: -1, NEW: 1}
        return {"result": {"transactions": [], "lastblock": NEW}}

    async def scantxoutset(self, *asked: Any) -> Any:
        if self.scanning:
            return {"error": {"code": -8, "message": "Scan already in progress"}}
        self.scanning += 1
        await asyncio.sleep(0)
        self.scanning -= 1
        return {"result": {"height": 101, "bestblock": OLD, "unspents": []}}


def chain_of(node: Node) -> BitcoindChain:
    rpc = Rpc("http://node", name="LTC", transport=httpx.MockTransport(node))
    return BitcoindChain(BitcoindNode("LTC", rpc, "watching"), Network.REGTEST)


def test_a_reorg_while_deposits_are_listed_is_no_secret() -> None:
    """Else what was credited, and is gone now, would never be looked at again."""
    scan = asyncio.run(chain_of(Node()).incoming(Block(101, OLD)))
    assert scan.tip == Block(102, NEW)
    assert scan.forked


def test_two_who_ask_for_balances_are_answered_one_after_the_other() -> None:
    async def scene() -> None:
        chain = chain_of(Node())
        first, second = await asyncio.gather(*(chain.balances([ADDRESS]) for _ in range(2)))
        assert first == second

    asyncio.run(scene())
