"""Listings: adding currencies and markets, and changing a market's state, fees and band."""

from coinport.engine.accounts import signed
from coinport.engine.matching import Emit
from coinport.engine.state import State
from coinport.model.commands import (
    AddCurrency,
    AddMarket,
    SetMarketFees,
    SetMarketState,
    SetPriceBand,
)
from coinport.model.events import (
    CurrencyAdded,
    MarketAdded,
    MarketFeesSet,
    MarketStateSet,
    PriceBandSet,
)
from coinport.model.listings import Currency, Market
from coinport.model.reasons import Reason
from coinport.model.units import AMOUNT_MAX, PPM, Amount, CurrencyId, MarketId

DECIMALS_MAX = 9
"""More would not leave room for large amounts in 64 bits: 10**18 units are a billion at 9."""
SYMBOL_LENGTH_MAX = 10


def add_currency(state: State, command: AddCurrency, emit: Emit) -> Reason | None:
    reason = _currency_refusal(state, command)
    if reason is not None:
        return reason
    number = CurrencyId(len(state.listings.currencies) + 1)
    emit(CurrencyAdded(Currency(number, command.symbol, command.decimals, command.kind)))
    return None


def add_market(state: State, command: AddMarket, emit: Emit) -> Reason | None:
    reason = _market_refusal(state, command)
    if reason is not None:
        return reason
    listings = state.listings
    base, quote = listings.currencies[command.base], listings.currencies[command.quote]
    market = Market(
        market=MarketId(len(listings.markets) + 1),
        symbol=f"{base.symbol}-{quote.symbol}",
        base=base.currency,
        quote=quote.currency,
        price_decimals=command.price_decimals,
        amount_decimals=command.amount_decimals,
        lot=Amount(10 ** (base.decimals - command.amount_decimals)),
        scale=10 ** (quote.decimals - command.price_decimals - command.amount_decimals),
        minimum_value=command.minimum_value,
        reference=command.reference,
        maker_fee_ppm=command.maker_fee_ppm,
        taker_fee_ppm=command.taker_fee_ppm,
        band_ppm=0,
        state=command.state,
    )
    emit(MarketAdded(market))
    return None


def set_state(state: State, command: SetMarketState, emit: Emit) -> Reason | None:
    reason = _change_refusal(state, command)
    if reason is None:
        emit(MarketStateSet(command.market, command.state))
    return reason


def set_fees(state: State, command: SetMarketFees, emit: Emit) -> Reason | None:
    reason = _change_refusal(state, command)
    if reason is None and not _fees_valid(command.maker_fee_ppm, command.taker_fee_ppm):
        reason = Reason.INVALID_LISTING
    if reason is None:
        emit(MarketFeesSet(command.market, command.maker_fee_ppm, command.taker_fee_ppm))
    return reason


def set_band(state: State, command: SetPriceBand, emit: Emit) -> Reason | None:
    reason = _change_refusal(state, command)
    if reason is None and not 0 <= command.band_ppm <= 1000 * PPM:
        reason = Reason.INVALID_LISTING
    if reason is None:
        emit(PriceBandSet(command.market, command.band_ppm))
    return reason


def _currency_refusal(state: State, command: AddCurrency) -> Reason | None:
    if not signed(command.actor, command.note):
        return Reason.INVALID_TEXT
    if not _symbol_valid(command.symbol) or not 0 <= command.decimals <= DECIMALS_MAX:
        return Reason.INVALID_LISTING
    return Reason.DUPLICATE if command.symbol in state.listings.currency_of else None


def _symbol_valid(symbol: str) -> bool:
    return (
        0 < len(symbol) <= SYMBOL_LENGTH_MAX
        and symbol.isascii()
        and symbol.isalnum()
        and symbol.isupper()
    )


def _market_refusal(state: State, command: AddMarket) -> Reason | None:
    listings = state.listings
    if not signed(command.actor, command.note):
        return Reason.INVALID_TEXT
    base, quote = listings.currencies.get(command.base), listings.currencies.get(command.quote)
    if base is None or quote is None:
        return Reason.UNKNOWN_CURRENCY
    if base is quote or not _decimals_valid(command, base, quote):
        return Reason.INVALID_LISTING
    if not _fees_valid(command.maker_fee_ppm, command.taker_fee_ppm):
        return Reason.INVALID_LISTING
    if not 0 <= command.minimum_value <= AMOUNT_MAX:
        return Reason.INVALID_LISTING
    if command.reference:
        reference = listings.markets.get(command.reference)
        if reference is None or reference.base != command.quote:
            return Reason.UNKNOWN_MARKET
    symbol = f"{base.symbol}-{quote.symbol}"
    return Reason.DUPLICATE if symbol in listings.market_of else None


def _decimals_valid(command: AddMarket, base: Currency, quote: Currency) -> bool:
    """A trade is exact only where its value is a whole number of quote units."""
    price, amount = command.price_decimals, command.amount_decimals
    return price >= 0 <= amount and amount <= base.decimals and price + amount <= quote.decimals


def _fees_valid(maker_fee_ppm: int, taker_fee_ppm: int) -> bool:
    return 0 <= maker_fee_ppm < PPM and 0 <= taker_fee_ppm < PPM


def _change_refusal(
    state: State, command: SetMarketState | SetMarketFees | SetPriceBand
) -> Reason | None:
    if not signed(command.actor, command.note):
        return Reason.INVALID_TEXT
    return None if command.market in state.books else Reason.UNKNOWN_MARKET
