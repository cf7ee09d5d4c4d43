"""Services: what the gateway is given. `app` builds it; nothing here is looked up by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from coinport.gateway.addresses import ClientAddresses
    from coinport.gateway.ratelimit import RateLimits
    from coinport.gateway.requests import Caller, Request
    from coinport.identity.people import People
    from coinport.identity.sessions import Sessions
    from coinport.identity.tokens import Tokens
    from coinport.identity.totp import OneTimeCodes
    from coinport.journal.feed import Feed
    from coinport.journal.sequencer import Sequencer
    from coinport.model.trading import SelfTradePrevention
    from coinport.readmodels.accounts import Accounts
    from coinport.readmodels.balances import Balances
    from coinport.readmodels.candles import Candles
    from coinport.readmodels.depth import Depth
    from coinport.readmodels.listings import ListingsView
    from coinport.readmodels.orders import Orders
    from coinport.readmodels.projector import Projector
    from coinport.readmodels.tickers import Tickers
    from coinport.readmodels.trades import Trades


class Authenticator(Protocol):
    """`credentials.Credentials`."""

    async def authenticate(self, request: Request) -> Caller:
        """Who sent `request`, by header, else by cookie. Raises ApiError: 1014, 1006, 1005, and
        1002 where the address has failed too often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    clock: Callable[[], int]
    """Milliseconds since 1970 UTC."""
    ready: Callable[[], bool]
    """Whether requests may be served: recovered, and not stopping."""
    engine_name: str
    body_max: int
    """Bytes of a request body."""
    self_trade_prevention: SelfTradePrevention
    """Of an order that does not say."""

    addresses: ClientAddresses
    limits: RateLimits
    credentials: Authenticator

    sequencer: Sequencer
    feed: Feed

    projector: Projector
    listings: ListingsView
    depth: Depth
    tickers: Tickers
    orders: Orders
    trades: Trades
    balances: Balances
    candles: Candles
    accounts: Accounts

    people: People
    sessions: Sessions
    tokens: Tokens
    one_time_codes: OneTimeCodes
