"""`coinport demo`: a market that moves by itself, and says that it is made up."""

import re
import shlex
import socket
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from coinport.app.demo.walk import BASES_CNY
from tests.end_to_end.demos import DemoProcess, wait_for
from tests.end_to_end.processes import COINPORT, get

DAY_S = 24 * 3600


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    with DemoProcess(tmp_path_factory.mktemp("demo")) as running:
        yield running


def newest_trade(demo: DemoProcess) -> int:
    return max(
        get(demo, f"{market}/trades?limit=1")["trades"][0]["trade_id"]
        for market in ("btc-cny", "ltc-cny", "xrp-btc")
    )


def test_it_says_that_it_is_a_demo(demo: DemoProcess) -> None:
    assert get(demo, "status")["demo"]
    assert get(demo, "exchange_info")["demo"]


def test_charts_reach_back_ninety_days(demo: DemoProcess) -> None:
    for market in get(demo, "exchange_info")["markets"]:
        days = get(demo, f"{market}/kline?interval=1d")["items"]
        assert len(days) >= 90
        assert days[-1][0] - days[0][0] >= 89 * DAY_S
        minutes = get(demo, f"{market}/kline?interval=1m")["items"]
        assert len({row[4] for row in minutes[-120:]}) > 1


def test_every_market_has_both_sides_and_they_do_not_cross(demo: DemoProcess) -> None:
    markets = get(demo, "exchange_info")["markets"]

    def are_deep() -> bool:
        books = [get(demo, f"{market}/depth") for market in markets]
        assert all(book["bids"][0][0] < book["asks"][0][0] for book in books if book["bids"])
        return all(len(book["bids"]) >= 5 <= len(book["asks"]) for book in books)

    wait_for(are_deep)
    for bid, ask, high, low, last, volume in get(demo, "tickers").values():
        assert 0 < low <= last <= high
        assert 0 < bid < ask < bid * 1.05
        assert volume > 0


def test_markets_agree_with_each_other(demo: DemoProcess) -> None:
    last = {market: figures[4] for market, figures in get(demo, "tickers").items()}
    assert last["LTC-BTC"] == pytest.approx(last["LTC-CNY"] / last["BTC-CNY"], rel=0.05)
    assert last["BTC-CNY"] == pytest.approx(BASES_CNY["BTC"], rel=0.7)


def test_trades_of_both_sides_go_on(demo: DemoProcess) -> None:
    before = newest_trade(demo)

    def takers_since() -> set[str]:
        trades = [
            trade
            for market in ("btc-cny", "ltc-cny", "xrp-cny", "ltc-btc", "drk-btc")
            for trade in get(demo, f"{market}/trades")["trades"]
        ]
        return {trade["taker"] for trade in trades if trade["trade_id"] > before}

    wait_for(lambda: takers_since() == {"buy", "sell"})


def test_it_goes_on_after_a_crash_with_what_it_had(tmp_path: Path) -> None:
    with DemoProcess(tmp_path) as demo:
        welcome = welcome_of(demo)
        assert "made up" in welcome
        order = first_order(welcome)
        placed = httpx.post(**order, timeout=30, trust_env=False).json()["data"]["results"][0]
        assert placed["order"]["status"] == 1
        before = newest_trade(demo)
        demo.kill()
    with DemoProcess(tmp_path) as demo:
        assert "alice@example.com with password alice-demo" in welcome_of(demo)
        (kept,) = get(demo, f"user/orders?ids={placed['order_id']}", auth=order["auth"])["orders"]
        assert kept["status"] == 1
        wait_for(lambda: newest_trade(demo) > before)
        demo.process.terminate()
        assert demo.process.wait(30) == 0
    command = [str(COINPORT), "serve", "--data", str(tmp_path), "--port", "0"]
    for_real = subprocess.run(command, capture_output=True, text=True, check=False)
    assert for_real.returncode == 1
    assert "a demo's, whose passwords everybody knows" in for_real.stderr


def test_a_taken_port_is_noticed_before_a_history_is_written(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        command = [str(COINPORT), "demo", "--data", str(tmp_path / "new"), "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "--port" in ended.stderr
    assert not (tmp_path / "new").exists()


def welcome_of(demo: DemoProcess) -> str:
    """What it prints after its address."""
    assert demo.process.stdout is not None
    lines: list[str] = []
    while not lines or "Ctrl-C" not in lines[-1]:
        lines.append(demo.process.stdout.readline().decode())
    return "".join(lines)


def first_order(welcome: str) -> dict[str, Any]:
    """The `curl` of the welcome as the arguments of a request."""
    found = re.search(r"curl [^\n]*\\\n.*?}'", welcome, re.DOTALL)
    assert found
    words = shlex.split(found[0])
    named = dict(pairwise(words))
    name, value = named["-H"].split(": ")
    user, _, password = named["-u"].partition(":")
    url = next(word for word in words if word.startswith("http"))
    return {
        "url": url,
        "auth": (user, password),
        "content": named["-d"],
        "headers": {name: value},
    }
