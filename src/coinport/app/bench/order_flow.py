"""Order flows from a file, as matching engines are compared with: what it says, and as commands.

The file is little-endian: a head of 32 bytes ("XWL1", version u32, orders that only build the book
u64, timed records u64, seed u64), then records of 32 bytes: type u8 (0 a limit order, 1 a cancel),
side u8 (0 buys, 1 sells), flags u16, user u32, order u64, price i64, quantity i64. Orders are
numbered from 1. The hash of its trades, modulo 2**64, is for each trade

    hash * 1000003 + maker * 31 + taker * 17 + price * 7 + quantity
"""

import struct
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from coinport.model.commands import (
    AddCurrency,
    AddMarket,
    CancelOrder,
    Command,
    Credit,
    OpenAccount,
    PlaceOrder,
)
from coinport.model.events import Traded
from coinport.model.listings import CurrencyKind
from coinport.model.records import decode_record, encode_command
from coinport.model.trading import MarketState, OrderType, Side
from coinport.model.units import (
    ACCOUNT_FIRST,
    AMOUNT_MAX,
    ORDER_FIRST,
    AccountId,
    Amount,
    CurrencyId,
    MarketId,
    OrderId,
    Price,
    Quantity,
)

_HEAD = struct.Struct("<4sIQQQ")
_RECORD = struct.Struct("<BBHIQqq")
_BY = ("bench", "flow")


class OrderFlow(Struct, frozen=True):
    opening: bytes
    """Records that only build the book."""
    timed: bytes
    """Those that are measured."""
    seed: int


class Outcome(Struct, frozen=True):
    trades: int
    volume: int
    """Lots traded."""
    trade_hash: str


def read_flow(path: Path) -> OrderFlow:
    """Raises ValueError where it is none, and OSError."""
    data = path.read_bytes()
    if len(data) < _HEAD.size or not data.startswith(b"XWL1"):
        raise ValueError(f"{path} is not an order flow")
    _, _, opening, timed, seed = _HEAD.unpack_from(data)
    records = data[_HEAD.size :]
    if len(records) != (opening + timed) * _RECORD.size:
        raise ValueError(f"{path} is not as long as its head says")
    at = opening * _RECORD.size
    return OrderFlow(records[:at], records[at:], seed)


def founding(flow: OrderFlow) -> list[bytes]:
    """One market, and an account with funds for every user."""
    users = max(record[3] for record in _RECORD.iter_unpack(flow.opening + flow.timed))
    base, quote = CurrencyId(1), CurrencyId(2)
    free = (Amount(0), MarketId(0), 0, 0, MarketState.OPEN)
    funds = Amount(AMOUNT_MAX // users)
    commands: list[Command] = [
        AddCurrency("BASE", 4, CurrencyKind.CHAIN, *_BY),
        AddCurrency("QUOTE", 4, CurrencyKind.FIAT, *_BY),
        AddMarket(base, quote, 2, 2, *free, *_BY),
        *(OpenAccount() for _ in range(users)),
    ]
    for user in range(users):
        account = AccountId(ACCOUNT_FIRST + user)
        commands += [Credit(account, of, funds, "", *_BY) for of in (base, quote)]
    return [encode_command(command) for command in commands]


def commands(records: bytes) -> list[bytes]:
    return [encode_command(_command(*record)) for record in _RECORD.iter_unpack(records)]


def _command(
    kind: int, side: int, _flags: int, user: int, order: int, price: int, quantity: int
) -> Command:
    account = AccountId(ACCOUNT_FIRST + user - 1)
    if kind:
        return CancelOrder(account, OrderId(ORDER_FIRST + order - 1))
    return PlaceOrder(
        account,
        MarketId(1),
        Side.SELL if side else Side.BUY,
        OrderType.LIMIT,
        Price(price),
        Quantity(quantity),
    )


def outcome(records: Iterable[bytes]) -> Outcome:
    """What the engine's records say was traded."""
    trades = volume = trade_hash = 0
    first = ORDER_FIRST - 1
    for record in records:
        for event in decode_record(record).events:
            if isinstance(event, Traded):
                trades += 1
                volume += event.quantity
                mixed = (event.maker_order - first) * 31 + (event.taker_order - first) * 17
                trade_hash = trade_hash * 1_000_003 + mixed + event.price * 7 + event.quantity
                trade_hash %= 2**64
    return Outcome(trades, volume, f"{trade_hash:016x}")
