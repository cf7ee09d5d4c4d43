"""At the bounds: the last value that is accepted, the first that is not, and what is kept."""

import tracemalloc
from typing import Any

import pytest
from msgspec.structs import replace

from coinport.engine.rulebook import Rulebook
from coinport.model.commands import (
    AddCurrency,
    AddMarket,
    Credit,
    Debit,
    PlaceOrder,
    ResumeAccount,
    SetMarketFees,
    SetMarketState,
    SetPriceBand,
    SuspendAccount,
)
from coinport.model.listings import CurrencyKind
from coinport.model.reasons import Reason
from coinport.model.records import encode_command
from coinport.model.trading import MarketState, OrderType, Side
from coinport.model.units import (
    ACCOUNT_FIRST,
    AMOUNT_MAX,
    CUSTODY_ACCOUNT,
    FEE_ACCOUNT,
    PPM,
    SUSPENSE_ACCOUNT,
    TEXT_LENGTH_MAX,
)
from tests.engines import NewEngine, every_engine
from tests.scenario import play
from tests.world import World, answer

BTC, USD, BTC_USD = 1, 2, 1
BOB = ACCOUNT_FIRST
SIGNED = ("admin", "why")


@pytest.fixture
def world(new_engine: NewEngine) -> World:
    return play("bob deposits 0.00000001 BTC", new_engine)


def credit(currency: int, amount: int) -> Credit:
    return Credit(BOB, currency, amount, "", *SIGNED)


def limit(**terms: Any) -> PlaceOrder:
    usual = {"side": Side.BUY, "order_type": OrderType.LIMIT, "price": 1, "quantity": 1}
    return PlaceOrder(**{"account": BOB, "market": BTC_USD, **usual, **terms})


@every_engine
def test_all_money_of_a_currency_together_stays_within_the_bound(world: World) -> None:
    eve = world.account("eve")
    assert answer(world, credit(USD, AMOUNT_MAX + 1)) is Reason.TOO_LARGE
    assert answer(world, credit(USD, AMOUNT_MAX - 5)) is None
    assert answer(world, replace(credit(USD, 6), account=eve)) is Reason.TOO_LARGE
    assert answer(world, replace(credit(USD, 5), account=eve)) is None
    assert answer(world, credit(USD, 1)) is Reason.TOO_LARGE
    assert answer(world, Debit(eve, USD, 5, "", *SIGNED)) is None
    assert answer(world, credit(USD, 5)) is None


@every_engine
def test_the_value_of_an_order_stays_within_the_bound(world: World) -> None:
    assert answer(world, credit(USD, AMOUNT_MAX)) is None
    most = AMOUNT_MAX // 100  # a tick times a lot is 100 units
    assert answer(world, limit(price=most + 1)) is Reason.TOO_LARGE
    assert answer(world, limit(price=most // 2, quantity=3)) is Reason.TOO_LARGE
    assert answer(world, limit(price=2**64 - 1, quantity=2**64 - 1)) is Reason.TOO_LARGE
    assert answer(world, limit(stop_price=AMOUNT_MAX + 1)) is Reason.TOO_LARGE
    assert answer(world, limit(price=most - 1)) is None
    assert answer(world, limit(price=1, quantity=1, stop_price=AMOUNT_MAX)) is None


@every_engine
def test_the_amount_of_an_order_stays_within_the_bound(world: World) -> None:
    most = AMOUNT_MAX // 10_000  # a lot is 10,000 units
    sale = limit(side=Side.SELL, price=1, quantity=most + 1)
    market = replace(sale, order_type=OrderType.MARKET, price=0)
    assert answer(world, sale) is Reason.TOO_LARGE
    assert answer(world, market) is Reason.TOO_LARGE
    assert answer(world, replace(sale, quantity=most)) is Reason.INSUFFICIENT_BALANCE
    assert answer(world, replace(market, quantity=most)) is Reason.NO_LIQUIDITY
    by_value = replace(market, side=Side.BUY, quantity=0, value=AMOUNT_MAX)
    assert answer(world, by_value) is Reason.INSUFFICIENT_BALANCE
    assert answer(world, replace(by_value, value=AMOUNT_MAX + 1)) is Reason.TOO_LARGE


@every_engine
def test_a_market_purchase_that_would_cost_too_much_is_refused(new_engine: NewEngine) -> None:
    script = """
alice deposits 10 BTC
2 times: alice sells 1 at 46116860184.27
bob   deposits 1 USD
bob   buys 2 at market
! too large
bob   buys 1 at market
! insufficient balance
"""
    play(script, new_engine)


@every_engine
def test_all_the_money_there_can_be_is_traded_without_a_loss(new_engine: NewEngine) -> None:
    script = """
admin charges makers 99.9999% and takers 99.9999% in BTC-USD
alice deposits 46116860184.27387904 BTC
bob   deposits 46116860184.27387904 USD
alice sells 40000000000 at 0.01
bob   buys  40000000000 at 1
> bob buys 40000000000 at 0.01 from alice, bob pays 39999960000 BTC, alice pays 399999600 USD
= bob   BTC 40000
= alice USD 400
= bob   USD 45716860184.27387904
"""
    play(script, new_engine)


@every_engine
@pytest.mark.parametrize(
    "account", [FEE_ACCOUNT, CUSTODY_ACCOUNT, SUSPENSE_ACCOUNT, 0, -1, 2**64 - 1]
)
def test_the_accounts_of_the_exchange_itself_are_nobodys(world: World, account: int) -> None:
    for command in (
        limit(account=account),
        replace(credit(USD, 1), account=account),
        Debit(account, USD, 1, "", *SIGNED),
        SuspendAccount(account, *SIGNED),
        ResumeAccount(account, *SIGNED),
    ):
        assert answer(world, command) is Reason.UNKNOWN_ACCOUNT


@every_engine
@pytest.mark.parametrize(
    "command",
    [
        credit(USD, 1),
        Debit(BOB, BTC, 1, "", *SIGNED),
        SuspendAccount(BOB, *SIGNED),
        AddCurrency("EUR", 2, CurrencyKind.FIAT, *SIGNED),
        AddMarket(USD, BTC, 2, 2, 0, 0, 0, 0, MarketState.OPEN, *SIGNED),
        SetMarketState(BTC_USD, MarketState.HALTED, *SIGNED),
        SetMarketFees(BTC_USD, 1, 1, *SIGNED),
        SetPriceBand(BTC_USD, 1, *SIGNED),
    ],
    ids=lambda command: type(command).__name__,
)
def test_what_an_administrator_does_says_who_and_why_within_bounds(
    world: World, command: Any
) -> None:
    longest, too_long = "x" * TEXT_LENGTH_MAX, "x" * (TEXT_LENGTH_MAX + 1)
    for wrong in ({"actor": ""}, {"note": ""}, {"actor": too_long}, {"note": too_long}):
        assert answer(world, replace(command, **wrong)) is Reason.INVALID_TEXT
    if hasattr(command, "key"):
        assert answer(world, replace(command, key=too_long)) is Reason.INVALID_TEXT
        command = replace(command, key=longest)
    assert answer(world, replace(command, actor=longest, note=longest)) is None


@every_engine
def test_fees_and_bands_within_bounds(world: World) -> None:
    for maker, taker in ((-1, 0), (0, -1), (PPM, 0), (0, PPM)):
        fees = SetMarketFees(BTC_USD, maker, taker, *SIGNED)
        assert answer(world, fees) is Reason.INVALID_LISTING
        market = AddMarket(USD, BTC, 2, 2, 0, 0, maker, taker, MarketState.OPEN, *SIGNED)
        assert answer(world, market) is Reason.INVALID_LISTING
    assert answer(world, SetMarketFees(BTC_USD, PPM - 1, PPM - 1, *SIGNED)) is None
    for band in (-1, 1000 * PPM + 1):
        assert answer(world, SetPriceBand(BTC_USD, band, *SIGNED)) is Reason.INVALID_LISTING
    assert answer(world, SetPriceBand(BTC_USD, 1000 * PPM, *SIGNED)) is None


@every_engine
def test_decimals_and_minimum_of_a_market_within_bounds(world: World) -> None:
    market = AddMarket(USD, BTC, 2, 2, 0, 0, 0, 0, MarketState.OPEN, *SIGNED)
    for wrong in (
        {"price_decimals": -1},
        {"amount_decimals": -1},
        {"price_decimals": 7},
        {"amount_decimals": 9, "price_decimals": 0},
        {"minimum_value": -1},
        {"minimum_value": AMOUNT_MAX + 1},
        {"base": BTC},
    ):
        assert answer(world, replace(market, **wrong)) is Reason.INVALID_LISTING, wrong
    for wrong in ({"base": 0}, {"quote": 3}, {"base": -1}):
        assert answer(world, replace(market, **wrong)) is Reason.UNKNOWN_CURRENCY
    for reference in (-1, 2, 2**64 - 1):
        assert answer(world, replace(market, reference=reference)) is Reason.UNKNOWN_MARKET
    most = {"price_decimals": 0, "amount_decimals": 8, "minimum_value": AMOUNT_MAX, "reference": 1}
    assert answer(world, replace(market, **most)) is None


@every_engine
def test_client_order_ids_are_forgotten_after_a_day(new_engine: NewEngine) -> None:
    script = """
bob deposits 1000 USD
50 times: bob buys 1 at 1
bob buys 1 at 1 id A
later 23 hours
bob buys 1 at 1 id B
later 1 hour
bob buys 1 at 1 id C
"""
    remembered = play(script, new_engine).look().remembered
    assert [row.client_order_id for row in remembered] == ["B", "C"]


@every_engine
def test_an_order_that_is_over_is_forgotten(new_engine: NewEngine) -> None:
    script = """
alice deposits 10 BTC
bob   deposits 1000 USD
alice sells 1 at 10 as A
alice sells 1 at 10 stop 1 as B
alice cancels A
alice cancels B
alice sells 1 at 10
bob   buys  1 at 10
> bob buys 1 at 10 from alice
"""
    snapshot = play(script, new_engine).look()
    assert (snapshot.resting, snapshot.waiting) == ([], [])


def test_an_open_order_takes_less_than_a_kibibyte() -> None:
    world = play("bob deposits 40000000000 USD", Rulebook)
    orders = [
        encode_command(limit(price=1 + n % 500, quantity=1 + n, account=world.account("bob")))
        for n in range(3_000)
    ]
    tracemalloc.start()
    try:
        world.engine.execute(world.time, orders)
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(world.look().resting) == 3_000
    assert used / 3_000 < 1_024
