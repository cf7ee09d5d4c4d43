"""A small exchange: commands that the rules accept, and the journal that they lead to."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from coinport.engine.rulebook import Rulebook
from coinport.journal.layout import journal_in
from coinport.model.commands import (
    AddCurrency,
    AddMarket,
    Command,
    Credit,
    OpenAccount,
    PlaceOrder,
)
from coinport.model.events import Refused
from coinport.model.listings import CurrencyKind
from coinport.model.records import decode_record, encode_command, encode_record
from coinport.model.trading import MarketState, OrderType, Side
from coinport.model.units import (
    ACCOUNT_FIRST,
    AccountId,
    Amount,
    CurrencyId,
    MarketId,
    Price,
    Quantity,
    TimeMs,
)
from tests.journal.journals import open_log

ALICE, BOB = AccountId(ACCOUNT_FIRST), AccountId(ACCOUNT_FIRST + 1)
BTC, CNY, BTC_CNY = CurrencyId(1), CurrencyId(2), MarketId(1)
START = TimeMs(1_400_000_000_000)


def commands() -> Iterator[Command]:
    """Without end. Alice buys, Bob sells; some of their orders meet."""
    yield AddCurrency("BTC", 8, CurrencyKind.CHAIN, "admin", "opening")
    yield AddCurrency("CNY", 8, CurrencyKind.FIAT, "admin", "opening")
    yield AddMarket(
        base=BTC,
        quote=CNY,
        price_decimals=4,
        amount_decimals=4,
        minimum_value=Amount(0),
        reference=MarketId(0),
        maker_fee_ppm=0,
        taker_fee_ppm=1000,
        state=MarketState.OPEN,
        actor="admin",
        note="opening",
    )
    yield OpenAccount()
    yield OpenAccount()
    yield Credit(ALICE, CNY, Amount(10**17), "first", "admin", "opening")
    yield Credit(BOB, BTC, Amount(10**14), "second", "admin", "opening")
    number = 0
    while True:
        yield order(number)
        number += 1


def order(number: int) -> PlaceOrder:
    account, side = (ALICE, Side.BUY) if number % 2 else (BOB, Side.SELL)
    price = Price(40_000_000 + 100 * (number * 7 % 11) - (side - 1) * 500)
    return PlaceOrder(account, BTC_CNY, side, OrderType.LIMIT, price, Quantity(1 + number % 5))


def decided(count: int, start: TimeMs = START) -> list[bytes]:
    """The first records of the exchange, a second apart; none is a refusal."""
    engine = Rulebook()
    records = [
        engine.execute(TimeMs(start + 1000 * number), [encode_command(command)])[0]
        for number, command in enumerate(islice(commands(), count))
    ]
    assert not any(isinstance(decode_record(data).events[0], Refused) for data in records)
    return records


def senseless(number: int) -> dict[str, bytes]:
    """What nobody can have decided as the record `number`, by what is wrong with it."""
    *_, record, next_record = decided(number + 1)
    command = encode_command(Credit(ALICE, CNY, Amount(1), "third", "admin", "no order"))
    placed = decode_record(record)
    return {
        "no record": b"\xc1",
        "of another sequence": next_record,
        "against the rules": encode_record(placed.sequence, placed.time, command, placed.events),
    }


def state_after(records: list[bytes]) -> bytes:
    return engine_after(records).snapshot()


def engine_after(records: list[bytes]) -> Rulebook:
    engine = Rulebook()
    engine.replay(records)
    return engine


def write_exchange(data: Path, records: list[bytes]) -> None:
    """As a journal of several segments, or at the end of the one that is there."""
    log = open_log(journal_in(data), segment_bytes=4096)
    for record in records:
        log.append([record])
    log.close()
