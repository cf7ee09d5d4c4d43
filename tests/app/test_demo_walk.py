"""The prices of the demo look like a market's and agree with each other."""

import math
import statistics
from itertools import pairwise

from coinport.app.demo.walk import BASES_CNY, Walk

NOW_MS = 1_700_000_000_000
HOUR_MS = 3_600_000


def returns(walk: Walk, currency: str, every_ms: int, number: int) -> list[float]:
    prices = [walk.price(currency, "CNY", NOW_MS + at * every_ms) for at in range(number)]
    return [math.log(later / earlier) for earlier, later in pairwise(prices)]


def test_it_depends_on_the_seed_and_the_time_alone() -> None:
    assert Walk(1).price("BTC", "CNY", NOW_MS) == Walk(1).price("BTC", "CNY", NOW_MS)
    assert Walk(1).price("BTC", "CNY", NOW_MS) != Walk(2).price("BTC", "CNY", NOW_MS)


def test_markets_agree_with_each_other() -> None:
    walk = Walk(1)
    ltc_btc = walk.price("LTC", "CNY", NOW_MS) / walk.price("BTC", "CNY", NOW_MS)
    assert math.isclose(walk.price("LTC", "BTC", NOW_MS), ltc_btc)


def test_every_currency_stays_in_reach_of_its_base_for_a_year() -> None:
    walk = Walk(3)
    for currency, base in BASES_CNY.items():
        for day in range(0, 365, 5):
            price = walk.price(currency, "CNY", NOW_MS + day * 24 * HOUR_MS)
            assert base / 3 < price < base * 3


def test_it_moves_by_some_percent_a_day_and_less_in_an_hour() -> None:
    daily = statistics.pstdev(returns(Walk(5), "LTC", 24 * HOUR_MS, 200))
    hourly = statistics.pstdev(returns(Walk(5), "LTC", HOUR_MS, 200))
    assert 0.02 < daily < 0.07
    assert hourly < daily / 2
