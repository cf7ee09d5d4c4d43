"""Listing: currencies and markets, and by what rules they trade."""

from typing import Any, assert_never

from coinport.app.admin.desk import Desk, amount_of
from coinport.app.config import Trading
from coinport.gateway.errors import ApiError, Code
from coinport.gateway.names import market_named
from coinport.model.commands import (
    AddCurrency,
    AddMarket,
    SetMarketFees,
    SetMarketState,
    SetPriceBand,
)
from coinport.model.listings import CurrencyKind, Market
from coinport.model.trading import MarketState
from coinport.model.units import MarketId
from coinport.operations.requests import (
    ListingRequest,
    NewCurrency,
    NewMarket,
    SetBand,
    SetFees,
    SetState,
)


class Listing:
    def __init__(self, desk: Desk, defaults: Trading) -> None:
        """`defaults` of a new market."""
        self._desk = desk
        self._defaults = defaults

    async def act(self, request: ListingRequest, actor: str) -> dict[str, Any]:
        match request:
            case NewCurrency(symbol, decimals, kind, reason):
                of_kind = CurrencyKind[kind.upper()]
                await self._desk.submit(
                    AddCurrency(symbol.upper(), decimals, of_kind, actor, reason)
                )
                return {"currency": symbol.upper()}
            case NewMarket():
                return await self._list(request, actor)
            case SetState(name, state, reason):
                market = self._market(name)
                new_state = MarketState[state.upper()]
                await self._desk.submit(SetMarketState(market.market, new_state, actor, reason))
                return {"market": market.symbol, "state": state}
            case SetFees(name, maker, taker, reason):
                market = self._market(name)
                await self._desk.submit(SetMarketFees(market.market, maker, taker, actor, reason))
                return {"market": market.symbol, "maker_fee_ppm": maker, "taker_fee_ppm": taker}
            case SetBand(name, band_ppm, reason):
                market = self._market(name)
                await self._desk.submit(SetPriceBand(market.market, band_ppm, actor, reason))
                return {"market": market.symbol, "band_ppm": band_ppm}
            case _:
                assert_never(request)

    async def _list(self, request: NewMarket, actor: str) -> dict[str, Any]:
        base_name, _, quote_name = request.symbol.partition("-")
        listings, defaults = self._desk.listings, self._defaults
        base, quote = self._desk.currency(base_name), self._desk.currency(quote_name)
        minimums = {"CNY": defaults.minimum_cny, "BTC": defaults.minimum_btc}
        minimum = request.minimum or minimums.get(quote.symbol)
        if minimum is None:
            raise ApiError(Code.MISSING_PARAMETER, "minimum")
        # Worth the same as the minimum of BTC-CNY, unless the operator says what it is to be.
        reference = listings.market_of.get(f"{quote.symbol}-CNY", 0) if not request.minimum else 0
        maker, taker = request.maker_fee_ppm, request.taker_fee_ppm
        await self._desk.submit(
            AddMarket(
                base=base.currency,
                quote=quote.currency,
                price_decimals=request.price_decimals,
                amount_decimals=request.amount_decimals,
                minimum_value=amount_of(minimum, quote, "minimum"),
                reference=MarketId(reference),
                maker_fee_ppm=defaults.maker_fee_ppm if maker is None else maker,
                taker_fee_ppm=defaults.taker_fee_ppm if taker is None else taker,
                state=MarketState.HALTED,
                actor=actor,
                note=request.reason,
            )
        )
        return {"market": f"{base.symbol}-{quote.symbol}", "state": "halted"}

    def _market(self, name: str) -> Market:
        return market_named(self._desk.listings, name)
