"""Money: the wallets, what is there and owed, and the proofs of it; the parts of an exchange that
know of chains, joined."""

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from coinport.app.chains import Chains, Policies
from coinport.app.config import Config
from coinport.app.holdings import Holdings
from coinport.app.publishing import Publisher, salt_of
from coinport.app.telemetry import Telemetry
from coinport.database import Database
from coinport.gateway import services
from coinport.model.listings import Listings
from coinport.model.units import TimeMs
from coinport.readmodels.reading import ReadModels
from coinport.reserves.catalog import Catalog
from coinport.wallets.alarms import Alarm
from coinport.wallets.running import Wallets
from coinport.wallets.transfers import Journal, Submit

HOUR_MS: Final = 60 * 60 * 1000


class Money:
    """`start`, subscribe `wallets.transfers.receive` to the feed, then let the `parts` run beside
    the sequencer."""

    def __init__(
        self,
        directory: Path,
        settings: Config,
        chains: Chains,
        database: Database,
        journal: Journal,
        submit: Submit,
        readmodels: ReadModels,
        readmodels_url: str,
        listings: Listings,
        salt: bytes,
        clock: Callable[[], TimeMs],
    ) -> None:
        """`database`: of the wallets. `listings` may change. `salt`: see `salt_of`.

        Raises ConfigError.
        """
        self._directory = directory
        self._settings = settings
        self._read_address = chains.read_address
        self._salt = salt
        self._policies = Policies(settings.currencies, listings)
        purses = chains.purses(self._policies, listings)
        self._on_chain = frozenset(purses)
        self._simulated = frozenset(
            symbol for symbol, purse in purses.items() if purse.chain.simulated
        )
        self.wallets: Final = Wallets(
            database,
            journal,
            submit,
            chains.sign,
            purses,
            clock,
            poll_seconds=settings.wallets.poll_seconds,
            keeping_seconds=settings.wallets.keeping_seconds,
        )
        self.holdings: Final = Holdings(
            readmodels,
            listings,
            self.wallets.keeping,
            chains.sign,
            chains.cold_signatures,
            self._simulated,
            clock,
        )
        self._catalog = Catalog(directory)
        self.publisher: Final = Publisher(
            directory, readmodels_url, salt, self._catalog, self.holdings, clock
        )

    async def start(self) -> None:
        """Asks no node. Raises WrongJournal, JournalDamaged."""
        await self.wallets.start()

    def parts(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What runs for ever, by name."""
        published = self._settings.published
        return {
            "wallets": self.wallets.run(),
            "look at the reserves": self.holdings.run(published.reserves_seconds),
            "publisher": self.publisher.run(published.snapshot_hours * HOUR_MS),
        }

    @property
    def shown(self) -> services.Wallets:
        """To those who deposit and withdraw."""
        return services.Wallets(
            policies=self._policies,
            addresses=self.wallets.addresses,
            read_address=self._read_address,
            chains=self._on_chain,
            simulated=self._simulated,
            progress=self.wallets.progress,
            obstacles=self.wallets.approvals.obstacles,
        )

    @property
    def proofs(self) -> services.Proofs:
        return services.Proofs(
            reserves=lambda: self.holdings.all,
            catalog=self._catalog,
            salt=partial(salt_of, self._salt),
            data=self._directory,
            time_zone=ZoneInfo(self._settings.published.time_zone),
        )

    def measure(self, telemetry: Telemetry) -> None:
        for alarm in Alarm:
            meaning = f"Alarm, cases of: {alarm.removeprefix('wallet_').replace('_', ' ')}."
            telemetry.by_currency(alarm.value, meaning, partial(self._levels, alarm))
        telemetry.by_currency(
            "reserve_ratio", "What is there, of what is owed.", self.holdings.ratios
        )

    def _levels(self, alarm: Alarm) -> Iterator[tuple[str, float]]:
        for which, currency, level in self.wallets.alarms.levels():
            if which is alarm:
                yield currency, level
