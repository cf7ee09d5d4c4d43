"""Listings: the currencies and markets, as they are after the records so far."""

from typing import Any, Final, TypeAlias, assert_never, get_args

import msgspec
from msgspec.structs import astuple, replace
from sqlalchemy import Column, Connection, Table, Text, select

from coinport.model.events import (
    CurrencyAdded,
    MarketAdded,
    MarketFeesSet,
    MarketStateSet,
    PriceBandSet,
)
from coinport.model.listings import Currency, Listings, Market
from coinport.model.records import Record
from coinport.readmodels.projection import Handlers, key, metadata, whole
from coinport.readmodels.upsert import Upsert, replaced

ListingEvent: TypeAlias = (
    CurrencyAdded | MarketAdded | MarketStateSet | MarketFeesSet | PriceBandSet
)

# The columns are the fields of `Currency` and `Market`, in their order.
currencies = Table(
    "currencies",
    metadata,
    key("currency"),
    Column("symbol", Text, nullable=False),
    whole("decimals"),
    whole("kind"),
)
markets = Table(
    "markets",
    metadata,
    key("market"),
    Column("symbol", Text, nullable=False),
    whole("base"),
    whole("quote"),
    whole("price_decimals"),
    whole("amount_decimals"),
    whole("lot"),
    whole("scale"),
    whole("minimum_value"),
    whole("reference"),
    whole("maker_fee_ppm"),
    whole("taker_fee_ppm"),
    whole("band_ppm"),
    whole("state"),
)


_UPSERT_CURRENCY: Final = Upsert(currencies, replaced)
_UPSERT_MARKET: Final = Upsert(markets, replaced)


class ListingsProjection:
    def __init__(self, listings: Listings) -> None:
        """Keeps `listings` up to date as it folds, for the projections after it as well."""
        self._listings = listings
        self._currencies: dict[int, list[int | str]] = {}
        self._markets: dict[int, list[int | str]] = {}

    def handlers(self) -> Handlers:
        return dict.fromkeys(get_args(ListingEvent), self._listed)

    def write(self, connection: Connection) -> None:
        _UPSERT_CURRENCY.write(connection, list(self._currencies.values()))
        _UPSERT_MARKET.write(connection, list(self._markets.values()))

    def _listed(self, record: Record, event: ListingEvent) -> None:
        listing = relist(self._listings, event)
        row = [value if isinstance(value, str) else int(value) for value in astuple(listing)]
        if isinstance(listing, Currency):
            self._currencies[listing.currency] = row
        else:
            self._markets[listing.market] = row


class ListingsView:
    def __init__(self, connection: Connection) -> None:
        self.listings = listings_of(connection)
        """As they now are: the same object for ever, changed in place."""

    def handlers(self) -> Handlers:
        return dict.fromkeys(get_args(ListingEvent), self._relist)

    def _relist(self, record: Record, event: ListingEvent) -> None:
        relist(self.listings, event)


def relist(listings: Listings, event: ListingEvent) -> Currency | Market:
    """Apply `event`; what it listed, or listed anew. Twice is the same as once."""
    match event:
        case CurrencyAdded(currency):
            listings.put_currency(currency)
            return currency
        case MarketAdded(market):
            pass
        case MarketStateSet(at, state):
            market = replace(listings.markets[at], state=state)
        case MarketFeesSet(at, maker, taker):
            market = replace(listings.markets[at], maker_fee_ppm=maker, taker_fee_ppm=taker)
        case PriceBandSet(at, band_ppm):
            market = replace(listings.markets[at], band_ppm=band_ppm)
        case _:
            assert_never(event)
    listings.put_market(market)
    return market


def listings_of(connection: Connection) -> Listings:
    """In the order of their ids."""
    return Listings(_all(connection, currencies, Currency), _all(connection, markets, Market))


def _all(connection: Connection, table: Table, kind: Any) -> list[Any]:
    rows = connection.execute(select(table).order_by(*table.primary_key))
    return [msgspec.convert(tuple(row), kind) for row in rows]
