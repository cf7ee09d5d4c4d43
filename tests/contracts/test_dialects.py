"""The same questions in each dialect, by what is asked of the node."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from coinport.model.units import Amount
from coinport.wallets import p2pkh
from coinport.wallets.bitcoind import BitcoindChain
from coinport.wallets.bitcoind_node import BitcoindNode
from coinport.wallets.chain import ChainUnavailable, Payout, Signed, State
from coinport.wallets.dialects import DIALECTS
from coinport.wallets.networks import versions
from coinport.wallets.rpc import Rpc
from coinport.wallets.scripts import output_script
from coinport.wallets.transactions import Input, Outpoint, Output, Transaction, decode
from tests.wallets.test_addresses import KEY_HASH, made

TIP = "ab" * 32
TIME = 1_400_000_000


class Node:
    """Answers from a table and notes what it was asked."""

    def __init__(self, currency: str) -> None:
        self.asked: list[tuple[str, list[Any]]] = []
        self.address = made(versions(currency).key_hash)
        self.earlier = Transaction(
            (Input(Outpoint("00" * 32, 0)),),
            (Output(Amount(10**9), output_script(currency, self.address)),),
            time=TIME if DIALECTS[currency].timed else None,
        )
        header = {"height": 7, "confirmations": 1, "time": TIME}
        coin = {"txid": self.earlier.txid, "vout": 0, "address": self.address}
        self.answers: dict[str, Any] = {
            "getbestblockhash": TIP,
            "getblock": header,
            "getblockheader": header,
            "listunspent": [coin | {"amount": 10.0, "confirmations": 3}],
            "gettransaction": {"hex": self.earlier.encode().hex(), "confirmations": 0},
            "estimatesmartfee": {"blocks": 6, "feerate": 9.0},
            "getrawmempool": [self.earlier.txid],
            "getmempoolentry": {},
            "importaddress": None,
            "importmulti": [{"success": True}],
            "importdescriptors": [{"success": True}],
            "getdescriptorinfo": {"descriptor": "addr(...)#check"},
        }
        rpc = Rpc("http://node", name=currency, transport=httpx.MockTransport(self._answer))
        self.chain = BitcoindChain(BitcoindNode(currency, rpc, "hot"))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        self.asked.append((asked["method"], asked["params"]))
        answer = {"id": asked["id"], "result": self.answers[asked["method"]], "error": None}
        return httpx.Response(200, json=answer)

    @property
    def methods(self) -> list[str]:
        return [method for method, _ in self.asked]


@pytest.mark.parametrize(
    ("currency", "methods"),
    [
        ("BTC", ["getdescriptorinfo", "importdescriptors"]),
        ("LTC", ["importmulti"]),
        ("DOGE", ["importaddress"]),
        ("ZET", ["importaddress"]),
    ],
)
def test_an_address_is_watched_in_the_nodes_own_way(currency: str, methods: list[str]) -> None:
    node = Node(currency)
    asyncio.run(node.chain.watch([node.address]))
    assert node.methods == methods
    asyncio.run(node.chain.watch([]))
    assert node.methods == methods


def test_only_the_last_of_many_addresses_starts_a_rescan() -> None:
    node = Node("DOGE")
    asyncio.run(node.chain.watch(["DA", "DB"], rescan=True))
    assert node.asked == [
        ("importaddress", ["DA", "", False]),
        ("importaddress", ["DB", "", True]),
    ]


def test_an_address_that_is_not_watched_is_no_success() -> None:
    node = Node("LTC")
    node.answers["importmulti"] = [{"success": False, "error": {"code": -4, "message": "no"}}]
    with pytest.raises(ChainUnavailable, match="does not watch"):
        asyncio.run(node.chain.watch([node.address]))


@pytest.mark.parametrize("currency", DIALECTS)
def test_a_payment_is_built_with_a_fee_within_bounds(currency: str) -> None:
    node, dialect = Node(currency), DIALECTS[currency]
    payout = Payout(node.address, Amount(10**8))
    unsigned = asyncio.run(node.chain.build([payout], sources=[node.address], change=node.address))
    scripts = 2 * [output_script(currency, node.address)]
    rate = dialect.fee_max if dialect.estimates else dialect.fee_min
    assert unsigned.fee == p2pkh.fee(1, scripts, rate)
    assert sum(to.amount for to in unsigned.payouts) + unsigned.fee == 10**9
    transaction = decode(bytes.fromhex(unsigned.blob), timed=dialect.timed)
    assert transaction.time == (TIME if dialect.timed else None)
    assert p2pkh.spent(unsigned, timed=dialect.timed)[1] == list(node.earlier.outputs)
    assert ("getblock" in node.methods) is not dialect.headers


@pytest.mark.parametrize("currency", ["BTC", "VRC"])
def test_what_waits_is_found_in_the_mempool(currency: str) -> None:
    node = Node(currency)
    tip = asyncio.run(node.chain.tip())
    signed = Signed(currency, (), (), Amount(1), "", node.earlier.txid, tip)
    assert asyncio.run(node.chain.status(signed)).state is State.WAITING


def test_without_a_scan_of_all_coins_balances_are_those_of_the_wallet() -> None:
    node = Node("DOGE")
    other = made(versions("DOGE").key_hash, KEY_HASH[::-1])
    balances = asyncio.run(node.chain.balances([node.address, other]))
    assert balances.amounts == {node.address: 10**9, other: 0}
    assert balances.block.height == 7
