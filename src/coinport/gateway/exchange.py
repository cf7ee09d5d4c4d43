"""The exchange itself: what is listed and under which rules, its time, and whether it is well."""

from typing import Annotated, Literal

from msgspec import Raw, Struct

import coinport
from coinport.gateway.errors import Text
from coinport.gateway.ratelimit import Limit
from coinport.gateway.routes import Call, Nothing, about, endpoint
from coinport.gateway.services import Services, Wallets
from coinport.gateway.serving import unavailable
from coinport.gateway.wire import Figure, FigureOf
from coinport.model.listings import Currency, CurrencyKind, Listings, Market
from coinport.model.trading import MarketState
from coinport.wallets.addresses import MEMO_CURRENCIES

MarketStateName = Literal["open", "cancel_only", "halted"]
CurrencyKindName = Literal["fiat", "chain", "off_chain"]

STATE_NAMES: dict[MarketState, MarketStateName] = {
    MarketState.OPEN: "open",
    MarketState.CANCEL_ONLY: "cancel_only",
    MarketState.HALTED: "halted",
}
KIND_NAMES: dict[CurrencyKind, CurrencyKindName] = {
    CurrencyKind.FIAT: "fiat",
    CurrencyKind.CHAIN: "chain",
    CurrencyKind.OFF_CHAIN: "off_chain",
}


Demo = Annotated[bool, about("Nothing here has any value.", "演示环境，资产无任何价值。")]


class MarketInfo(Struct):
    base: str
    quote: str
    price_decimals: Annotated[int, about("Most decimals of a price.", "价格最多小数位数。")]
    amount_decimals: Annotated[int, about("Most decimals of an amount.", "数量最多小数位数。")]
    minimum_value: Annotated[
        Figure, about("Least value of an order, in the quote currency.", "最小交易额（计价币种）。")
    ]
    minimum_reference: Annotated[
        str,
        about(
            "Where not empty: once this market has traded, an order must be worth the minimum of "
            "this market instead, at its last price.",
            "若非空：该市场有成交后，最小交易额改按该市场的最小值及其最新价折算。",
        ),
    ]
    maker_fee: Annotated[Figure, about("Share of what is received.", "挂单方费率。")]
    taker_fee: Annotated[Figure, about("Share of what is received.", "吃单方费率。")]
    price_band: Annotated[
        Figure,
        about(
            "Share by which a limit may differ from the last price; 0: any.",
            "限价与最新价的最大偏离比例，0 表示不限。",
        ),
    ]
    state: MarketStateName


class CurrencyInfo(Struct):
    decimals: int
    kind: CurrencyKindName
    confirmations: Annotated[
        int, about("From which on a deposit is credited; 0: by hand.", "充值到账所需确认数。")
    ]
    minimum_deposit: Annotated[Figure, about("Less is not credited.", "低于此数额不入账。")]
    minimum_withdrawal: Figure
    withdrawal_fee: Annotated[
        Figure, about("It comes out of what is withdrawn.", "提现手续费，从提现数量中扣除。")
    ]
    withdrawal_fee_rate: Annotated[
        Figure, about("Instead, from `withdrawal_fee_rate_from` on.", "达到起点后改按此费率收取。")
    ]
    withdrawal_fee_rate_from: Figure
    withdrawal_day_max: Annotated[
        Figure,
        about(
            "What an account takes out within 24 hours without a person looking at it first.",
            "24 小时内无需人工审核的提现上限。",
        ),
    ]
    withdrawal_confirmations: Annotated[
        int, about("From which on a withdrawal has arrived.", "提现完成所需确认数。")
    ]
    memo: Annotated[bool, about("A payment must say a memo or a tag.", "充值必须填写备注或标签。")]
    simulated: Annotated[bool, about("Its chain is a simulated one.", "模拟链。")]
    connected: Annotated[
        bool,
        about(
            "It goes in and out: false where it is on a chain that the exchange has no node of.",
            "可充值提现；链上币种而本站未接入其节点时为 false。",
        ),
    ]


class RateLimit(Struct):
    per_second: Annotated[Figure, about("Requests a second, for ever.", "每秒持续请求数。")]
    burst: Annotated[int, about("Requests at once, after a rest.", "瞬时请求数。")]


class RateLimitsInfo(Struct):
    public: Annotated[
        RateLimit | None, about("For each address; null: none.", "按地址；null 表示不限。")
    ]
    private: Annotated[
        RateLimit | None, about("For each account; null: none.", "按帐号；null 表示不限。")
    ]


class ExchangeInfo(Struct):
    markets: dict[str, MarketInfo]
    currencies: dict[str, CurrencyInfo]
    rate_limits: RateLimitsInfo
    demo: Demo


class Now(Struct):
    time: Annotated[int, about("The server's, in ms.", "服务器时间，毫秒。")]


class Status(Struct):
    ready: Annotated[bool, about("It may be used.", "可以使用。")]
    version: str
    engine: Annotated[str, about("Which engine decides.", "撮合引擎名称。")]
    sequence: Annotated[int, about("Of the newest record.", "最新记录的序号。")]
    demo: Demo


class Alive(Struct):
    alive: bool = True


class Exchange:
    title = Text("Exchange", "交易所")

    def __init__(self, services: Services) -> None:
        self._services = services

    @endpoint(
        "GET",
        "/exchange_info",
        parameters=Nothing,
        answer=ExchangeInfo,
        summary=Text("Markets, currencies and limits", "市场、币种及限制"),
    )
    def exchange_info(self, call: Call[Nothing]) -> ExchangeInfo:
        listings = self._services.live.listings.listings
        limits = self._services.limits.limits
        return ExchangeInfo(
            {m.symbol: _market(m, listings, call.figure) for m in listings.markets.values()},
            {
                currency.symbol: _currency(currency, self._services.wallets, call.figure)
                for currency in listings.currencies.values()
            },
            RateLimitsInfo(
                _rate_limit(limits.public, call.figure), _rate_limit(limits.private, call.figure)
            ),
            self._services.demo,
        )

    @endpoint(
        "GET",
        "/time",
        parameters=Nothing,
        answer=Now,
        summary=Text("The server's time", "服务器时间"),
    )
    def time(self, call: Call[Nothing]) -> Now:
        return Now(self._services.clock())

    @endpoint(
        "GET",
        "/status",
        parameters=Nothing,
        answer=Status,
        limited=False,
        summary=Text("Whether the exchange may be used", "交易所状态"),
    )
    def status(self, call: Call[Nothing]) -> Status:
        services = self._services
        return Status(
            services.ready(),
            coinport.__version__,
            services.engine_name,
            services.feed.last,
            services.demo,
        )

    @endpoint(
        "GET",
        "/live",
        parameters=Nothing,
        answer=Alive,
        limited=False,
        summary=Text("For a supervisor: the process answers", "存活检查"),
    )
    def live(self, call: Call[Nothing]) -> Alive:
        return Alive()

    @endpoint(
        "GET",
        "/ready",
        parameters=Nothing,
        answer=Alive,
        limited=False,
        summary=Text(
            "For a load balancer: status 503 unless it may be used",
            "就绪检查：不可用时返回状态码 503",
        ),
    )
    def ready(self, call: Call[Nothing]) -> Alive:
        if not self._services.ready():
            raise unavailable()
        return Alive()


def _market(market: Market, listings: Listings, figure: FigureOf) -> MarketInfo:
    quote = listings.currencies[market.quote]
    reference = listings.markets.get(market.reference)
    return MarketInfo(
        listings.currencies[market.base].symbol,
        quote.symbol,
        market.price_decimals,
        market.amount_decimals,
        figure(market.minimum_value, quote.decimals),
        reference.symbol if reference else "",
        _ppm(market.maker_fee_ppm, figure),
        _ppm(market.taker_fee_ppm, figure),
        _ppm(market.band_ppm, figure),
        STATE_NAMES[market.state],
    )


def _currency(currency: Currency, wallets: Wallets, figure: FigureOf) -> CurrencyInfo:
    policy, decimals = wallets.policies[currency.symbol], currency.decimals
    on_chain = currency.kind is CurrencyKind.CHAIN
    return CurrencyInfo(
        decimals,
        KIND_NAMES[currency.kind],
        policy.deposit_confirmations if on_chain else 0,
        figure(policy.deposit_min, decimals),
        figure(policy.withdrawal_least, decimals),
        figure(policy.withdrawal_fee, decimals),
        _ppm(policy.withdrawal_fee_ppm, figure),
        figure(policy.withdrawal_fee_ppm_from, decimals),
        figure(policy.day_max, decimals),
        policy.withdrawal_confirmations if on_chain else 0,
        currency.symbol in MEMO_CURRENCIES,
        currency.symbol in wallets.simulated,
        not on_chain or currency.symbol in wallets.chains,
    )


def _ppm(ppm: int, figure: FigureOf) -> Raw:
    return figure(ppm, 6)


def _rate_limit(limit: Limit | None, figure: FigureOf) -> RateLimit | None:
    if limit is None:
        return None
    return RateLimit(figure(round(limit.per_second * 1000), 3), limit.burst)
