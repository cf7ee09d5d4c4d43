"""Services: what the gateway is given. `app` builds it; nothing here is looked up by name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection

    from coinport.gateway.addresses import ClientAddresses
    from coinport.gateway.credentials import Credentials
    from coinport.gateway.ratelimit import RateLimits
    from coinport.identity.address_book import AddressBook
    from coinport.identity.destinations import Destinations
    from coinport.identity.operators import Operators
    from coinport.identity.people import People
    from coinport.identity.replays import Md5Withdrawals
    from coinport.identity.sessions import Sessions
    from coinport.identity.tokens import Tokens
    from coinport.identity.totp import OneTimeCodes
    from coinport.journal.feed import Feed
    from coinport.journal.sequencer import Sequencer
    from coinport.model.trading import SelfTradePrevention
    from coinport.model.units import AccountId, TransferId
    from coinport.operations.actors import Actor
    from coinport.operations.requests import AdminRequest
    from coinport.operations.storage import Operations
    from coinport.readmodels.live import LiveViews
    from coinport.readmodels.reading import ReadModels
    from coinport.reserves.catalog import Catalog
    from coinport.reserves.holdings import CurrencyReserves
    from coinport.wallets.addresses import Address
    from coinport.wallets.approvals import Obstacle
    from coinport.wallets.deposit_addresses import DepositAddresses
    from coinport.wallets.policy import Policy
    from coinport.wallets.progress import Progress

Administer = Callable[["AdminRequest", "Actor"], Awaitable[dict[str, Any]]]
"""Does what an operator asks for, by the same rules as `coinport admin`, and notes it in the audit
log. Raises ApiError, and what every endpoint may raise."""


class Answered(Protocol):
    def __call__(self, endpoint: str, code: int, number: int = 1, /) -> None: ...


READ_S_MAX: Final = 10.0
"""How long a reader waits for the read models before it is told to try again."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallets:
    """What the chains are to those who deposit and withdraw."""

    policies: Mapping[str, Policy]
    """By currency; of every one that is listed."""
    addresses: DepositAddresses
    read_address: Callable[[str, str, str], Address]
    """Of currency, text and memo: an address that money may be sent to. Raises InvalidAddress."""
    chains: frozenset[str]
    """Currencies that the exchange has a chain of: others on a chain can be neither deposited nor
    withdrawn."""
    simulated: frozenset[str]
    """Currencies whose chain is a simulated one, to be said wherever an address is shown."""
    progress: Callable[[Collection[TransferId]], Awaitable[Mapping[TransferId, Progress]]]
    """On the chains; it leaves out what no chain knows of."""
    obstacles: Callable[[Collection[TransferId]], Awaitable[Mapping[TransferId, Obstacle]]]
    """Why withdrawals to chains are not approved; it leaves out what soon is, or was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What the exchange shows of what it has and owes."""

    reserves: Callable[[], Mapping[str, CurrencyReserves]]
    """By currency, of those that are on a chain."""
    catalog: Catalog
    salt: Callable[[AccountId], bytes]
    """By which an account finds its rows."""
    data: Path
    """Below it are the published files."""
    time_zone: ZoneInfo
    """Of times that are written out."""


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

    answered: Answered = lambda _endpoint, _code, _number=1: None
    """Told of every answer: the endpoint's name ("" where there is none such) and the code."""

    addresses: ClientAddresses
    limits: RateLimits
    credentials: Credentials

    sequencer: Sequencer
    feed: Feed

    live: LiveViews
    readmodels: ReadModels

    wallets: Wallets
    proofs: Proofs

    people: People
    destinations: Destinations
    address_book: AddressBook
    md5_withdrawals: Md5Withdrawals
    sessions: Sessions
    tokens: Tokens
    one_time_codes: OneTimeCodes

    operators: Operators
    operations: Operations
    administer: Administer

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Services are the `Reader` of the read models: `readmodels.read`, but not for ever.

        Raises TimeoutError and Busy, which are answered as `unavailable`.
        """
        if not self.ready():
            raise TimeoutError("the read models are stuck, or the exchange is stopping")
        async with asyncio.timeout(READ_S_MAX):
            return await self.readmodels.read(query)
