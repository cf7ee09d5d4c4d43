"""A scenario that is not true fails, wherever it lies: else the rulebook would prove nothing."""

import pytest

from tests.engines import NewEngine, every_engine
from tests.scenario import NotASentence, play

pytestmark = every_engine

A_TRADE = """
alice deposits 10 BTC
bob   deposits 100 USD
alice sells 2 at 10 as A
bob   buys  1 at 10
"""
TOLD = A_TRADE + "> bob buys 1 at 10 from alice\n"
MOVED = """
bob   deposits 100 USD
bob   withdraws 30 USD to his-bank as W
admin announces 5 USD for bob key k as D
admin credits D
admin holds D
"""


def test_what_is_true_passes(new_engine: NewEngine) -> None:
    play(
        TOLD + "= alice BTC 8 held 1\n= book | 10: 1\n= last price 10\n= alice has A open",
        new_engine,
    )
    play(MOVED + "= bob USD 70 pending 30 held back 5\n= W is pending\n= D is held", new_engine)


@pytest.mark.parametrize(
    "lie",
    [
        A_TRADE,
        A_TRADE + "bob cancels all",
        A_TRADE + "= book | 10: 1",
        A_TRADE + "> bob buys 1 at 10 from carol",
        A_TRADE + "> bob buys 1 at 11 from alice",
        A_TRADE + "! insufficient balance",
        TOLD + "> bob buys 1 at 10 from alice",
        TOLD + "bob buys 100 at 10\n! no liquidity",
        TOLD + "bob buys 100 at 10",
        TOLD + "= alice BTC 8",
        TOLD + "= alice BTC 9 held 1",
        TOLD + "= book |",
        TOLD + "= book 10: 1 |",
        TOLD + "= book | 10: 2",
        TOLD + "= last price 11",
        TOLD + "= alice has no open orders",
        TOLD + "= bob has A open",
        MOVED + "= bob USD 70",
        MOVED + "= bob USD 70 pending 30",
        MOVED + "= bob USD 70 held back 5",
        MOVED + "= bob USD 70 held 30 held back 5",
        MOVED + "= bob USD 70 pending 29 held back 5",
        MOVED + "= bob USD 70 pending 30 held back 4",
        MOVED + "= W is processing",
        MOVED + "= W is over",
        MOVED + "= D is credited",
    ],
)
def test_what_is_not_true_fails(new_engine: NewEngine, lie: str) -> None:
    with pytest.raises(AssertionError):
        play(lie, new_engine)


@pytest.mark.parametrize(
    "line",
    ["bob dances", "bob withdraws 1 USD", "bob buys 1 at 10 soon", "= bob is rich", "= book"],
)
def test_what_means_nothing_is_said_so(new_engine: NewEngine, line: str) -> None:
    with pytest.raises(NotASentence, match=line):
        play(line, new_engine)


def test_an_amount_finer_than_the_market_cannot_be_said(new_engine: NewEngine) -> None:
    with pytest.raises(ValueError, match="more than 4 decimals"):
        play("bob buys 0.00001 at 10", new_engine)
