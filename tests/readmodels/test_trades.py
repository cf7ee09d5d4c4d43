from coinport.model.trading import Side
from tests.readmodels.stage import act, ask

TRADING = """
admin lists LTC with 8 decimals
admin lists LTC-BTC with prices to 0.01 and amounts to 0.0001
admin charges makers 0.1% and takers 0.2% in BTC-USD
alice deposits 100 BTC
bob deposits 10000 USD
carol deposits 100 LTC
alice sells 3 at 10 as A
later 3 seconds
bob buys 1 at 10 as B
> bob buys 1 at 10 from alice, bob pays 0.002 BTC, alice pays 0.01 USD
bob buys 4 at 9 as C
alice sells 2 at 9 as D
> alice sells 2 at 9 to bob, alice pays 0.036 USD, bob pays 0.002 BTC
alice buys 10 at 0.02 in LTC-BTC as E
carol sells 10 at 0.02 in LTC-BTC as F
> carol sells 10 at 0.02 to alice in LTC-BTC
"""
ITSELF = """
alice deposits 100 USD
alice buys 1 at 10 as G
> alice buys 1 at 10 from alice, alice pays 0.002 BTC, alice pays 0.01 USD
"""
FIRST = 1_000_000_000_001
BTC_USD, LTC_BTC = 1, 2


def test_the_tape_of_a_market_is_newest_first_and_names_the_taker(database):
    stage = act(database, TRADING)
    tape = ask(stage.trades.of_market(BTC_USD, limit=100))
    assert not tape.more
    sale, purchase = tape.rows
    assert (purchase.id, sale.id) == (FIRST, FIRST + 1)
    assert (purchase.taker_side, purchase.price, purchase.quantity) == (Side.BUY, 1_000, 10_000)
    assert (sale.taker_side, sale.price, sale.quantity) == (Side.SELL, 900, 20_000)
    assert purchase.taker_order == stage.world.labels["B"]
    assert sale.taker_order == stage.world.labels["D"]
    assert purchase.time_ms == stage.world.time


def test_the_tape_goes_on_below_a_cursor(database):
    stage = act(database, TRADING)
    first = ask(stage.trades.of_market(BTC_USD, limit=1))
    assert first.more
    assert [trade.id for trade in first.rows] == [FIRST + 1]
    rest = ask(stage.trades.of_market(BTC_USD, cursor=FIRST + 1, limit=1))
    assert not rest.more
    assert [trade.id for trade in rest.rows] == [FIRST]
    assert ask(stage.trades.of_market(LTC_BTC, cursor=0, limit=1)).rows == []


def test_an_account_sees_its_own_side_of_each_trade(database):
    stage = act(database, TRADING)
    labels = stage.world.labels
    mine = ask(stage.trades.of_account(stage.world.accounts["alice"], limit=100)).rows
    told = [(t.market, t.order, t.side, t.taker_side, t.maker, t.fee) for t in mine]
    assert told == [
        (LTC_BTC, labels["E"], Side.BUY, Side.SELL, True, 0),
        (BTC_USD, labels["D"], Side.SELL, Side.SELL, False, 3_600_000),
        (BTC_USD, labels["A"], Side.SELL, Side.BUY, True, 1_000_000),
    ]
    assert [(t.price, t.quantity) for t in mine] == [(2, 100_000), (900, 20_000), (1_000, 10_000)]
    only = ask(stage.trades.of_account(stage.world.accounts["alice"], market=LTC_BTC, limit=100))
    assert [t.market for t in only.rows] == [LTC_BTC]


def test_a_trade_with_oneself_is_two_rows(database):
    stage = act(database, TRADING + ITSELF)
    labels = stage.world.labels
    mine = ask(stage.trades.of_account(stage.world.accounts["alice"], limit=100)).rows
    assert [(t.order, t.side, t.maker, t.fee) for t in mine[:2]] == [
        (labels["G"], Side.BUY, False, 200_000),
        (labels["A"], Side.SELL, True, 1_000_000),
    ]
    assert mine[0].id == mine[1].id


def test_the_two_rows_of_a_trade_with_oneself_are_on_one_page(database):
    stage = act(database, TRADING + ITSELF)
    alice = stage.world.accounts["alice"]
    whole = ask(stage.trades.of_account(alice, limit=100)).rows
    for limit in (1, 2, 3, 4, 5):
        rows, cursor, more = [], None, True
        while more:
            page = ask(stage.trades.of_account(alice, cursor=cursor, limit=limit))
            rows += page.rows
            cursor, more = page.rows[-1].id, page.more
        assert rows == whole


def test_trades_by_id_are_only_ones_own_and_known_ones(database):
    stage = act(database, TRADING + ITSELF)
    wanted = [FIRST, FIRST + 2, FIRST + 3, 7, -1, 10**40]
    mine = ask(stage.trades.by_id(stage.world.accounts["alice"], wanted))
    assert [t.id for t in mine] == [FIRST + 3, FIRST + 3, FIRST + 2, FIRST]
    others = ask(stage.trades.by_id(stage.world.accounts["carol"], wanted))
    assert [t.id for t in others] == [FIRST + 2]
