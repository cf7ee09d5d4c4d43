"""Names: the ids of currencies and markets as callers write them, in any case and with aliases."""

from functools import lru_cache
from typing import Annotated, Final

from msgspec import UNSET, UnsetType

from coinport.gateway.errors import ApiError, Code
from coinport.gateway.routes import about
from coinport.gateway.wire import NAME_LENGTH_MAX
from coinport.model.listings import Currency, Listings, Market
from coinport.model.units import MarketId

ALIASES: Final = {"BC": "BLK"}

MarketName = Annotated[
    str,
    about("A market, for instance btc-cny; in any case.", "市场ID，例如 btc-cny，不区分大小写。"),
]
CurrencyName = Annotated[
    str, about("A currency, for instance btc; in any case.", "币种ID，例如 btc，不区分大小写。")
]

MarketWanted = Annotated[MarketName | UnsetType, about("Default: all.", "默认所有市场。")]
"""With the default UNSET; see `market_wanted`."""


def market_wanted(listings: Listings, name: MarketName | UnsetType) -> MarketId | None:
    """None: all of them. Raises ApiError (1010)."""
    return None if name is UNSET else market_named(listings, name).market


def market_named(listings: Listings, name: str) -> Market:
    """Raises ApiError (1010)."""
    market = listings.market_of.get(_symbol(name))
    if market is None:
        raise ApiError(Code.UNKNOWN_MARKET, name[:NAME_LENGTH_MAX])
    return listings.markets[market]


def currency_named(listings: Listings, name: str) -> Currency:
    """Raises ApiError (1013)."""
    currency = listings.currency_of.get(_symbol(name))
    if currency is None:
        raise ApiError(Code.UNKNOWN_CURRENCY, name[:NAME_LENGTH_MAX])
    return listings.currencies[currency]


@lru_cache(1 << 10)
def _symbol(name: str) -> str:
    return "-".join(ALIASES.get(part, part) for part in name.upper().split("-"))
