"""Listings: the currencies and markets, and the scales that keep every trade exact."""

from collections.abc import Iterable
from enum import IntEnum

from msgspec import Struct

from coinport.model.trading import MarketState
from coinport.model.units import Amount, CurrencyId, MarketId, Price, Quantity


class CurrencyKind(IntEnum):
    FIAT = 1
    CHAIN = 2
    OFF_CHAIN = 3
    """Neither money of a state nor on a block chain (GOOC)."""


class Currency(Struct, frozen=True, array_like=True):
    currency: CurrencyId
    symbol: str
    decimals: int
    """An amount counts units of 10**-decimals."""
    kind: CurrencyKind


class Market(Struct, frozen=True, array_like=True):
    market: MarketId
    symbol: str
    base: CurrencyId
    quote: CurrencyId
    price_decimals: int
    amount_decimals: int
    lot: Amount
    """Base units in one lot: 10**(base decimals - amount_decimals)."""
    scale: int
    """Quote units of one tick times one lot: 10**(quote decimals - price_decimals -
    amount_decimals). It is a whole number, so a trade never rounds."""
    minimum_value: Amount
    """Least value of an order, in quote units; see `reference`."""
    reference: MarketId
    """0: `minimum_value` holds as it is. Otherwise a market whose base is this quote: once that one
    has traded, an order must be worth *its* minimum at its last price instead."""
    maker_fee_ppm: int
    taker_fee_ppm: int
    band_ppm: int
    """A limit price may differ from the last price by this much; 0: by anything."""
    state: MarketState

    def value(self, price: Price, quantity: Quantity) -> Amount:
        """What `quantity` costs at `price`, in quote units. Exact."""
        return Amount(price * quantity * self.scale)


class Listings:
    """The currencies and markets there are, by id and by symbol."""

    __slots__ = ("currencies", "currency_of", "market_of", "markets")

    def __init__(self, currencies: Iterable[Currency] = (), markets: Iterable[Market] = ()) -> None:
        self.currencies: dict[CurrencyId, Currency] = {}
        self.markets: dict[MarketId, Market] = {}
        self.currency_of: dict[str, CurrencyId] = {}
        self.market_of: dict[str, MarketId] = {}
        for currency in currencies:
            self.put_currency(currency)
        for market in markets:
            self.put_market(market)

    def put_currency(self, currency: Currency) -> None:
        self.currencies[currency.currency] = currency
        self.currency_of[currency.symbol] = currency.currency

    def put_market(self, market: Market) -> None:
        """Add `market`, or replace what was listed under its id."""
        self.markets[market.market] = market
        self.market_of[market.symbol] = market.market
