"""The past of a new demo exchange: 90 days of trades between its two robots, as real records.

They are made by the engine from ordinary orders, only with past times. The farther back, the fewer:
enough that a chart of any interval looks like a market.
"""

import random
from collections.abc import Iterator

from coinport.app import genesis
from coinport.app.demo.people import EVERYONE, MAKER, TAKER, play_money
from coinport.app.demo.sizes import HALF_SPREAD, lots, worth_cny
from coinport.app.demo.walk import Walk
from coinport.engine.seam import Engine
from coinport.model.commands import Command, Credit, OpenAccount, PlaceOrder
from coinport.model.events import CurrencyAdded, MarketAdded
from coinport.model.listings import Listings, Market
from coinport.model.records import decode_record, encode_command
from coinport.model.trading import OrderType, Side, TimeInForce
from coinport.model.units import Amount, Price, Quantity, TimeMs

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS

_DENSITY = (
    (90 * _DAY_MS, 3 * _HOUR_MS),
    (30 * _DAY_MS, _HOUR_MS),
    (7 * _DAY_MS, 15 * _MINUTE_MS),
    (2 * _DAY_MS, 5 * _MINUTE_MS),
    (12 * _HOUR_MS, _MINUTE_MS),
    (3 * _HOUR_MS, _MINUTE_MS // 3),
)
"""From this age on, a trade every so often (in the markets most traded)."""
_ACTIVE = {"BTC-CNY", "LTC-CNY", "XRP-CNY", "LTC-BTC", "DRK-BTC"}
_QUIET = 2
"""In the other markets, so many times more seldom."""
_LIVE_MS = 5_000
"""Between two trades of a market once the robots are at work."""
_GROWTH = 0.75
"""A trade that stands for many is larger, so that the volume of a day rises but slowly."""


def history(engine: Engine, walk: Walk, now: TimeMs) -> Iterator[list[bytes]]:
    """Records for the journal of an empty `engine`, in batches, up to `now`."""
    start = TimeMs(now - _DENSITY[0][0])
    listings, founding = _founded(engine, start)
    yield founding
    yield engine.execute(start, [encode_command(each) for each in _opened(listings)])
    chance = random.Random(now)  # noqa: S311
    for time, market, alone_ms in sorted(_times(listings, now, chance), key=lambda each: each[0]):
        worth = worth_cny(chance) * (alone_ms / _LIVE_MS) ** _GROWTH
        yield engine.execute(time, _trade(walk, market, time, worth, chance))


def _founded(engine: Engine, time: TimeMs) -> tuple[Listings, list[bytes]]:
    records = engine.execute(time, [encode_command(each) for each in genesis.commands()])
    events = [event for record in records for event in decode_record(record).events]
    return Listings(
        (event.currency for event in events if isinstance(event, CurrencyAdded)),
        (event.market for event in events if isinstance(event, MarketAdded)),
    ), records


def _opened(listings: Listings) -> list[Command]:
    """Accounts in the order of their numbers, and their play money."""
    commands: list[Command] = [OpenAccount() for _ in EVERYONE]
    for person in EVERYONE:
        for symbol, units in play_money(person).items():
            currency = listings.currencies[listings.currency_of[symbol]]
            commands.append(
                Credit(
                    account=person.account,
                    currency=currency.currency,
                    amount=Amount(units * 10**currency.decimals),
                    key="",
                    actor="demo",
                    note="play money of the demo",
                )
            )
    return commands


def _times(
    listings: Listings, now: TimeMs, chance: random.Random
) -> Iterator[tuple[TimeMs, Market, int]]:
    """When and where there is a trade, and for how long it is the only one there; ms."""
    for market in listings.markets.values():
        ages = [age for age, _ in _DENSITY[1:]] + [0]
        for (age, every), until in zip(_DENSITY, ages, strict=True):
            step = every if market.symbol in _ACTIVE else every * _QUIET
            for at in range(age, until, -step):
                yield TimeMs(now - at + chance.randrange(step)), market, step


def _trade(
    walk: Walk, market: Market, time: TimeMs, worth: float, chance: random.Random
) -> list[bytes]:
    """Two orders that meet: the maker's rests, the taker's takes all of it."""
    side = chance.choice((Side.BUY, Side.SELL))
    base, quote = market.symbol.split("-")
    fair = walk.price(base, quote, time) * (
        1 + (HALF_SPREAD if side is Side.BUY else -HALF_SPREAD) * chance.random()
    )
    price = Price(max(1, round(fair * 10**market.price_decimals)))
    quantity = Quantity(lots(base, market.amount_decimals, worth))
    taking = PlaceOrder(
        account=TAKER.account,
        market=market.market,
        side=side,
        order_type=OrderType.LIMIT,
        price=price,
        quantity=quantity,
        time_in_force=TimeInForce.IOC,
    )
    making = PlaceOrder(
        account=MAKER.account,
        market=market.market,
        side=Side.SELL if side is Side.BUY else Side.BUY,
        order_type=OrderType.LIMIT,
        price=price,
        quantity=quantity,
    )
    return [encode_command(making), encode_command(taking)]
