"""Listing: currencies and markets, and by what rules they trade."""

from typing import Any, Final, assert_never

from coinport.app.admin.desk import Desk, NotDone, accepted, amount_of
from coinport.app.config import Trading
from coinport.engine.listings import DECIMALS_MAX, SYMBOL_LENGTH_MAX
from coinport.gateway.errors import ApiError, Code, Text
from coinport.gateway.names import market_named
from coinport.model.commands import (
    AddCurrency,
    AddMarket,
    Command,
    SetMarketFees,
    SetMarketState,
    SetPriceBand,
)
from coinport.model.listings import Currency, CurrencyKind, Market
from coinport.model.reasons import Reason
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
from coinport.wallets.addresses import CURRENCIES

CURRENCY: Final = Text(
    f"a symbol has up to {SYMBOL_LENGTH_MAX} letters and digits, one of them a letter; a currency "
    f"has 0 to {DECIMALS_MAX} decimals",
    f"代码最多 {SYMBOL_LENGTH_MAX} 个字母或数字且至少含一个字母，小数位为 0 至 {DECIMALS_MAX}",
)
FEES: Final = Text("a fee is 0 to 999999 ppm", "手续费为 0 至 999999 ppm")
BAND: Final = Text("a band is 0 to 1000000000 ppm", "价格限制为 0 至 1000000000 ppm")


def _rule_of_markets(base: Currency, quote: Currency) -> Text:
    return Text(
        f"price and amount decimals are together at most the {quote.decimals} of {quote.symbol}, so"
        f" that no trade needs rounding, amount decimals at most the {base.decimals} of "
        f"{base.symbol}; {FEES.en}; and no currency is traded for itself",
        f"价格与数量小数位之和不超过 {quote.symbol} 的 {quote.decimals} 位，数量小数位不超过 "
        f"{base.symbol} 的 {base.decimals} 位；{FEES.zh}；基础与计价币种不能相同",
    )


class Listing:
    def __init__(self, desk: Desk, defaults: Trading) -> None:
        """`defaults` of a new market."""
        self._desk = desk
        self._defaults = defaults

    async def act(self, request: ListingRequest, actor: str) -> dict[str, Any]:
        match request:
            case NewCurrency():
                return await self._list_currency(request, actor)
            case NewMarket():
                return await self._list_market(request, actor)
            case SetState(name, state, reason):
                market = self._market(name)
                new_state = MarketState[state.upper()]
                await self._desk.submit(SetMarketState(market.market, new_state, actor, reason))
                return {"market": market.symbol, "state": state}
            case SetFees(name, maker, taker, reason):
                market = self._market(name)
                await self._submit(
                    SetMarketFees(market.market, maker, taker, actor, reason), name, FEES
                )
                return {"market": market.symbol, "maker_fee_ppm": maker, "taker_fee_ppm": taker}
            case SetBand(name, band_ppm, reason):
                market = self._market(name)
                await self._submit(SetPriceBand(market.market, band_ppm, actor, reason), name, BAND)
                return {"market": market.symbol, "band_ppm": band_ppm}
            case _:
                assert_never(request)

    async def _list_currency(self, request: NewCurrency, actor: str) -> dict[str, Any]:
        symbol, kind = request.symbol.upper(), CurrencyKind[request.kind.upper()]
        if kind is CurrencyKind.CHAIN and symbol not in CURRENCIES:
            raise NotDone(
                f"nothing here knows the chain of {symbol}, only those of {', '.join(CURRENCIES)}: "
                "list it as off_chain, and money goes in and out by hand",
                zh=f"不支持 {symbol} 的区块链，请以 off_chain 上线并人工处理充提",
            )
        command = AddCurrency(symbol, request.decimals, kind, actor, request.reason)
        await self._submit(command, symbol, CURRENCY)
        return {"currency": symbol}

    async def _list_market(self, request: NewMarket, actor: str) -> dict[str, Any]:
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
        command = AddMarket(
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
        symbol = f"{base.symbol}-{quote.symbol}"
        await self._submit(command, symbol, _rule_of_markets(base, quote))
        return {"market": symbol, "state": "halted"}

    async def _submit(self, command: Command, symbol: str, rule: Text) -> None:
        """Raises NotDone with the `rule` that it breaks, and ApiError."""
        _, reason = await self._desk.try_to(command)
        if reason is Reason.INVALID_LISTING:
            raise NotDone(f"{symbol}: {rule.en}", zh=f"{symbol}：{rule.zh}")
        if reason is Reason.DUPLICATE:
            raise NotDone(f"{symbol} is listed already", zh=f"{symbol} 已上线")
        accepted(reason)

    def _market(self, name: str) -> Market:
        return market_named(self._desk.listings, name)
