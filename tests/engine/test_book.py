"""The halves of a book, and the stops that wait beside it, against plain sorted lists."""

from itertools import pairwise, product
from random import Random

import pytest

from coinport.engine.book import ANY_PRICE, Book, Half, Order
from coinport.engine.triggers import Triggers
from coinport.model.listings import Market
from coinport.model.trading import MarketState, Side
from coinport.model.units import AMOUNT_MAX

MARKET = Market(1, "BTC-USD", 1, 2, 2, 4, 1, 1, 0, 0, 0, 0, 0, MarketState.OPEN)


def order(number: int, side: Side, price: int) -> Order:
    return Order(number, 1, MARKET, side, price, 1, None)


@pytest.mark.parametrize(("side", "sign"), [(Side.BUY, 1), (Side.SELL, -1)])
def test_a_half_is_a_queue_by_price_and_then_by_turn(side: Side, sign: int) -> None:
    chance, half, turns = Random(7), Half(sign), []
    for number in range(400):
        if turns and chance.random() < 0.4:
            half.remove(turns.pop(chance.randrange(len(turns))))
        else:
            turns.append(order(number, side, chance.randrange(90, 110)))
            half.add(turns[-1])
        expected = sorted(turns, key=lambda one: -sign * one.price)
        assert list(half.queue()) == expected
        assert not expected or half.first() is expected[0]
        assert all(a < b for a, b in pairwise(half.keys))
        assert len(half.keys) == len(half.levels) == len({one.price for one in turns})


def test_orders_trade_with_the_other_half_as_far_as_their_limit() -> None:
    book = Book(MARKET)
    assert book.own(Side.BUY) is book.opposite(Side.SELL) is book.bids
    assert book.own(Side.SELL) is book.opposite(Side.BUY) is book.asks
    for side, limit, offered in product(Side, (99, 100, 101), (99, 100, 101)):
        key = book.opposite(side).sign * offered
        acceptable = offered <= limit if side is Side.BUY else offered >= limit
        assert (key >= book.worst_key(side, limit)) is acceptable
    assert book.worst_key(Side.BUY, 0) == ANY_PRICE
    assert ANY_PRICE < -AMOUNT_MAX


def test_triggers_give_the_first_reached_and_then_the_oldest() -> None:
    waiting = Triggers()
    assert not waiting
    for number, (side, stop) in enumerate(
        [(Side.BUY, 12), (Side.BUY, 11), (Side.BUY, 11), (Side.SELL, 8), (Side.SELL, 9)], 1
    ):
        waiting.add(side, stop, number)
    assert waiting
    assert waiting.reached(0, 0) is None
    assert waiting.reached(10, 10) is None
    assert waiting.reached(10, 11) == 2
    assert waiting.reached(9, 10) == 5
    assert waiting.reached(8, 12) == 2
    waiting.remove(Side.BUY, 11, 2)
    assert waiting.reached(8, 12) == 3
    waiting.remove(Side.BUY, 11, 3)
    assert waiting.reached(8, 12) == 1
    waiting.remove(Side.BUY, 12, 1)
    assert waiting.reached(8, 12) == 5
    waiting.remove(Side.SELL, 9, 5)
    assert waiting.reached(8, 12) == 4
    waiting.remove(Side.SELL, 8, 4)
    assert not waiting
