"""A whole exchange in the process of a test, but for its HTTP server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from starlette.types import ASGIApp

from coinport.app.admin.actions import Administration
from coinport.app.chains import Chains
from coinport.app.config import Config, Passwords
from coinport.app.telemetry import Telemetry
from coinport.app.wiring import Exchange
from coinport.gateway.services import Services
from coinport.model.commands import OpenAccount
from coinport.model.events import AccountOpened
from coinport.model.units import AccountId

QUICK = Config(passwords=Passwords(argon2_time=1, argon2_memory_kib=8))


class Running(NamedTuple):
    exchange: Exchange
    services: Services
    administration: Administration
    app: ASGIApp

    async def register(self, email: str) -> AccountId:
        async def open_account() -> AccountId:
            (event,) = (await self.services.sequencer.submit(OpenAccount())).events
            assert isinstance(event, AccountOpened)
            return event.account

        profile = await self.services.people.register(email, "the password", "en", open_account)
        return profile.account


@asynccontextmanager
async def running(
    directory: Path, settings: Config = QUICK, *, simulation: Chains | None = None
) -> AsyncIterator[Running]:
    exchange = Exchange(directory, settings, Telemetry(), simulation=simulation)
    services, app = await exchange.start()
    parts = [
        asyncio.create_task(exchange.sequencer.run()),
        asyncio.create_task(exchange.readmodels.run()),
    ]
    await asyncio.sleep(0)
    try:
        yield Running(exchange, services, exchange.administration, app)
    finally:
        await exchange.sequencer.stop()
        await exchange.close(hurried=False)
        for part in parts:
            part.cancel()
