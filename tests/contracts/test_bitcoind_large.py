"""Coins from transactions so large that the signer could not be shown all of them at once. Anybody
can pay us so, coin by coin."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from coinport.model.units import Amount
from coinport.wallets.bitcoind import BitcoindChain
from coinport.wallets.bitcoind_node import BitcoindNode
from coinport.wallets.chain import CONTEXT_CHARACTERS_MAX, InsufficientFunds, Payout
from coinport.wallets.networks import Network
from coinport.wallets.rpc import Rpc
from coinport.wallets.signer_socket import LINE_BYTES_MAX

ADDRESS = "mt18cMwoeBpSv7Vb4zVxKdeWdDCmMhk1nZ"
COINS = 100
CHARACTERS = 800_000
"""Of each coin's transaction."""
ANSWERS: dict[str, Any] = {
    "getbestblockhash": "0a",
    "getblockheader": {"height": 100, "confirmations": 1, "time": 1},
    "estimatesmartfee": {},
    "gettransaction": {"hex": "00" * (CHARACTERS // 2)},
    "listunspent": [
        {"txid": f"{n:064x}", "vout": 0, "address": ADDRESS, "amount": 1, "confirmations": 9}
        for n in range(COINS)
    ],
}


@pytest.fixture
def chain() -> BitcoindChain:
    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        return httpx.Response(200, json={"id": asked["id"], "result": ANSWERS[asked["method"]]})

    rpc = Rpc("http://node", name="LTC", transport=httpx.MockTransport(answer))
    return BitcoindChain(BitcoindNode("LTC", rpc, "watching"), Network.REGTEST)


def test_a_sweep_takes_as_many_as_can_be_shown(chain: BitcoindChain) -> None:
    unsigned = asyncio.run(chain.sweep([ADDRESS], ADDRESS))
    shown = CONTEXT_CHARACTERS_MAX // CHARACTERS
    assert len(unsigned.inputs) == len(unsigned.context) == shown
    assert sum(map(len, unsigned.context)) <= CONTEXT_CHARACTERS_MAX < LINE_BYTES_MAX * 3 / 4
    assert shown - Decimal("0.1") < Decimal(unsigned.payouts[0].amount) / 10**8 < shown


def test_a_payment_that_needs_more_waits(chain: BitcoindChain) -> None:
    def paying(coins: int) -> Any:
        payout = Payout(ADDRESS, Amount(coins * 10**8))
        return asyncio.run(chain.build([payout], sources=[ADDRESS], change=ADDRESS))

    assert len(paying(5).inputs) == 6
    with pytest.raises(InsufficientFunds, match="at hand"):
        paying(COINS // 2)
