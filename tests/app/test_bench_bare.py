"""The bare server that `bench http` compares with does what is said of it: it checks the signature
and answers each order, and it is gone with whoever started it."""

import time
from pathlib import Path

import httpx
import pytest

from coinport.app.bench.bare import HOST, bare_server
from coinport.app.bench.exchange import Exchange, Trader

TRADER = Trader("a token", "a secret")
BODY = b'{"orders":[%b]}' % b",".join(
    [b'{"market":"btc-cny","type":"buy","price":1.5,"amount":2}'] * 3
)


def answer(port: int, body: bytes, trader: Trader, signed: bytes) -> httpx.Response:
    request = Exchange(HOST, port, Path(), 0).post("/user/submit_orders", signed, trader, 1)
    head = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:])
    headers["content-length"] = str(len(body))
    url = f"http://{HOST}:{port}/api/v2/user/submit_orders"
    return httpx.post(url, content=body, headers=headers, trust_env=False)


def test_it_answers_each_order_of_who_has_signed_and_nobody_else() -> None:
    with bare_server({TRADER.token: TRADER.secret}, None) as port:
        good = answer(port, BODY, TRADER, BODY)
        assert good.status_code == 200
        ids = [each["order_id"] for each in good.json()["data"]["results"]]
        assert ids == ["1", "2", "3"]
        assert good.json()["time"] <= time.time_ns() // 1_000_000
        assert answer(port, BODY, TRADER, BODY + b" ").status_code == 401
        assert answer(port, BODY, Trader("a token", "another"), BODY).status_code == 401
        assert answer(port, BODY, Trader("unknown", "a secret"), BODY).status_code == 401
    with pytest.raises(httpx.ConnectError):
        answer(port, BODY, TRADER, BODY)
