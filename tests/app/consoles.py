"""The operator's console of a whole exchange, over HTTP, as a browser uses it."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pyotp

from coinport.app.wiring import Exchange
from coinport.gateway.app import FEATURES
from coinport.gateway.openapi import document
from coinport.operations.actors import Actor
from coinport.operations.house_requests import Grant
from tests.api import Answer, Api
from tests.app.exchanges import QUICK, Running, running
from tests.gateway.callers import basic

PASSWORD = "the password"
ORIGIN = "https://coinport.example"
WHY = {"reason": "because"}


class House:
    """An exchange, and whoever looks at it through a browser."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.services = running.services
        self.exchange: Exchange = running.exchange

    def browser(self, address: str = "192.0.2.1", **headers: str) -> Api:
        """It keeps the cookies it is given."""
        transport = httpx.ASGITransport(self.running.app, False, client=(address, 5000))
        http = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        http.headers.update({"content-type": "application/json", "sec-fetch-site": "same-origin"})
        http.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return Api(http, document(FEATURES))

    async def user(self, email: str) -> Api:
        """Logged in by password."""
        await self.running.register(email)
        return await self.logged_in(email)

    async def logged_in(self, email: str, code: str = "", address: str = "192.0.2.1") -> Api:
        browser = self.browser(address)
        headers = {"x_coinport_otp": code} if code else {}
        answer = await browser.get("login", authorization=basic(email, PASSWORD), **headers)
        assert answer.code == 0, answer.message
        return browser

    async def operator(self, email: str, address: str = "192.0.2.1") -> Api:
        """With the role, and logged in with a one-time code."""
        await self.running.register(email)
        return await self.promoted(email, address)

    async def promoted(self, email: str, address: str = "192.0.2.1") -> Api:
        """The same, of somebody who is a user already."""
        profile = await self.services.people.find(email)
        assert profile
        device = await self.device(profile.account)
        await self.grant(email)
        return await self.logged_in(email, device.at(time.time()), address)

    async def grant(self, email: str) -> None:
        await self.running.administration.perform(Grant(email, "she starts today"), Actor("root"))

    async def device(self, account: Any) -> pyotp.TOTP:
        """Bound by the code of half a minute ago: those of now are not used up."""
        seed, _ = await self.services.one_time_codes.begin(account)
        device = pyotp.TOTP(seed)
        await self.services.one_time_codes.bind(account, device.at(time.time() - 30))
        return device


@asynccontextmanager
async def house(directory: Path, **options: Any) -> AsyncIterator[House]:
    async with running(directory, options.pop("settings", QUICK), **options) as exchange:
        yield House(exchange)


async def done(browser: Api, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """What comes of a POST, or of a GET where there is no body."""
    answer = await asked(browser, path, body)
    assert answer.code == 0, (path, answer.message)
    return answer.data


async def asked(browser: Api, path: str, body: Mapping[str, Any] | None = None) -> Answer:
    if body is None:
        return await browser.get(f"operator/{path}")
    return await browser.post(f"operator/{path}", body)
