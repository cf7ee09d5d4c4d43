"""Which reason is given where several would be true: the same one, on every engine, for ever."""

from coinport.model.commands import CancelAllOrders, CancelOrder, PlaceOrder
from coinport.model.events import Refused
from coinport.model.reasons import Reason
from coinport.model.trading import OrderType, Side
from coinport.model.units import AccountId, MarketId, OrderId, Price, Quantity
from tests.engines import NewEngine, every_engine
from tests.scenario import play

pytestmark = every_engine


def test_a_client_order_id_is_looked_at_before_anything_but_the_account(
    new_engine: NewEngine,
) -> None:
    script = """
bob    deposits 100 USD
bob    buys 1 at 10 id x
admin suspends bob
> bob's purchase of 1 at 10 canceled: suspended
bob    buys 1 at 10 in BTC-EUR id x
! client order id reused
nobody buys 1 at 10 id x
! unknown account
"""
    play(script, new_engine)


def test_the_market_and_the_account_are_looked_at_before_the_order(new_engine: NewEngine) -> None:
    script = """
bob   deposits 100 USD
admin suspends bob
bob   buys 0 at 0 in BTC-EUR
! unknown market
admin halts BTC-USD
bob   buys 0 at 0
! account suspended
admin resumes bob
bob   buys 0 at 0
! market closed
admin opens BTC-USD
bob   buys 0 at 0
! invalid price
"""
    play(script, new_engine)


def test_the_words_of_an_order_before_its_sums(new_engine: NewEngine) -> None:
    script = """
bob   buys 1 at 10 stop -1 post-only ioc id xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
! invalid text
bob   buys 0 at 0 stop -1 post-only ioc
! invalid price
bob   buys 0 at 0 stop 5 post-only ioc
! invalid order
bob   buys 0 at 0
! invalid price
bob   buys 0 at 10
! invalid quantity
"""
    play(script, new_engine)


def test_size_then_minimum_then_band_then_book_then_money(new_engine: NewEngine) -> None:
    script = """
admin lists EUR with 8 decimals
admin lists BTC-EUR with prices to 0.01 and amounts to 0.0001, minimum 1
alice deposits 10 BTC
dave  deposits 100 EUR
alice sells 2 at 10 in BTC-EUR
dave  buys  1 at 10 in BTC-EUR
> dave buys 1 at 10 from alice in BTC-EUR
admin allows prices within 10% in BTC-EUR
bob   buys  46116860184 at 20 in BTC-EUR post-only
! too large
bob   buys  0.01 at 20 in BTC-EUR post-only
! below minimum value
bob   buys  5 at 20 in BTC-EUR post-only
! outside price band
bob   buys  5 at 11 in BTC-EUR post-only
! post only would match
bob   buys  5 at 11 in BTC-EUR fok
! not fillable
bob   buys  5 at 11 in BTC-EUR
! insufficient balance
"""
    play(script, new_engine)


def test_of_a_market_order_the_book_is_asked_before_the_purse(new_engine: NewEngine) -> None:
    script = """
admin lists EUR with 8 decimals
admin lists BTC-EUR with prices to 0.01 and amounts to 0.0001, minimum 1
alice deposits 10 BTC
bob   buys for 5 in BTC-EUR          # the value that it names comes first
! insufficient balance
bob   buys 1 at market in BTC-EUR
! no liquidity
alice sells 0.1 at 10 in BTC-EUR
bob   buys 0.01 at market in BTC-EUR fok
! below minimum value
bob   buys 1 at market in BTC-EUR fok
! not fillable
bob   buys 1 at market in BTC-EUR
! insufficient balance
"""
    play(script, new_engine)


def test_a_refused_credit_says_the_first_thing_that_is_wrong(new_engine: NewEngine) -> None:
    script = """
admin credits bob 1 USD key k
admin credits nobody 0 EUR key k because ""
! invalid text
admin credits nobody 0 EUR key k
! unknown account
admin credits bob 0 EUR key k
! unknown currency
admin credits bob 0 USD key k
! invalid amount
admin credits bob 46116860185 USD key k
! too large
admin credits bob 46116860184 USD key k
! duplicate
admin credits bob 46116860184 USD key l
! too large
"""
    play(script, new_engine)


def test_a_refused_announcement_says_the_first_thing_that_is_wrong(new_engine: NewEngine) -> None:
    script = """
admin credits bob 1 USD key k
admin announces 0 EUR for nobody key k because ""
! invalid text
admin announces 0 EUR for nobody key k
! unknown account
admin announces 0 EUR for bob key k
! unknown currency
admin announces 0 USD for bob key k
! invalid amount
admin announces 46116860185 USD for bob key k
! too large
admin announces 46116860184 USD for bob key k
! duplicate
admin announces 46116860184 USD for bob key l
"""
    play(script, new_engine)


def test_a_refused_step_of_a_deposit_says_the_first_thing_that_is_wrong(
    new_engine: NewEngine,
) -> None:
    script = """
admin lists EUR with 2 decimals, fiat
bob   deposits 46116860184273879.04 EUR
admin announces 1 EUR for bob key k as A
admin credits Z because ""
! invalid text
admin credits Z
! unknown transfer
admin releases A
! wrong status
admin credits A
! same actor
auditor credits A
! too large
admin assigns A to nobody
! wrong status
"""
    play(script, new_engine)


def test_a_refused_withdrawal_says_the_first_thing_that_is_wrong(new_engine: NewEngine) -> None:
    long = "x" * 201
    script = f"""
nobody withdraws 0 EUR to {long}
! unknown account
admin  suspends bob
bob    withdraws 0 EUR to {long}
! account suspended
admin  resumes bob
bob    withdraws 0 EUR to {long}
! unknown currency
bob    withdraws 0 USD to {long}
! invalid text
bob    withdraws 0 USD to 1Friend
! invalid amount
bob    withdraws 1 USD for a fee of 1 to 1Friend
! invalid amount
bob    withdraws 1 USD to 1Friend
! insufficient balance
bob    deposits 1 USD
bob    withdraws 1 USD to 1Friend as A
"""
    play(script, new_engine)


def test_a_refused_step_of_a_withdrawal_says_the_first_thing_that_is_wrong(
    new_engine: NewEngine,
) -> None:
    script = """
bob   deposits 1 USD
bob   withdraws 1 USD to 1Friend as A
admin settles Z because ""
! invalid text
admin settles Z
! unknown transfer
admin settles A
! wrong status
admin approves A
admin settles A
! invalid text
admin settles A in tx
"""
    play(script, new_engine)


def test_no_order_has_the_number_zero(new_engine: NewEngine) -> None:
    """However many came and went, and whosever they were."""
    world = play("bob deposits 1000 USD", new_engine)
    bob = world.account("bob")
    placing = PlaceOrder(bob, MarketId(1), Side.BUY, OrderType.LIMIT, Price(1000), Quantity(1000))
    for _ in range(3):
        for _ in range(100):
            world.tell(placing)
        for account in (bob, AccountId(0)):
            refused = world.tell(CancelOrder(account, OrderId(0))).events
            assert refused == [Refused(Reason.UNKNOWN_ORDER)]
        assert len(world.tell(CancelAllOrders(bob, MarketId(0))).events) == 100
