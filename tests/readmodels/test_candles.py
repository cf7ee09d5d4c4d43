import pytest

from coinport.readmodels.candles import CANDLES_MAX, INTERVALS, Candle
from tests.readmodels.stage import Stage, act, ask
from tests.readmodels.stories import RICH, trade

START_S = 1_400_000_000
MINUTE, DAY = 60, 86_400


def candles(
    stage: Stage,
    interval_s: int,
    *,
    after_s: int = 0,
    until_s: int | None = None,
) -> list[Candle]:
    now_ms = stage.world.time
    until_ms = now_ms if until_s is None else until_s * 1000
    return told(stage, interval_s, after_s * 1000, until_ms)


def told(stage: Stage, interval_s: int, after_ms: int, until_ms: int) -> list[Candle]:
    return ask(
        stage.candles.of(
            1,
            interval_s,
            after_ms=after_ms,
            until_ms=until_ms,
            now_ms=stage.world.time,
        )
    )


def grid(time_s: int, interval_s: int) -> int:
    return time_s - time_s % interval_s


def test_there_are_thirteen_intervals():
    names = "1m 3m 5m 15m 30m 1h 2h 4h 6h 12h 1d 3d 1w"
    assert " ".join(INTERVALS) == names


def test_a_candle_has_first_highest_lowest_and_last_price_and_the_volume(database):
    story = RICH + trade("10", "2") + trade("12") + trade("9", "0.5") + trade("11")
    stage = act(database, story)
    expected = [1_000, 1_200, 900, 1_100, 45_000]
    for interval_s in INTERVALS.values():
        assert candles(stage, interval_s) == [Candle(grid(START_S, interval_s), *expected)]


def test_longer_candles_are_made_of_the_shorter(database):
    later = "\nlater 90 seconds\n"
    stage = act(database, RICH + trade("10") + later + trade("8") + later + trade("11"))
    assert candles(stage, 30 * MINUTE) == [
        Candle(grid(START_S, 1_800), 1_000, 1_100, 800, 1_100, 30_000)
    ]
    assert [candle[1:] for candle in candles(stage, MINUTE)] == [
        (1_000, 1_000, 1_000, 1_000, 10_000),
        (800, 800, 800, 800, 10_000),
        (800, 800, 800, 800, 0),
        (1_100, 1_100, 1_100, 1_100, 10_000),
    ]


def test_the_grid_begins_in_1970_so_a_week_begins_on_a_thursday(database):
    stage = act(database, RICH + trade("10"))
    (week,) = candles(stage, 7 * DAY)
    (day,) = candles(stage, DAY)
    assert week.start_s % (7 * DAY) == 0
    assert day.start_s % DAY == 0
    assert week.start_s <= day.start_s <= START_S


def test_empty_intervals_repeat_the_close_from_the_first_trade_until_now(database):
    stage = act(database, RICH + trade("10") + "later 4 minutes")
    start = grid(START_S, MINUTE)
    filled = candles(stage, MINUTE)
    assert [candle.start_s for candle in filled] == [start + n * MINUTE for n in range(5)]
    assert {candle[1:5] for candle in filled} == {(1_000,) * 4}
    assert [candle.volume for candle in filled] == [10_000, 0, 0, 0, 0]


def test_a_range_between_two_trades_is_filled_from_the_one_before(database):
    stage = act(database, RICH + trade("10") + "\nlater 10 minutes\n" + trade("11"))
    start = grid(START_S, MINUTE)
    between = candles(stage, MINUTE, after_s=start + 2 * MINUTE, until_s=start + 4 * MINUTE)
    assert between == [
        Candle(start + 3 * MINUTE, 1_000, 1_000, 1_000, 1_000, 0),
        Candle(start + 4 * MINUTE, 1_000, 1_000, 1_000, 1_000, 0),
    ]


def test_a_range_excludes_its_start_and_includes_its_end(database):
    stage = act(database, RICH + trade("10") + "later 10 minutes")
    start = grid(START_S, MINUTE)

    def starts(after_ms: int, until_ms: int) -> list[int]:
        found = told(stage, MINUTE, after_ms, until_ms)
        return [(candle.start_s - start) // MINUTE for candle in found]

    assert starts(start * 1000, (start + 120) * 1000) == [1, 2]
    assert starts(start * 1000 - 1, (start + 120) * 1000 - 1) == [0, 1]
    assert starts(start * 1000 + 1, (start + 120) * 1000 + 1) == [1, 2]
    assert starts(start * 1000 + 60_000, start * 1000 + 60_000) == []
    assert starts(start * 1000 + 1, start * 1000 + 2) == []


@pytest.mark.parametrize(
    ("after_s", "until_s"),
    [(0, START_S - DAY), (10**30, 10**31), (-(10**30), -1), (START_S + DAY, START_S)],
    ids=["before the first trade", "far away", "long ago", "backwards"],
)
def test_a_range_without_any_time_since_the_first_trade_is_empty(database, after_s, until_s):
    stage = act(database, RICH + trade("10"))
    assert candles(stage, MINUTE, after_s=after_s, until_s=until_s) == []


def test_a_range_before_and_beyond_all_trades_has_what_there_is(database):
    stage = act(database, RICH + trade("10") + "later 2 minutes")
    everything = candles(stage, MINUTE)
    assert len(everything) == 3
    assert candles(stage, MINUTE, after_s=-(10**30), until_s=10**30) == everything


def test_a_market_that_never_traded_has_no_candles(database):
    stage = act(database, RICH + "alice sells 1 at 10")
    assert candles(stage, MINUTE) == []


def test_at_most_the_newest_2000_are_told(database):
    days = CANDLES_MAX // 1_440 + 1
    stage = act(database, RICH + trade("10") + f"\nlater {24 * days} hours\n" + trade("11"))
    told = candles(stage, MINUTE)
    assert len(told) == CANDLES_MAX
    assert told[-1].start_s == grid(stage.world.time // 1000, MINUTE)
    assert told[-1].close == 1_100
    assert told[0].close == 1_000
