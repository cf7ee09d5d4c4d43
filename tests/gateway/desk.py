"""A desk: the whole gateway over an exchange in memory, and clients that speak HTTP to it."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema

from coinport.app import genesis
from coinport.database import Database, migrate
from coinport.engine.rulebook import Rulebook
from coinport.gateway.addresses import ClientAddresses
from coinport.gateway.app import FEATURES, create_app
from coinport.gateway.openapi import document
from coinport.gateway.ratelimit import UNLIMITED, Limits
from coinport.gateway.services import Services
from coinport.journal.feed import Feed
from coinport.journal.sequencer import Sequencer
from coinport.model.commands import Command, Credit, ResumeAccount, SuspendAccount
from coinport.model.records import Record, encode_command
from coinport.model.trading import SelfTradePrevention
from coinport.model.units import AccountId, Amount
from coinport.readmodels.live import LiveViews
from coinport.readmodels.projector import MIGRATIONS, Projector
from tests.gateway.callers import ADDRESS, PASSWORD, House, basic
from tests.readmodels.stage import Tape


class Journal(Tape):
    def append(self, records: Sequence[bytes]) -> None:
        self.records += records


class Answer:
    """An HTTP answer that is as the OpenAPI document says."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        body = response.json()
        self.code: int = body["code"]
        self.data: Any = body["data"]
        self.message: str = body.get("message", "")
        _check(response)


class Client:
    """`headers` go with every request, and so do cookies, as in a browser."""

    def __init__(self, app: Any, base_url: str, address: str, headers: dict[str, str]) -> None:
        transport = httpx.ASGITransport(app, client=(address, 5000))
        self._client = httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers)
        self.cookies = self._client.cookies
        self.headers = self._client.headers

    async def get(self, path: str, **headers: str) -> Answer:
        return Answer(await self._client.get(f"/api/v2/{path}", headers=_named(headers)))

    async def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        sent = {"content-type": "application/json"} | _named(headers)
        url = f"/api/v2/{path}"
        return Answer(await self._client.post(url, content=content, headers=sent))


class Desk:
    """`run` it with a scenario."""

    def __init__(
        self, directory: Path, *, limits: Limits = UNLIMITED, proxies: Sequence[str] = ()
    ) -> None:
        self.base_url = "https://coinport.example"
        self.house = House(directory, limits)
        self._journal = Journal()
        engine = Rulebook()
        commands = [encode_command(command) for command in genesis.commands()]
        self._journal.append(engine.execute(self.house.clock(), commands))
        self._tables = Database(f"sqlite:///{directory}/readmodels.db", synchronous="NORMAL")
        migrate(self._tables, MIGRATIONS)
        self._feed = Feed(self._journal.last)
        self._sequencer = Sequencer(engine, self._journal, self._feed, self.house.clock)
        self._projector = Projector(self._tables, self._journal)
        self._addresses = ClientAddresses(proxies)

    def run(self, scenario: Callable[["Desk"], Awaitable[None]]) -> None:
        asyncio.run(self._run(scenario))

    async def tell(self, command: Command) -> Record:
        return await self._sequencer.submit(command)

    async def credit(self, account: AccountId, currency: str, units: int) -> None:
        listed = self._live.listings.listings.currency_of[currency]
        await self.tell(Credit(account, listed, Amount(units), "", "tests", "a gift"))

    async def suspend(self, account: AccountId) -> None:
        await self.tell(SuspendAccount(account, "tests", "why not"))

    async def resume(self, account: AccountId) -> None:
        await self.tell(ResumeAccount(account, "tests", "why not"))

    def client(self, address: str = ADDRESS, **headers: str) -> Client:
        return Client(self._app, self.base_url, address, _named(headers))

    async def user(self, email: str) -> Client:
        """A new user, whose password goes with every request; his uid is `uid_of(client)`."""
        answer = await self.client().post("register", {"email": email, "pwdhash": PASSWORD})
        assert answer.code == 0, answer.message
        return self.client(authorization=basic(email))

    async def _run(self, scenario: Callable[["Desk"], Awaitable[None]]) -> None:
        await self._projector.start()
        now = self.house.clock()
        self._live = await self._tables.read(lambda connection: LiveViews(connection, now))
        self._feed.subscribe(self._live.apply)
        self._feed.subscribe(self._projector.receive)
        self.house.is_suspended = self._live.suspended
        self.house.credentials = self.house.restarted()
        self._app = create_app(self._services())
        sequencing = asyncio.create_task(self._sequencer.run())
        projecting = asyncio.create_task(self._projector.run())
        try:
            await scenario(self)
        finally:
            await self._sequencer.stop()
            await sequencing
            projecting.cancel()
            await asyncio.gather(projecting, return_exceptions=True)
            self._tables.dispose()
            self.house.close()

    def _services(self) -> Services:
        house = self.house
        return Services(
            clock=house.clock,
            ready=lambda: True,
            engine_name="python",
            demo=False,
            body_max=65_536,
            self_trade_prevention=SelfTradePrevention.NONE,
            addresses=self._addresses,
            limits=house.limits,
            credentials=house.credentials,
            sequencer=self._sequencer,
            feed=self._feed,
            live=self._live,
            projector=self._projector,
            people=house.people,
            sessions=house.sessions,
            tokens=house.tokens,
            one_time_codes=house.codes,
        )


async def uid_of(client: Client) -> AccountId:
    return AccountId((await client.get("user/profile")).data["uid"])


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _check(response: httpx.Response) -> None:
    """Against what the document says of this endpoint and status."""
    request = response.request
    path = request.url.path
    validator = _validator(path, request.method.lower(), response.status_code)
    validator.validate(response.json())


@cache
def _validator(path: str, method: str, status: int) -> Any:
    openapi = _document()
    template = next(each for each in openapi["paths"] if _fits(each, path))
    answers = openapi["paths"][template][method]["responses"][str(status)]
    schema = answers["content"]["application/json"]["schema"]
    return jsonschema.Draft202012Validator({**schema, "components": openapi["components"]})


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


@cache
def _document() -> Any:
    """Plain paths first, as they are routed."""
    openapi = json.loads(json.dumps(document(FEATURES)))
    openapi["paths"] = dict(sorted(openapi["paths"].items(), key=lambda each: "{" in each[0]))
    return openapi
