"""The wiring: the only place that knows every class. It makes the parts of an exchange and joins
them; `running` lets them run."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL

from coinport.app import config, genesis
from coinport.app.admin.actions import Administration
from coinport.app.chains import Chains, chains
from coinport.app.engines import engine_class, engine_named
from coinport.app.money import Money
from coinport.app.people import passwords_of, people_of
from coinport.app.projecting import ProjectorProcess
from coinport.app.projecting import Setting as Projecting
from coinport.app.readiness import Readiness
from coinport.app.telemetry import Telemetry, TimedLog
from coinport.database import Database, migrate
from coinport.engine.seam import Engine
from coinport.gateway.addresses import ClientAddresses
from coinport.gateway.app import Gateway, create_app
from coinport.gateway.credentials import Credentials
from coinport.gateway.ratelimit import UNLIMITED, Limit, Limits, RateLimits
from coinport.gateway.services import Services
from coinport.gateway.streams.streams import Streams
from coinport.identity.address_book import AddressBook
from coinport.identity.destinations import Destinations
from coinport.identity.operators import Operators
from coinport.identity.replays import Md5Withdrawals
from coinport.identity.sessions import Sessions
from coinport.identity.storage import open_identity
from coinport.identity.tokens import Tokens
from coinport.identity.totp import OneTimeCodes
from coinport.journal.feed import Feed
from coinport.journal.layout import journal_in
from coinport.journal.log import FileLog
from coinport.journal.records import Records
from coinport.journal.recovery import recover
from coinport.journal.sequencer import Sequencer
from coinport.journal.snapshots import newest_snapshot, save_snapshot
from coinport.journal.snapshotting import BackgroundSnapshots
from coinport.model.records import encode_command
from coinport.model.trading import SelfTradePrevention
from coinport.model.units import TimeMs
from coinport.operations.storage import open_operations
from coinport.readmodels.live import LiveViews
from coinport.readmodels.projector import MIGRATIONS
from coinport.readmodels.reading import ReadModels
from coinport.wallets.signer_process import socket_in
from coinport.wallets.signer_socket import ask
from coinport.wallets.storage import open_wallets

MINUTE_MS: Final = 60_000
START_LAG_MAX: Final = 50_000
"""Records that may be missing from the tables when an exchange begins to answer: seconds of work,
for which only those wait who ask the tables."""
CATCH_UP_BATCH: Final = 5_000


class Exchange:
    """One exchange: `start` it, let its `parts` run, serve `app`, `close` it."""

    money: Money
    administration: Administration

    def __init__(
        self,
        directory: Path,
        settings: config.Config,
        telemetry: Telemetry,
        *,
        simulation: Chains | None = None,
        projector: ProjectorProcess | None = None,
    ) -> None:
        """Recovers what is in `directory`, or begins a new exchange there, and brings its tables to
        the newest form. `simulation`: chains of a demo, instead of those of the settings.
        `projector`: one that is launched already.

        Raises what `cli.failures` lists.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._settings = settings
        self._demo = simulation is not None
        sign = partial(ask, socket_in(directory))
        self._chains = simulation or chains(settings.currencies, sign)
        self.stopping = False
        self.telemetry = telemetry
        new_engine = engine_class(settings.trading.engine)
        self._engine, self._log = recover(directory, new_engine, settings.journal.segment_bytes)
        self._alone_since = clock()  # the journal is locked: no exchange before this one runs
        if not self._log.last:
            found(self._engine, self._log)
        self._identity, self._secrets = open_identity(
            settings.database.identity_url or sqlite_url(directory / "identity.db"),
            directory / "secret.key",
        )
        self._operations = open_operations(self._identity, clock)
        self._wallets = open_wallets(
            settings.database.wallets_url or sqlite_url(directory / "wallets.db")
        )
        self._passwords = passwords_of(settings.passwords)
        self._tables = open_readmodels(directory, settings)
        self.feed = Feed(self._log.last)
        self.sequencer = Sequencer(
            self._engine,
            TimedLog(self._log, self.telemetry),
            self.feed,
            clock,
            settings.journal.queue_max,
            answered=self.telemetry.commanded,
        )
        self._projector = projector or projector_of(directory, settings)
        self._snapshots = BackgroundSnapshots(
            directory,
            newest_snapshot(directory),
            settings.journal.snapshot_records,
            engine_named(settings.trading.engine),
        )

    async def start(self) -> tuple[Services, Gateway]:
        """Then everything can be asked: what the tables have not yet, is waited for."""
        last = self._log.last
        projected = await self._projector.start(last - START_LAG_MAX)
        self.readmodels = ReadModels(self._tables, self._projector.project, projected, last)
        self.readiness = Readiness(lambda: self.readmodels.projected, clock)
        self.readiness.begin(last)
        live = await self._tables.read(lambda connection: LiveViews(connection, clock()))
        self._catch_up(live)
        self.money = Money(
            self._directory,
            self._settings,
            self._chains,
            self._wallets,
            self._log,
            self.sequencer.submit,
            self.readmodels,
            readmodels_url(self._directory, self._settings),
            live.listings.listings,
            self._secrets.derived("liability proofs"),
            clock,
        )
        await self.money.start()
        for follower in (
            live.apply,
            self.readmodels.receive,
            self.money.wallets.transfers.receive,
            self.readiness.follow,
            self.telemetry.follow,
            self._snapshots.follow,
        ):
            self.feed.subscribe(follower)
        services = self._services(live)
        self.administration = Administration(
            services, self._settings.trading, self.money, self.telemetry.pulse
        )
        self._measure(services)
        self.streams = Streams(services, self._settings.streams.updates_per_second)
        self.streams.measure(self.telemetry.gauge)
        return services, create_app(services, self.streams)

    def _catch_up(self, live: LiveViews) -> None:
        """With what is in the journal and not in the tables yet."""
        records = self._log.read(live.sequence)
        while batch := list(islice(records, CATCH_UP_BATCH)):
            live.apply(Records(batch))

    def parts(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What runs beside the sequencer and the read models for as long as the exchange does."""
        parts = self.money.parts() | {
            "projector's process": self._projector.watch(),
            "streams": self.streams.run(),
        }
        if self._chains.life:
            parts["simulated chains"] = self._chains.life(self.money.wallets)
        return parts

    async def close(self, *, hurried: bool) -> None:
        """After the sequencer has stopped: the next start begins here, unless it was `hurried`."""
        self._snapshots.close()
        if not hurried:
            with suppress(TimeoutError):  # then the next start does it
                async with asyncio.timeout(self._settings.server.stop_seconds):
                    await self.readmodels.caught_up(self.feed.last)
            if self._log.last > newest_snapshot(self._directory):
                save_snapshot(self._directory, self._engine)
        await self._projector.stop()
        self._tables.dispose()
        self._passwords.close()
        self._wallets.dispose()
        self._identity.dispose()
        self._log.close()

    def _services(self, live: LiveViews) -> Services:
        settings = self._settings
        people = people_of(self._identity, self._passwords, settings.passwords, clock)
        idle_ms = settings.sessions.idle_minutes * MINUTE_MS
        log_ins = Sessions(self._identity, clock, idle_ms=idle_ms)
        tokens = Tokens(self._identity, self._secrets, clock)
        one_time_codes = OneTimeCodes(self._identity, self._secrets, clock)
        limits = RateLimits(_limits(settings.limits))
        return Services(
            clock=clock,
            ready=lambda: not self.stopping and self.readiness(),
            engine_name=self._engine.name,
            demo=self._demo,
            body_max=settings.server.body_max_bytes,
            self_trade_prevention=SelfTradePrevention[
                settings.trading.self_trade_prevention.upper()
            ],
            answered=self.telemetry.answered,
            addresses=ClientAddresses(settings.server.trusted_proxies),
            limits=limits,
            credentials=Credentials(
                people=people,
                sessions=log_ins,
                tokens=tokens,
                one_time_codes=one_time_codes,
                limits=limits,
                suspended=live.suspended,
                clock=clock,
                alone_since=self._alone_since,
            ),
            sequencer=self.sequencer,
            feed=self.feed,
            live=live,
            readmodels=self.readmodels,
            wallets=self.money.shown,
            proofs=self.money.proofs,
            people=people,
            destinations=Destinations(self._identity),
            address_book=AddressBook(
                self._identity,
                clock,
                cool_down_ms=settings.withdrawals.address_book_hours * 60 * MINUTE_MS,
            ),
            md5_withdrawals=Md5Withdrawals(self._identity, clock),
            sessions=log_ins,
            tokens=tokens,
            one_time_codes=one_time_codes,
            operators=Operators(self._identity, clock),
            operations=self._operations,
            administer=lambda *asked: self.administration.administer(*asked),  # noqa: PLW0108
        )

    def _measure(self, services: Services) -> None:
        gauge = self.telemetry.gauge
        gauge("sequence", "Of the newest record.", lambda: self.feed.last)
        gauge("queue_commands", "Not decided yet.", lambda: self.sequencer.waiting)
        gauge("projector_lag_records", "Not in SQL yet.", lambda: self.readmodels.behind)
        gauge("open_sessions", "Log-ins by cookie.", services.sessions.open_now)
        self.money.measure(self.telemetry)


def clock() -> TimeMs:
    return TimeMs(time.time_ns() // 1_000_000)


def found(engine: Engine, log: FileLog) -> None:
    """The first records of a new exchange."""
    log.append(engine.execute(clock(), [encode_command(each) for each in genesis.commands()]))


def open_readmodels(directory: Path, settings: config.Config) -> Database:
    # What it holds can be made anew from the journal.
    database = Database(readmodels_url(directory, settings), synchronous="NORMAL")
    migrate(database, MIGRATIONS)
    return database


def projector_of(directory: Path, settings: config.Config) -> ProjectorProcess:
    url = readmodels_url(directory, settings)
    return ProjectorProcess(Projecting(str(journal_in(directory)), url, settings.log))


def readmodels_url(directory: Path, settings: config.Config) -> str:
    return settings.database.readmodels_url or sqlite_url(directory / "readmodels.db")


def sqlite_url(file: Path) -> str:
    return URL.create("sqlite", database=str(file)).render_as_string()


def _limits(settings: config.Limits) -> Limits:
    if not settings.enabled:
        return UNLIMITED
    return Limits(
        public=Limit(settings.public_per_second, settings.public_burst),
        private=Limit(settings.private_per_second, settings.private_burst),
        failures=Limit(settings.failures_per_second, settings.failures_burst),
    )
