"""A mixed order flow: 45 % passive orders, 35 % cancels, 20 % marketable ones, from a seed.

It is made with an engine at hand, because a cancel has to name an order that is still open.
"""

import random
from typing import NamedTuple

from coinport.engine.rulebook import Rulebook
from coinport.model.commands import (
    AddCurrency,
    AddMarket,
    CancelOrder,
    Command,
    Credit,
    OpenAccount,
    PlaceOrder,
)
from coinport.model.events import OrderBooked, OrderCanceled, Traded
from coinport.model.listings import CurrencyKind
from coinport.model.records import decode_record, encode_command
from coinport.model.trading import MarketState, OrderType, Side
from coinport.model.units import (
    ACCOUNT_FIRST,
    AccountId,
    Amount,
    CurrencyId,
    MarketId,
    OrderId,
    Price,
    Quantity,
    TimeMs,
)

ACCOUNTS = 1_000
_MID = 100_000
_DISTANCE_MEAN = 100
_FUNDS = Amount(4 * 10**15)
_TIME = TimeMs(1_700_000_000_000)


class Flow(NamedTuple):
    opening: list[bytes]
    """Listings, accounts, funds and the resting orders that the timed part starts from."""
    timed: list[bytes]


def mixed_flow(commands: int, live: int, seed: int = 20240611) -> Flow:
    """`commands` encoded commands over a book of about `live` resting orders."""
    maker = _Maker(random.Random(seed))  # noqa: S311, a benchmark must repeat itself
    opening = [encode_command(command) for command in _opening_commands()]
    maker.engine.execute(_TIME, opening)
    opening += [maker.next_passive() for _ in range(live)]
    return Flow(opening, [maker.next() for _ in range(commands)])


def resting(orders: int) -> list[bytes]:
    """An exchange of its own with so many orders at rest, a thousand accounts having them."""
    dice = random.Random(1)  # noqa: S311, a benchmark must repeat itself
    placed = [
        PlaceOrder(
            AccountId(ACCOUNT_FIRST + number % ACCOUNTS),
            MarketId(1),
            Side.BUY if number % 2 else Side.SELL,
            OrderType.LIMIT,
            Price(_MID + (1 - number % 2 * 2) * dice.randint(1, 2_000)),
            Quantity(1 + number % 50),
        )
        for number in range(orders)
    ]
    return [encode_command(command) for command in (*_opening_commands(), *placed)]


def _opening_commands() -> list[Command]:
    btc, cny = CurrencyId(1), CurrencyId(2)
    commands: list[Command] = [
        AddCurrency("BTC", 8, CurrencyKind.CHAIN, "bench", "flow"),
        AddCurrency("CNY", 8, CurrencyKind.FIAT, "bench", "flow"),
        AddMarket(btc, cny, 4, 4, Amount(0), MarketId(0), 0, 0, MarketState.OPEN, "bench", "flow"),
    ]
    for number in range(ACCOUNTS):
        account = AccountId(ACCOUNT_FIRST + number)
        commands.append(OpenAccount())
        commands.append(Credit(account, btc, _FUNDS, "", "bench", "flow"))
        commands.append(Credit(account, cny, _FUNDS, "", "bench", "flow"))
    return commands


class _Maker:
    def __init__(self, dice: random.Random) -> None:
        self.engine = Rulebook()
        self.dice = dice
        self.open: dict[OrderId, AccountId] = {}
        self.queue: list[OrderId] = []
        """Ids that were once open, for a random choice; stale ones are skipped."""

    def next(self) -> bytes:
        x = self.dice.random()
        if x < 0.45:
            return self.next_passive()
        return self._next_cancel() if x < 0.80 else self._next_marketable()

    def next_passive(self) -> bytes:
        side = self._side()
        distance = 1 + int(self.dice.expovariate(1 / _DISTANCE_MEAN))
        price = _MID - distance if side is Side.BUY else _MID + distance
        return self._place(side, price, 1 + int(self.dice.expovariate(1 / 40)))

    def _next_marketable(self) -> bytes:
        side = self._side()
        slip = self.dice.randrange(10)
        book = self.engine.state.books[MarketId(1)]
        keys = book.opposite(side).keys
        touch = abs(keys[-1]) if keys else _MID
        price = touch + slip if side is Side.BUY else touch - slip
        return self._place(side, price, 1 + int(self.dice.expovariate(1 / 22)))

    def _next_cancel(self) -> bytes:
        while True:
            at = self.dice.randrange(len(self.queue))
            self.queue[at], self.queue[-1] = self.queue[-1], self.queue[at]
            order = self.queue.pop()
            if order in self.open:
                return self._execute(CancelOrder(self.open[order], order))

    def _side(self) -> Side:
        return Side.BUY if self.dice.random() < 0.5 else Side.SELL

    def _place(self, side: Side, price: int, quantity: int) -> bytes:
        account = AccountId(ACCOUNT_FIRST + self.dice.randrange(ACCOUNTS))
        return self._execute(
            PlaceOrder(
                account, MarketId(1), side, OrderType.LIMIT, Price(price), Quantity(quantity)
            )
        )

    def _execute(self, command: Command) -> bytes:
        data = encode_command(command)
        (record,) = self.engine.execute(_TIME, [data])
        for event in decode_record(record).events:
            match event:
                case OrderBooked(order):
                    assert isinstance(command, PlaceOrder)
                    self.open[order] = command.account
                    self.queue.append(order)
                case Traded():
                    if event.maker_order not in self.engine.state.orders:
                        self.open.pop(event.maker_order, None)
                case OrderCanceled(order):
                    self.open.pop(order, None)
                case _:
                    pass
        return data
