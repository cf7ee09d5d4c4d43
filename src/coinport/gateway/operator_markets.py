"""The operator's console: markets and their fees, which `exchange_info` shows."""

from typing import Annotated

from msgspec import Meta, Struct

from coinport.gateway.errors import Code, Text
from coinport.gateway.exchange import MarketStateName
from coinport.gateway.names import MarketName
from coinport.gateway.operators import Console, Why
from coinport.gateway.requests import Permission
from coinport.gateway.routes import Call, Parameters, about, endpoint
from coinport.gateway.services import Services
from coinport.model.units import PPM
from coinport.operations import requests

Ppm = Annotated[
    int,
    Meta(ge=0, le=PPM),
    about("Parts per million: 1000 is 0.1 %.", "百万分之一：1000 即 0.1%。"),
]


class StateWanted(Parameters, frozen=True):
    market: MarketName
    state: MarketStateName
    reason: Why


class StateInfo(Struct):
    market: str
    state: MarketStateName


class FeesWanted(Parameters, frozen=True):
    market: MarketName
    maker_fee_ppm: Ppm
    taker_fee_ppm: Ppm
    reason: Why


class FeesInfo(Struct):
    market: str
    maker_fee_ppm: Ppm
    taker_fee_ppm: Ppm


class BandWanted(Parameters, frozen=True):
    market: MarketName
    band_ppm: Annotated[
        int,
        Meta(ge=0),
        about("How far a limit may be from the last price; 0: any.", "限价偏离上限，0 表示不限。"),
    ]
    reason: Why


class BandInfo(Struct):
    market: str
    band_ppm: int


class OperatorMarkets:
    title = Text("Operators: markets", "操作员：市场")

    def __init__(self, services: Services) -> None:
        self._console = Console(services)

    @endpoint(
        "POST",
        "/operator/set_market_state",
        parameters=StateWanted,
        answer=StateInfo,
        permission=Permission.OPERATOR,
        errors=(Code.UNKNOWN_MARKET,),
        summary=Text("Open a market, let it only cancel, or halt it", "设置市场状态"),
    )
    async def operator_set_market_state(self, call: Call[StateWanted]) -> StateInfo:
        given = call.parameters
        request = requests.SetState(given.market, given.state, given.reason)
        return await self._console.ask(call, request, StateInfo)

    @endpoint(
        "POST",
        "/operator/set_market_fees",
        parameters=FeesWanted,
        answer=FeesInfo,
        permission=Permission.OPERATOR,
        errors=(Code.UNKNOWN_MARKET,),
        summary=Text("Set the fees of a market, for trades from now on", "设置手续费"),
    )
    async def operator_set_market_fees(self, call: Call[FeesWanted]) -> FeesInfo:
        given = call.parameters
        fees = (given.maker_fee_ppm, given.taker_fee_ppm)
        request = requests.SetFees(given.market, *fees, given.reason)
        return await self._console.ask(call, request, FeesInfo)

    @endpoint(
        "POST",
        "/operator/set_price_band",
        parameters=BandWanted,
        answer=BandInfo,
        permission=Permission.OPERATOR,
        errors=(Code.UNKNOWN_MARKET,),
        summary=Text("Set how far a limit may be from the last price", "设置价格带"),
    )
    async def operator_set_price_band(self, call: Call[BandWanted]) -> BandInfo:
        given = call.parameters
        request = requests.SetBand(given.market, given.band_ppm, given.reason)
        return await self._console.ask(call, request, BandInfo)
