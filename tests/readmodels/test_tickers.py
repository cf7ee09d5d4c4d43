from random import Random

from coinport.readmodels.tickers import WINDOW_MS, Ticker
from tests.readmodels.stage import Stage, act, live_views
from tests.readmodels.stories import RICH, trade

MARKET = 1


def ticker(stage: Stage, now_ms: int) -> Ticker:
    return stage.live.tickers.ticker(MARKET, now_ms)


def test_a_market_without_orders_and_trades_has_zeros(database):
    assert ticker(act(database, ""), 0) == Ticker(0, 0, 0, 0, 0, 0)


def test_a_ticker_has_the_best_prices_the_extremes_the_last_price_and_the_volume(database):
    story = RICH + trade("10", "2") + trade("12") + trade("9") + trade("11")
    stage = act(database, story + "alice sells 1 at 13\nbob buys 1 at 8")
    assert ticker(stage, stage.world.time) == Ticker(800, 1_300, 1_200, 900, 1_100, 50_000)


def test_a_trade_falls_out_when_it_is_24_hours_old_though_nobody_trades(database):
    story = RICH + trade("12", "2") + "\nlater 1 millisecond\n" + trade("10")
    stage = act(database, story)
    second = stage.world.time
    first = second - 1
    assert ticker(stage, first + WINDOW_MS - 1) == Ticker(0, 0, 1_200, 1_000, 1_000, 30_000)
    assert ticker(stage, first + WINDOW_MS) == Ticker(0, 0, 1_000, 1_000, 1_000, 10_000)
    assert ticker(stage, second + WINDOW_MS) == Ticker(0, 0, 0, 0, 1_000, 0)


def test_after_a_restart_only_the_trades_of_24_hours_count_but_the_last_price_stays(database):
    story = RICH + "".join(trade(str(price)) + "later 1 hour\n" for price in range(40, 10, -1))
    stage = act(database, story)
    now = stage.world.time
    assert ticker(stage, now) == Ticker(0, 0, 3_300, 1_100, 1_100, 230_000)
    later = live_views(database, now + WINDOW_MS).tickers
    assert later.ticker(MARKET, now + WINDOW_MS) == Ticker(0, 0, 0, 0, 1_100, 0)


def test_the_window_is_exact_at_every_moment_of_a_long_history(database):
    tickers = act(database, "").live.tickers
    chance = Random(5)
    trades: list[tuple[int, int, int]] = []
    time = 0
    for _ in range(2_000):
        time += chance.choice((0, 0, 1, 30_000, 600_000))
        prices = [chance.randrange(1, 40) for _ in range(chance.choice((1, 1, 2, 5)))]
        quantity = chance.randrange(1, 100)
        trades += [(time, price, quantity) for price in prices]
        volume = quantity * len(prices)
        tickers.apply([(MARKET, time, prices[-1], max(prices), min(prices), volume)])
        assert tickers.ticker(MARKET, time) == slowly(trades, time)
    for _ in range(300):
        time += 300_000
        assert tickers.ticker(MARKET, time) == slowly(trades, time)


def slowly(trades: list[tuple[int, int, int]], now: int) -> Ticker:
    within = [trade for trade in trades if now - trade[0] < WINDOW_MS]
    prices = [price for _, price, _ in within]
    volume = sum(quantity for *_, quantity in within)
    return Ticker(0, 0, max(prices, default=0), min(prices, default=0), trades[-1][1], volume)
