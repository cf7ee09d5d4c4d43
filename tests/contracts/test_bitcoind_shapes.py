"""The adapter on answers that a real litecoind once gave, and on answers that make no sense."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from coinport.model.units import Amount
from coinport.wallets.bitcoind import BitcoindChain
from coinport.wallets.bitcoind_node import BitcoindNode
from coinport.wallets.chain import (
    GONE,
    Block,
    BroadcastRefused,
    ChainUnavailable,
    Payment,
    Signed,
    State,
    UnknownBlock,
)
from coinport.wallets.dialects import DIALECTS
from coinport.wallets.networks import Network
from coinport.wallets.rpc import Rpc

SHAPES: dict[str, Any] = json.loads((Path(__file__).parent / "litecoind_shapes.json").read_text())
DEPOSIT = SHAPES["gettransaction_receive"]["result"]
SPENT = SHAPES["gettransaction_send"]["result"]
HEADER = {"height": 102, "confirmations": 2, "time": 1}
SINCE = Block(101, "479b0c5fb903d26aed9ce3a4099674ef5196c13ce1800f97bda3be7c0a068502")
ADDRESS = "mt18cMwoeBpSv7Vb4zVxKdeWdDCmMhk1nZ"
SIGNED = Signed(
    "LTC", (), (f"{DEPOSIT['txid']}:0",), Amount(4440), SPENT["hex"], SPENT["txid"], SINCE
)


def answering(answers: dict[str, Any]) -> BitcoindChain:
    """A chain whose node answers each method with a recorded shape."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        shape = answers[asked["method"]]
        body = {"id": asked["id"], "result": shape.get("result"), "error": shape.get("error")}
        return httpx.Response(shape.get("http", 200), json=body)

    return chain_over(answer)


def chain_over(answer: Callable[[httpx.Request], httpx.Response]) -> BitcoindChain:
    rpc = Rpc("http://node", "u", "p", name="LTC", transport=httpx.MockTransport(answer))
    return BitcoindChain(BitcoindNode("LTC", rpc, "hot"), Network.REGTEST)


def headers(shape: str) -> dict[str, Any]:
    return {"listsinceblock": SHAPES[shape], "getblockheader": {"result": HEADER}}


@pytest.mark.parametrize(
    ("shape", "confirmations"), [("0conf", 0), ("2conf", 2), ("after_reorg", 0)]
)
def test_a_recorded_deposit_is_read_exactly(shape: str, confirmations: int) -> None:
    scan = asyncio.run(answering(headers(f"listsinceblock_{shape}")).incoming(SINCE))
    [payment] = scan.payments
    assert payment.key == f"LTC:{DEPOSIT['txid']}:0"
    assert (payment.address, payment.amount) == (ADDRESS, 150_000_000)
    assert payment.confirmations == confirmations
    assert (payment.block is None) == (confirmations == 0)


def test_a_recorded_unknown_cursor_is_an_unknown_block() -> None:
    unknown = SHAPES["listsinceblock_unknown_cursor"]
    with pytest.raises(UnknownBlock):
        asyncio.run(answering({"getblockheader": unknown}).incoming(SINCE))


@pytest.mark.parametrize(
    ("shape", "confirmations"),
    [
        ("gettransaction_receive", 2),
        ("gettransaction_after_reorg", 0),
        ("sendtoaddress_badaddr", GONE),
    ],
)
def test_a_deposit_is_rechecked(shape: str, confirmations: int) -> None:
    known = Payment(f"LTC:{DEPOSIT['txid']}:0", DEPOSIT["txid"], ADDRESS, "", Amount(1), 9, SINCE)
    answers = {"gettransaction": SHAPES[shape], "getblockheader": {"result": HEADER}}
    [now] = asyncio.run(answering(answers).recheck([known]))
    assert now.confirmations == confirmations


def test_newly_mined_coins_count_as_unconfirmed() -> None:
    details = [{"category": "immature", "vout": 0, "address": ADDRESS, "amount": "1.50000000"}]
    answers = {
        "gettransaction": {"result": DEPOSIT | {"details": details}},
        "getblockheader": {"result": HEADER},
    }
    known = Payment(f"LTC:{DEPOSIT['txid']}:0", DEPOSIT["txid"], ADDRESS, "", Amount(1), 9, SINCE)
    [now] = asyncio.run(answering(answers).recheck([known]))
    assert now.confirmations == 0


def test_an_mweb_output_is_nobodys_deposit() -> None:
    shape = SHAPES["listsinceblock_2conf"]["result"]
    [row] = shape["transactions"]
    mweb = {name: value for name, value in row.items() if name != "vout"} | {"mweb_out": "ab"}
    answers = headers("listsinceblock_2conf")
    answers["listsinceblock"] = {"result": shape | {"transactions": [mweb]}}
    assert asyncio.run(answering(answers).incoming(SINCE)).payments == ()


@pytest.mark.parametrize(
    "shape", ["sendrawtransaction", "sendrawtransaction_twice", "sendrawtransaction_mined"]
)
def test_sending_a_withdrawal_again_is_no_error(shape: str) -> None:
    asyncio.run(answering({"sendrawtransaction": SHAPES[shape]}).broadcast(SIGNED))


def test_a_refused_withdrawal_says_why() -> None:
    refused = {"error": {"code": -25, "message": "bad-txns-inputs-missingorspent"}, "http": 500}
    with pytest.raises(BroadcastRefused, match="missingorspent"):
        asyncio.run(answering({"sendrawtransaction": refused}).broadcast(SIGNED))


def test_a_recorded_withdrawal_is_confirmed_waiting_or_unseen() -> None:
    unknown = {
        "error": {"code": -5, "message": "Invalid or non-wallet transaction id"},
        "http": 500,
    }
    confirmed = answering({"gettransaction": SHAPES["gettransaction_send"]})
    assert asyncio.run(confirmed.status(SIGNED)).state is State.CONFIRMED
    waiting = answering({"gettransaction": unknown, "getmempoolentry": SHAPES["getmempoolentry"]})
    assert asyncio.run(waiting.status(SIGNED)).state is State.WAITING
    unseen = answering(
        {
            "gettransaction": unknown,
            "getmempoolentry": SHAPES["getmempoolentry_mined"],
            "gettxout": {"result": {"value": "1.5"}},
        }
    )
    assert asyncio.run(unseen.status(SIGNED)).state is State.UNSEEN


def test_a_refusal_that_nobody_expects_is_no_answer() -> None:
    busy = {"error": {"code": -8, "message": "Scan already in progress"}, "http": 500}
    with pytest.raises(ChainUnavailable, match="LTC node refused scantxoutset: Scan already"):
        asyncio.run(answering({"scantxoutset": busy}).balances([ADDRESS]))
    locked = {"error": {"code": -13, "message": "locked"}, "http": 500}
    with pytest.raises(ChainUnavailable, match="locked"):
        asyncio.run(answering({"getblockheader": locked}).incoming(SINCE))


def test_balances_are_those_of_the_scanned_block() -> None:
    address = "msEDrBaduR5qqXhgfbmawpiQS2qMMUWoyt"
    balances = asyncio.run(
        answering({"scantxoutset": SHAPES["scantxoutset"]}).balances([address, ADDRESS])
    )
    assert balances.block.height == 105
    assert balances.amounts == {address: 50_000_000, ADDRESS: 0}


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(401),
        httpx.Response(503, text="Work queue depth exceeded"),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, text="[" * 100_000),
        httpx.Response(200, text="[]"),
        httpx.Response(200, text='{"id": 999, "result": 1, "error": null}'),
        httpx.Response(200, text='{"id": 1, "result": 1, "error": null}'),
        httpx.Response(200, text='{"id": 1, "result": {"transactions": NaN}}'),
        httpx.Response(500, text='{"id": 1, "error": "text"}'),
        httpx.Response(
            500, text='{"id":1,"error":{"code":-28,"message":"Loading block index..."}}'
        ),
    ],
    ids=lambda response: f"{response.status_code} {response.text[:30]}",
)
def test_an_answer_that_makes_no_sense_is_no_answer(response: httpx.Response) -> None:
    with pytest.raises(ChainUnavailable):
        asyncio.run(chain_over(lambda _: response).tip())


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("0E-8", 0),
        ("1.50000000", 150_000_000),
        ("0.00000001", 1),
        ("84000000", 84 * 10**14),
        ("-1", -(10**8)),
        ("1e-8", 1),
    ],
)
def test_amounts_are_exact(text: str, units: int) -> None:
    assert chain_amount(text) == units


@pytest.mark.parametrize(
    "text",
    [
        "0.000000001",
        "1e999999999",
        "1e-999999999",
        "1" * 29,
        "0.123456780000000000000000000001",
        "46116860185",
        '"NaN"',
        '"Infinity"',
    ],
)
def test_an_amount_that_is_none_is_no_answer(text: str) -> None:
    with pytest.raises(ChainUnavailable):
        chain_amount(text)


def chain_amount(text: str) -> Amount:
    """What a deposit of `text` coins, written so in the node's answer, is read as."""
    row = f'{{"txid":"ab","vout":0,"address":"x","category":"receive","amount":{text}}}'

    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        result = json.dumps(HEADER)
        if asked["method"] == "listsinceblock":
            result = f'{{"transactions":[{row}],"lastblock":"00"}}'
        return httpx.Response(200, text=f'{{"id":{asked["id"]},"result":{result}}}')

    [payment] = asyncio.run(chain_over(answer).incoming(SINCE)).payments
    return payment.amount


def test_every_currency_of_the_family_has_a_dialect() -> None:
    assert set(DIALECTS) == {"BTC", "LTC", "DOGE", "DRK", "BLK", "VRC", "ZET"}
