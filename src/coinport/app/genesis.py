"""The first records of a new exchange: its 12 currencies and 14 markets."""

from coinport.model.commands import AddCurrency, AddMarket, Command
from coinport.model.listings import CurrencyKind
from coinport.model.trading import MarketState
from coinport.model.units import Amount, CurrencyId, MarketId

_CURRENCIES = {
    "BTC": (8, CurrencyKind.CHAIN),
    "LTC": (8, CurrencyKind.CHAIN),
    "CNY": (8, CurrencyKind.FIAT),
    "BTSX": (8, CurrencyKind.CHAIN),
    "XRP": (6, CurrencyKind.CHAIN),
    "BLK": (8, CurrencyKind.CHAIN),
    "DRK": (8, CurrencyKind.CHAIN),
    "VRC": (8, CurrencyKind.CHAIN),
    "ZET": (8, CurrencyKind.CHAIN),
    "NXT": (8, CurrencyKind.CHAIN),
    "DOGE": (8, CurrencyKind.CHAIN),
    "GOOC": (8, CurrencyKind.OFF_CHAIN),
}
"""Decimals and kind."""
DECIMALS = {symbol: decimals for symbol, (decimals, _) in _CURRENCIES.items()}

_MARKETS = {
    "BTC-CNY": (4, 4),
    "LTC-CNY": (4, 4),
    "BTSX-CNY": (4, 4),
    "XRP-CNY": (4, 4),
    "GOOC-CNY": (4, 4),
    "LTC-BTC": (4, 4),
    "XRP-BTC": (8, 0),
    "BTSX-BTC": (8, 0),
    "DOGE-BTC": (8, 0),
    "BLK-BTC": (8, 0),
    "DRK-BTC": (6, 2),
    "VRC-BTC": (8, 0),
    "ZET-BTC": (8, 0),
    "NXT-BTC": (8, 0),
}
"""Decimals of the price and of the amount."""

_FEE_PPM = {"GOOC-CNY": 1000}
_MINIMUM = {"CNY": Amount(100_000_000), "BTC": Amount(100_000)}
"""CNY 1; BTC 0.001 until BTC-CNY has traded, then what CNY 1 is worth."""
_ACTOR, _NOTE = "coinport", "a new exchange"


def commands() -> list[Command]:
    """For an empty journal; ids are given in this order, from 1."""
    currency = {symbol: CurrencyId(at) for at, symbol in enumerate(_CURRENCIES, start=1)}
    reference = MarketId(list(_MARKETS).index("BTC-CNY") + 1)
    adding: list[Command] = [
        AddCurrency(symbol, decimals, kind, _ACTOR, _NOTE)
        for symbol, (decimals, kind) in _CURRENCIES.items()
    ]
    for symbol, (price_decimals, amount_decimals) in _MARKETS.items():
        base, _, quote = symbol.partition("-")
        fee_ppm = _FEE_PPM.get(symbol, 0)
        adding.append(
            AddMarket(
                base=currency[base],
                quote=currency[quote],
                price_decimals=price_decimals,
                amount_decimals=amount_decimals,
                minimum_value=_MINIMUM[quote],
                reference=reference if quote == "BTC" else MarketId(0),
                maker_fee_ppm=fee_ppm,
                taker_fee_ppm=fee_ppm,
                state=MarketState.OPEN,
                actor=_ACTOR,
                note=_NOTE,
            )
        )
    return adding
