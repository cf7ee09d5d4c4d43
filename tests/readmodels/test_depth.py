import pytest

from coinport.engine.compiled import compiled
from coinport.journal.records import Records
from coinport.model.commands import CancelAllOrders
from coinport.model.events import Traded
from coinport.model.trading import Side
from coinport.readmodels.depth import CompiledDepth, PlainDepth
from coinport.readmodels.projector import Projector
from tests.readmodels.histories import lively
from tests.readmodels.stage import Tape, act, live_views
from tests.readmodels.stories import RICH

BOOK = (
    RICH
    + """
    alice sells 1 at 10
    alice sells 2 at 12
    alice sells 3 at 10
    alice sells 4 at 11 as A
    bob buys 1 at 9
    bob buys 2 at 8 as B
    bob buys 3 at 9.5
    bob buys 3 at 9 stop 20
    """
)
MARKET = 1


def test_levels_are_summed_and_the_best_comes_first(database):
    depth = act(database, BOOK).live.depth
    snapshot = depth.snapshot(MARKET, 100)
    assert snapshot.asks == [(1_000, 40_000), (1_100, 40_000), (1_200, 20_000)]
    assert snapshot.bids == [(950, 30_000), (900, 10_000), (800, 20_000)]
    assert depth.best(MARKET) == (950, 1_000)


def test_a_snapshot_has_at_most_as_many_levels_as_asked_for(database):
    snapshot = act(database, BOOK).live.depth.snapshot(MARKET, 2)
    assert snapshot.asks == [(1_000, 40_000), (1_100, 40_000)]
    assert snapshot.bids == [(950, 30_000), (900, 10_000)]


def test_trades_and_cancels_take_from_the_book_and_an_empty_level_is_gone(database):
    stage = act(
        database,
        BOOK
        + """
        later 1 second
        bob buys 5 at 11 ioc
        > bob buys 1 at 10 from alice
        > bob buys 3 at 10 from alice
        > bob buys 1 at 11 from alice
        bob cancels B
        """,
    )
    snapshot = stage.live.depth.snapshot(MARKET, 100)
    assert snapshot.asks == [(1_100, 30_000), (1_200, 20_000)]
    assert snapshot.bids == [(950, 30_000), (900, 10_000)]
    assert snapshot.time_ms == stage.world.time


def test_a_book_that_never_had_an_order_is_empty(database):
    depth = act(database, "").live.depth
    assert depth.best(MARKET) == (0, 0)
    assert depth.version(MARKET) == 0
    snapshot = depth.snapshot(MARKET, 100)
    assert (snapshot.sequence, snapshot.time_ms) == (0, 0)
    assert (snapshot.asks, snapshot.bids) == ([], [])


def test_the_sequence_counts_the_records_that_changed_the_book_and_no_others(new_database):
    story = (
        RICH
        + """
        admin lists LTC with 8 decimals
        admin lists LTC-BTC with prices to 0.01 and amounts to 0.0001
        bob deposits 1 BTC
        """
    )
    steps = [
        ("alice sells 1 at 10 as A\nalice sells 1 at 10 as B\nalice sells 1 at 11 as C", (3, 0)),
        ("bob buys 2 at 10\n> bob buys 1 at 10 from alice, 2 times", (4, 0)),
        ("bob buys 1 at 10 ioc\n> bob's purchase of 1 at 10 canceled: immediate or cancel", (4, 0)),
        ("bob buys 1 at 9 stop 20 as S\nbob cancels S", (4, 0)),
        ("alice sells 5000 at 12\n! insufficient balance", (4, 0)),
        ("bob buys 1 at 1 in LTC-BTC\nalice cancels C", (5, 1)),
        ("bob buys 1 at 1\nbob cancels all", (7, 2)),
    ]
    for step, versions in steps:
        story += "\n" + step + "\n"
        depth = act(new_database(), story).live.depth
        assert (depth.version(1), depth.version(2)) == versions, step


def test_records_change_depth_at_once(database):
    stage = act(database, BOOK)
    before = stage.live.depth.version(MARKET)
    stage.live.apply([stage.world.tell(CancelAllOrders(stage.world.accounts["alice"], 0))])
    snapshot = stage.live.depth.snapshot(MARKET, 100)
    assert snapshot.asks == []
    assert len(snapshot.bids) == 3
    assert stage.live.depth.version(MARKET) == before + 1 == snapshot.sequence
    assert live_views(database, 0).depth.version(MARKET) == before


@pytest.mark.skipif(compiled is None, reason="nothing is compiled here")
def test_what_is_compiled_keeps_the_same_books_as_what_is_not(database):
    world = lively()
    begun, rest = world.records[:1_500], world.records[1_500:]
    Projector(database, Tape(begun)).start()
    with database.engine.connect() as connection:
        compiled_one = CompiledDepth(connection, compiled.LevelBooks())
        plain = PlainDepth(connection)
    for start in range(0, len(rest), 40):
        records = Records(rest[start : start + 40])
        for each in (compiled_one, plain):
            each.apply(records)
        for market in world.listings.markets:
            assert compiled_one.version(market) == plain.version(market)
            assert compiled_one.best(market) == plain.best(market)
            snapshot = plain.snapshot(market, 1_000)
            assert compiled_one.snapshot(market, 1_000) == snapshot
            for price, quantity in snapshot.asks[:3]:
                assert compiled_one.quantity(market, Side.SELL, price) == quantity
                assert compiled_one.quantity(market, Side.BUY, price) == 0


@pytest.mark.skipif(compiled is None, reason="nothing is compiled here")
def test_a_record_that_takes_what_was_never_there_is_noticed(database):
    Projector(database, Tape([])).start()
    with database.engine.connect() as connection:
        depth = CompiledDepth(connection, compiled.LevelBooks())
    trading = next(each for each in Records(lively().records) if type(each.events[-1]) is Traded)
    with pytest.raises(ValueError, match="never there"):
        depth.apply([trading])
