"""A whole exchange in this process: engine, journal on disk, read models, gateway."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from starlette.types import ASGIApp

from coinport.app import genesis
from coinport.database import Database
from coinport.engine.rulebook import Rulebook
from coinport.gateway.addresses import ClientAddresses
from coinport.gateway.app import FEATURES, create_app
from coinport.gateway.credentials import AHEAD_MAX_MS
from coinport.gateway.openapi import document
from coinport.gateway.ratelimit import UNLIMITED, Limits
from coinport.gateway.services import Proofs, Services
from coinport.gateway.streams.streams import Streams
from coinport.identity.address_book import AddressBook
from coinport.identity.destinations import Destinations
from coinport.identity.operators import Operators
from coinport.identity.replays import Md5Withdrawals
from coinport.journal.feed import Feed
from coinport.journal.log import FileLog
from coinport.journal.sequencer import QUEUE_MAX, Sequencer
from coinport.model.commands import (
    AnnounceDeposit,
    Command,
    Credit,
    CreditDeposit,
    OpenAccount,
)
from coinport.model.records import Record, encode_command
from coinport.model.trading import SelfTradePrevention
from coinport.model.units import AccountId, Amount, TimeMs
from coinport.model.units import Sequence as JournalSequence
from coinport.operations.actors import Actor
from coinport.operations.requests import AdminRequest
from coinport.operations.storage import open_operations
from coinport.readmodels.live import LiveViews
from coinport.readmodels.projector import Projector
from coinport.readmodels.reading import ReadModels
from coinport.reserves.catalog import Catalog
from coinport.reserves.holdings import CurrencyReserves
from coinport.wallets.alarms import Alarms
from coinport.wallets.deposits import Deposits
from coinport.wallets.transfers import Transfers
from tests.api import Api, Key
from tests.gateway.callers import ADDRESS, House
from tests.gateway.purses import SimWallets

COOL_DOWN_MS = 24 * 60 * 60 * 1000


def salt_of(account: AccountId) -> bytes:
    return sha256(b"salt of %d" % account).digest()


async def not_here(_request: AdminRequest, _actor: Actor) -> dict[str, Any]:
    raise NotImplementedError("what operators do is tested where there are real wallets")


@cache
def _document() -> Any:
    """To make it takes longer than most tests."""
    return document(FEATURES)


class Exchange:
    """Made by `running`."""

    def __init__(
        self,
        house: House,
        services: Services,
        projecting: asyncio.Task[None],
        wallets: SimWallets,
        log: FileLog,
        directory: Path,
    ) -> None:
        self._projecting = projecting
        self._log = log
        self.house = house
        self.wallets = wallets
        self.directory = directory
        self.clock = house.clock
        self.ready = True
        self.reserves: dict[str, CurrencyReserves] = {}
        """What is there and what is owed, as somebody looked at it."""
        self.services = services
        self.streams = Streams(services)
        self.app: ASGIApp = create_app(services, self.streams)
        self.api = self.from_address(ADDRESS)

    def from_address(self, address: str) -> Api:
        """A client without credentials."""
        transport = httpx.ASGITransport(self.app, False, client=(address, 5000))
        http = httpx.AsyncClient(transport=transport, base_url="https://coinport.example")
        return Api(http, _document(), self.clock)

    async def person(self, name: str, **money: int) -> "Person":
        """A new user with whole units of some currencies."""
        account = await self.services.people.register(
            f"{name}@example.com", "pa55word of " + name, "", self._open_account
        )
        token = await self.house.token(account.account)
        person = Person(self, account.account, Key(token.token, token.secret))
        for currency, amount in money.items():
            await person.credit(currency, amount)
        return person

    async def tell(self, command: Command) -> Record:
        return await self.services.sequencer.submit(command)

    async def deposits(self, currency: str) -> Deposits:
        """That look at a simulated chain when they are told to `poll`."""
        database, purse = self.wallets.database, self.wallets.purses[currency]
        transfers = Transfers(database, self._log, self.tell)
        await transfers.start()
        self.services.feed.subscribe(transfers.receive)
        return Deposits(database, transfers, purse, Alarms(), lambda: TimeMs(self.clock()))

    async def stop_projecting(self) -> None:
        self._projecting.cancel()
        await asyncio.gather(self._projecting, return_exceptions=True)

    async def _open_account(self) -> AccountId:
        event: Any = (await self.tell(OpenAccount())).events[0]
        return AccountId(event.account)


class Person:
    def __init__(self, exchange: Exchange, account: AccountId, key: Key) -> None:
        self._exchange = exchange
        self.account = account
        self.key = key
        self.api = exchange.api.as_key(key)

    async def deposit(self, currency: str, amount: int, key: str, *, credited: bool = True) -> int:
        """Whole units that a chain has shown; the transfer's id."""
        listings = self._exchange.services.live.listings.listings
        listed = listings.currencies[listings.currency_of[currency]]
        units = Amount(amount * 10**listed.decimals)
        announce = AnnounceDeposit(
            self.account, listed.currency, units, key, "simaddress", "chain", "seen"
        )
        event: Any = (await self._exchange.tell(announce)).events[0]
        if credited:
            await self._exchange.tell(CreditDeposit(event.transfer, "chain", "final"))
        return int(event.transfer)

    async def credit(self, currency: str, amount: int) -> None:
        listings = self._exchange.services.live.listings.listings
        listed = listings.currencies[listings.currency_of[currency]]
        units = Amount(amount * 10**listed.decimals)
        await self._exchange.tell(
            Credit(self.account, listed.currency, units, "", "tests", "a gift")
        )

    async def submit(self, *items: Any) -> list[Any]:
        """The results, of which none may be missing."""
        answer = await self.api.post("user/submit_orders", {"orders": items})
        assert answer.code == 0, answer.message
        return list(answer.data["results"])

    async def place(self, side: str, amount: object, price: object, **terms: object) -> int:
        """An accepted limit order in BTC-CNY, or in another `market`; its id."""
        item = {"market": "btc-cny", "type": side, "amount": amount, "price": price, **terms}
        (result,) = await self.submit(item)
        assert result["order_id"], result
        return int(result["order_id"])


@asynccontextmanager
async def running(
    directory: Path,
    tables: Path,
    *,
    limits: Limits = UNLIMITED,
    proxies: Sequence[str] = (),
    queue_max: int = QUEUE_MAX,
) -> AsyncIterator[Exchange]:
    """`tables`: a file with empty read models, which become this exchange's."""
    house = House(directory, limits)
    engine, log = Rulebook(), FileLog(directory / "journal", 1 << 20)
    log.append(engine.execute(house.clock(), [encode_command(each) for each in genesis.commands()]))
    database = Database(f"sqlite:///{tables}", synchronous="NORMAL")
    projector = Projector(database, log)

    async def project() -> JournalSequence:
        return await asyncio.to_thread(projector.project)

    readmodels = ReadModels(database, project, projector.start())
    live = await database.read(lambda connection: LiveViews(connection, house.clock()))
    wallets = SimWallets(directory, live.listings.listings, house.clock)
    feed = Feed(log.last)
    feed.subscribe(live.apply)
    feed.subscribe(readmodels.receive)
    sequencer = Sequencer(engine, log, feed, house.clock, queue_max)
    house.is_suspended = live.suspended
    credentials = house.restarted()
    house.clock.now_ms += AHEAD_MAX_MS + 1  # from now on a signature may be used
    services = Services(
        clock=house.clock,
        ready=lambda: exchange.ready,
        engine_name=engine.name,
        demo=False,
        body_max=65_536,
        self_trade_prevention=SelfTradePrevention.NONE,
        addresses=ClientAddresses(proxies),
        limits=house.limits,
        credentials=credentials,
        sequencer=sequencer,
        feed=feed,
        live=live,
        readmodels=readmodels,
        wallets=wallets.services,
        proofs=Proofs(
            reserves=lambda: exchange.reserves,
            catalog=Catalog(directory),
            salt=salt_of,
            data=directory,
            time_zone=ZoneInfo("Asia/Shanghai"),
        ),
        people=house.people,
        destinations=Destinations(house.database),
        address_book=AddressBook(house.database, house.clock, cool_down_ms=COOL_DOWN_MS),
        md5_withdrawals=Md5Withdrawals(house.database, house.clock),
        sessions=house.sessions,
        tokens=house.tokens,
        one_time_codes=house.codes,
        operators=Operators(house.database, house.clock),
        operations=open_operations(house.database, house.clock),
        administer=not_here,
    )
    sequencing = asyncio.create_task(sequencer.run())
    exchange = Exchange(
        house, services, asyncio.create_task(readmodels.run()), wallets, log, directory
    )
    try:
        yield exchange
    finally:
        await sequencer.stop()
        await sequencing
        await exchange.stop_projecting()
        database.dispose()
        wallets.database.dispose()
        house.close()
        log.close()
