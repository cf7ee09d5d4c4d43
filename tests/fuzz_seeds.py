"""Inputs that the fuzzer begins with (native/fuzz/fuzz.cpp): commands, records, snapshots, requests
and orders.

python -m tests.fuzz_seeds FOLDER
"""

import sys
from itertools import islice
from pathlib import Path

from coinport.app.bench.everything import everything
from coinport.engine.rulebook import Rulebook

COMMANDS, RECORDS, SNAPSHOT, REQUEST, ORDERS = range(5)

ORDERS_TEXT = (
    b'{"orders": [{"market": "btc-usd", "type": "buy", "price": 2010.5, "amount": "0.25"},'
    b' {"market": "BTC-USD", "type": "sell", "order_type": "limit", "price": "2011",'
    b' "amount": 1, "time_in_force": "gtc", "post_only": true, "client_order_id": "a-1"}]}'
)
REQUEST_TEXT = (
    b"POST /api/v2/user/submit_orders?a=b HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\nX-Coinport-Key: k\r\n"
    b"Connection: keep-alive\r\n\r\n%b" % (len(ORDERS_TEXT), ORDERS_TEXT)
)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    engine = Rulebook()
    for number, (_, commands, records) in enumerate(islice(everything(engine), 1, 12)):
        for at in range(0, len(commands), 20):
            name = f"{number}-{at}"
            write(folder / f"{name}-commands", COMMANDS, pieces(commands[at : at + 20]))
            write(folder / f"{name}-records", RECORDS, pieces(records[at : at + 20]))
    small = Rulebook()
    _, commands, _ = next(everything(Rulebook()))
    small.execute(1, commands[:40])
    write(folder / "snapshot", SNAPSHOT, small.snapshot())
    write(folder / "request", REQUEST, REQUEST_TEXT)
    write(folder / "orders", ORDERS, ORDERS_TEXT)
    write(folder / "asked", ORDERS, b'{"id":"a","op":"submit_orders",' + ORDERS_TEXT[1:])


def pieces(items: list[bytes]) -> bytes:
    return b"".join(len(item).to_bytes(2, "little") + item for item in items)


def write(path: Path, kind: int, data: bytes) -> None:
    path.write_bytes(bytes([kind]) + data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
