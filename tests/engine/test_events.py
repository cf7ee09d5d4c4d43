"""What a record says, field by field: the read models, the feed and the answers live on it.

In the market of these tests a lot is 10,000 units of BTC, and a tick times a lot 100 units of USD.
"""

from coinport.model import events as e
from coinport.model.commands import PlaceOrder
from coinport.model.listings import Currency, CurrencyKind, Market
from coinport.model.reasons import Reason
from coinport.model.records import decode_record
from coinport.model.trading import MarketState, OrderType, Side
from coinport.model.units import ACCOUNT_FIRST, ORDER_FIRST, TRADE_FIRST
from tests.engines import NewEngine, every_engine
from tests.scenario import play
from tests.world import World

pytestmark = every_engine

ALICE, BOB = ACCOUNT_FIRST, ACCOUNT_FIRST + 1
BTC, USD, BTC_USD = 1, 2, 1
FUNDED = """
alice deposits 100 BTC
bob   deposits 10000 USD
"""


def told(world: World, last: int = 1) -> list[e.Event]:
    """The events of the last commands."""
    return [event for data in world.records[-last:] for event in decode_record(data).events]


def test_a_limit_order_that_rests(new_engine: NewEngine) -> None:
    world = play(FUNDED + "bob buys 3 at 10", new_engine)
    hold = 1_000 * 30_000 * 100
    assert told(world) == [
        e.OrderPlaced(ORDER_FIRST, BOB, USD, hold, 30_000),
        e.OrderBooked(ORDER_FIRST, BTC_USD, Side.BUY, 1_000, 30_000),
    ]


def test_a_purchase_at_a_better_price_and_what_is_left_of_it(new_engine: NewEngine) -> None:
    script = """
admin charges makers 0.1% and takers 0.2% in BTC-USD
alice sells 2 at 10
bob   buys  3 at 11
> bob buys 2 at 10 from alice, bob pays 0.004 BTC, alice pays 0.02 USD
"""
    assert told(play(FUNDED + script, new_engine)) == [
        e.OrderPlaced(ORDER_FIRST + 1, BOB, USD, 1_100 * 30_000 * 100, 30_000),
        e.Traded(
            trade=TRADE_FIRST,
            market=BTC_USD,
            taker_side=Side.BUY,
            price=1_000,
            quantity=20_000,
            taker_order=ORDER_FIRST + 1,
            taker_account=BOB,
            taker_fee=400_000,
            maker_order=ORDER_FIRST,
            maker_account=ALICE,
            maker_fee=2_000_000,
            released=100 * 20_000 * 100,
        ),
        e.OrderBooked(ORDER_FIRST + 1, BTC_USD, Side.BUY, 1_100, 10_000),
    ]


def test_a_sale_at_a_better_price_releases_nothing(new_engine: NewEngine) -> None:
    script = """
bob   buys  2 at 11
alice sells 2 at 10
> alice sells 2 at 11 to bob
"""
    placed, traded = told(play(FUNDED + script, new_engine))
    assert placed == e.OrderPlaced(ORDER_FIRST + 1, ALICE, BTC, 20_000 * 10_000, 20_000)
    assert isinstance(traded, e.Traded)
    assert (traded.taker_side, traded.price, traded.released) == (Side.SELL, 1_100, 0)


def test_a_filled_order_ends_without_a_word_of_its_own(new_engine: NewEngine) -> None:
    script = """
alice sells 2 at 10
bob   buys  2 at 10
> bob buys 2 at 10 from alice
"""
    assert [type(event) for event in told(play(FUNDED + script, new_engine))] == [
        e.OrderPlaced,
        e.Traded,
    ]


def test_the_rest_of_a_taker_was_never_booked(new_engine: NewEngine) -> None:
    script = """
alice sells 2 at 10
bob   buys  3 at 11 ioc
> bob buys 2 at 10 from alice
> bob's purchase of 1 at 11 canceled: immediate or cancel
"""
    assert told(play(FUNDED + script, new_engine))[-1] == e.OrderCanceled(
        order=ORDER_FIRST + 1,
        account=BOB,
        market=BTC_USD,
        side=Side.BUY,
        price=1_100,
        leaves=10_000,
        booked=False,
        currency=USD,
        released=1_100 * 10_000 * 100,
        reason=Reason.IMMEDIATE_OR_CANCEL,
    )


def test_a_canceled_order_was_booked_and_a_waiting_stop_was_not(new_engine: NewEngine) -> None:
    script = """
alice sells 2 at 10 as A
bob   buys  1 at 10 stop 12 as B
alice cancels A
bob   cancels B
"""
    assert told(play(FUNDED + script, new_engine), 2) == [
        e.OrderCanceled(
            order=ORDER_FIRST,
            account=ALICE,
            market=BTC_USD,
            side=Side.SELL,
            price=1_000,
            leaves=20_000,
            booked=True,
            currency=BTC,
            released=20_000 * 10_000,
            reason=Reason.REQUESTED,
        ),
        e.OrderCanceled(
            order=ORDER_FIRST + 1,
            account=BOB,
            market=BTC_USD,
            side=Side.BUY,
            price=1_000,
            leaves=10_000,
            booked=False,
            currency=USD,
            released=1_000 * 10_000 * 100,
            reason=Reason.REQUESTED,
        ),
    ]


def test_a_market_purchase_holds_what_it_costs_and_has_nothing_left(new_engine: NewEngine) -> None:
    script = """
alice sells 2 at 10
bob   buys  3 at market
> bob buys 2 at 10 from alice
> bob's purchase of 1 at market canceled: no liquidity
"""
    placed, traded, canceled = told(play(FUNDED + script, new_engine))
    assert placed == e.OrderPlaced(ORDER_FIRST + 1, BOB, USD, 1_000 * 20_000 * 100, 30_000)
    assert isinstance(traded, e.Traded)
    assert traded.released == 0
    assert isinstance(canceled, e.OrderCanceled)
    assert (canceled.price, canceled.leaves, canceled.released) == (0, 10_000, 0)


def test_a_market_purchase_by_value_says_how_much_that_buys(new_engine: NewEngine) -> None:
    script = """
alice sells 2 at 10
bob   buys for 15
> bob buys 1.5 at 10 from alice
"""
    world = play(FUNDED + script, new_engine)
    assert told(world)[0] == e.OrderPlaced(ORDER_FIRST + 1, BOB, USD, 15 * 10**8, 15_000)
    command = decode_record(world.records[-1]).command
    assert isinstance(command, PlaceOrder)
    assert (command.order_type, command.quantity, command.value) == (
        OrderType.MARKET,
        0,
        15 * 10**8,
    )


def test_self_trade_prevention_cancels_the_maker_in_its_turn(new_engine: NewEngine) -> None:
    script = """
bob   deposits 1 BTC
bob   sells 1 at 10
alice sells 1 at 10
bob   buys  1 at 10 expire maker
> bob's sale of 1 at 10 canceled: self trade
> bob buys 1 at 10 from alice
"""
    _, canceled, _ = told(play(FUNDED + script, new_engine))
    assert isinstance(canceled, e.OrderCanceled)
    assert (canceled.order, canceled.booked, canceled.released) == (ORDER_FIRST, True, 10**8)


def test_a_triggered_stop_goes_on_within_the_record_that_set_it_off(new_engine: NewEngine) -> None:
    script = """
bob   buys  1 at 12 stop 10
alice sells 1 at 10
bob   buys  1 at 10
> bob buys 1 at 10 from alice
> bob's stop at 10 triggered
"""
    assert told(play(FUNDED + script, new_engine))[2:] == [
        e.StopTriggered(ORDER_FIRST),
        e.OrderBooked(ORDER_FIRST, BTC_USD, Side.BUY, 1_200, 10_000),
    ]


def test_a_repeated_client_order_id_names_the_first_order(new_engine: NewEngine) -> None:
    script = """
bob buys 1 at 10
bob buys 1 at 10 id x as A
bob buys 1 at 10 id x
> the same order as A
"""
    assert told(play(FUNDED + script, new_engine)) == [e.OrderRepeated(ORDER_FIRST + 1)]


def test_money_from_and_to_outside(new_engine: NewEngine) -> None:
    world = play(FUNDED + "admin debits bob 1 USD", new_engine)
    assert told(world, 2) == [e.Credited(BOB, USD, 10**12), e.Debited(BOB, USD, 10**8)]


def test_a_suspension_says_which_orders_went_with_it(new_engine: NewEngine) -> None:
    script = """
bob buys 1 at 10
admin suspends bob
> bob's purchase of 1 at 10 canceled: suspended
admin resumes bob
"""
    suspended, canceled, resumed = told(play(FUNDED + script, new_engine), 2)
    assert suspended == e.AccountSuspended(BOB)
    assert isinstance(canceled, e.OrderCanceled)
    assert (canceled.order, canceled.booked) == (ORDER_FIRST, True)
    assert resumed == e.AccountResumed(BOB)


def test_listings_carry_the_scales_that_keep_trades_exact(new_engine: NewEngine) -> None:
    script = """
admin lists XRP with 6 decimals
admin lists XRP-USD with prices to 0.0001 and amounts to 0.01, minimum 1, halted
admin charges makers 0.1% and takers 0.25% in XRP-USD
admin allows prices within 15% in XRP-USD
admin restricts XRP-USD
"""
    added, listed, *changes = told(play(script, new_engine), 5)
    assert added == e.CurrencyAdded(Currency(3, "XRP", 6, CurrencyKind.CHAIN))
    assert listed == e.MarketAdded(
        Market(
            market=2,
            symbol="XRP-USD",
            base=3,
            quote=USD,
            price_decimals=4,
            amount_decimals=2,
            lot=10**4,
            scale=10**2,
            minimum_value=10**8,
            reference=0,
            maker_fee_ppm=0,
            taker_fee_ppm=0,
            band_ppm=0,
            state=MarketState.HALTED,
        )
    )
    assert changes == [
        e.MarketFeesSet(2, 1_000, 2_500),
        e.PriceBandSet(2, 150_000),
        e.MarketStateSet(2, MarketState.CANCEL_ONLY),
    ]
