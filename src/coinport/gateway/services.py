"""Services: what the gateway is given. `app` builds it; nothing here is looked up by name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from coinport.gateway.addresses import ClientAddresses
    from coinport.gateway.credentials import Credentials
    from coinport.gateway.ratelimit import RateLimits
    from coinport.identity.people import People
    from coinport.identity.sessions import Sessions
    from coinport.identity.tokens import Tokens
    from coinport.identity.totp import OneTimeCodes
    from coinport.journal.feed import Feed
    from coinport.journal.sequencer import Sequencer
    from coinport.model.trading import SelfTradePrevention
    from coinport.readmodels.live import LiveViews
    from coinport.readmodels.reading import ReadModels

READ_S_MAX: Final = 10.0
"""How long a reader waits for the read models before it is told to try again."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    clock: Callable[[], int]
    """Milliseconds since 1970 UTC."""
    ready: Callable[[], bool]
    """Whether requests may be served: recovered, and not stopping."""
    engine_name: str
    demo: bool
    """Nothing here has any value, and `status` says so."""
    body_max: int
    """Bytes of a request body."""
    self_trade_prevention: SelfTradePrevention
    """Of an order that does not say."""

    answered: Callable[[str, int], None] = lambda _endpoint, _code: None
    """Told of every answer: the endpoint's name ("" where there is none such) and the code."""

    addresses: ClientAddresses
    limits: RateLimits
    credentials: Credentials

    sequencer: Sequencer
    feed: Feed

    live: LiveViews
    readmodels: ReadModels

    people: People
    sessions: Sessions
    tokens: Tokens
    one_time_codes: OneTimeCodes

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Services are the `Reader` of the read models: `readmodels.read`, but not for ever.

        Raises TimeoutError and Busy, which are answered as `unavailable`.
        """
        async with asyncio.timeout(READ_S_MAX):
            return await self.readmodels.read(query)
