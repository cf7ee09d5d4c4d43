"""A new exchange has the currencies and markets that the API promises."""

from coinport.app import genesis
from coinport.engine.rulebook import Rulebook
from coinport.model.events import CurrencyAdded, MarketAdded
from coinport.model.listings import Currency, Listings, Market
from coinport.model.records import decode_record, encode_command
from coinport.model.units import TimeMs


def new_exchange() -> Listings:
    listings = Listings()
    records = Rulebook().execute(TimeMs(1), [encode_command(each) for each in genesis.commands()])
    for record in map(decode_record, records):
        match record.events:
            case [CurrencyAdded(currency)]:
                listings.put_currency(currency)
            case [MarketAdded(market)]:
                listings.put_market(market)
            case refused:
                raise AssertionError(refused)
    return listings


def market(symbol: str) -> Market:
    listings = new_exchange()
    return listings.markets[listings.market_of[symbol]]


def currency(symbol: str) -> Currency:
    listings = new_exchange()
    return listings.currencies[listings.currency_of[symbol]]


def test_there_are_the_twelve_currencies_and_fourteen_markets() -> None:
    listings = new_exchange()
    assert " ".join(listings.currency_of) == ("BTC LTC CNY BTSX XRP BLK DRK VRC ZET NXT DOGE GOOC")
    assert " ".join(listings.market_of) == (
        "BTC-CNY LTC-CNY BTSX-CNY XRP-CNY GOOC-CNY LTC-BTC XRP-BTC BTSX-BTC DOGE-BTC BLK-BTC "
        "DRK-BTC VRC-BTC ZET-BTC NXT-BTC"
    )


def test_decimals_are_eight_but_six_for_xrp() -> None:
    assert [currency(symbol).decimals for symbol in ("CNY", "GOOC", "BTC", "XRP")] == [8, 8, 8, 6]


def test_prices_and_amounts_have_the_decimals_of_their_market() -> None:
    def decimals(symbol: str) -> tuple[int, int]:
        return market(symbol).price_decimals, market(symbol).amount_decimals

    assert decimals("XRP-CNY") == decimals("LTC-BTC") == (4, 4)
    assert decimals("DRK-BTC") == (6, 2)
    assert decimals("XRP-BTC") == decimals("DOGE-BTC") == (8, 0)


def test_only_gooc_costs_a_fee() -> None:
    fees = {
        each.symbol: (each.maker_fee_ppm, each.taker_fee_ppm)
        for each in new_exchange().markets.values()
    }
    assert fees.pop("GOOC-CNY") == (1000, 1000)
    assert set(fees.values()) == {(0, 0)}


def test_an_order_is_worth_a_yuan_at_least() -> None:
    assert market("LTC-CNY").minimum_value == 10**8
    assert market("LTC-CNY").reference == 0
    assert market("NXT-BTC").minimum_value == 10**5
    assert market("NXT-BTC").reference == market("BTC-CNY").market
