"""Running: all parts of this floor joined, and polled for as long as the exchange runs."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Final

import structlog
from sqlalchemy.exc import OperationalError

from coinport.database import Busy, Database
from coinport.journal.sequencer import Overloaded, Stopping
from coinport.model.units import AccountId, TimeMs, TransferId
from coinport.wallets.alarms import Alarm, Alarms
from coinport.wallets.approvals import Approvals
from coinport.wallets.chain import ChainError
from coinport.wallets.deposit_addresses import DepositAddresses
from coinport.wallets.deposits import Deposits
from coinport.wallets.keeping import Keeping
from coinport.wallets.progress import Progress, progress
from coinport.wallets.purses import Purse
from coinport.wallets.sending import Sending, Sign
from coinport.wallets.signer_socket import SignerUnavailable
from coinport.wallets.transfers import Journal, Submit, Transfers
from coinport.wallets.withdrawals import Withdrawals

POLL_SECONDS: Final = 5.0
KEEPING_SECONDS: Final = 300.0

_log = structlog.get_logger(__name__)


class Wallets:
    """`start`, then subscribe `transfers.receive` to the feed, and `run`."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        submit: Submit,
        sign: Sign,
        purses: Mapping[str, Purse],
        clock: Callable[[], TimeMs],
        *,
        poll_seconds: float = POLL_SECONDS,
        keeping_seconds: float = KEEPING_SECONDS,
    ) -> None:
        """`database`: of `open_wallets`. `purses`: by currency."""
        self._database = database
        self._poll_seconds = poll_seconds
        self._keeping_seconds = keeping_seconds
        self.purses: Final = purses
        self.alarms: Final = Alarms()
        self.transfers: Final = Transfers(database, journal, submit)
        self.addresses: Final = DepositAddresses(database, purses, clock)
        self.approvals: Final = Approvals(database, self.transfers, purses, self.alarms, clock)
        self.deposits: Final = {
            currency: Deposits(database, self.transfers, purse, self.alarms, clock)
            for currency, purse in purses.items()
        }
        sending = {
            currency: Sending(database, purse.chain, sign, clock)
            for currency, purse in purses.items()
        }
        self.withdrawals: Final = {
            currency: Withdrawals(
                database,
                self.transfers,
                purse,
                sending[currency],
                self.approvals.paused,
                self.alarms,
                clock,
            )
            for currency, purse in purses.items()
        }
        self.keeping: Final = {
            currency: Keeping(database, purse, sending[currency], self.alarms, clock)
            for currency, purse in purses.items()
        }

    async def start(self) -> None:
        """Raises WrongJournal, JournalDamaged."""
        await self.transfers.start()

    async def run(self) -> None:
        """Until it is canceled. Raises what is our own mistake."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._approve())
            for currency in self.purses:
                tasks.create_task(self._follow(currency))

    async def rescan(self, currency: str, accounts: Sequence[AccountId]) -> None:
        """Look in the whole chain for what came to `accounts` (slow). What is known already, to the
        ledger or here, changes nothing. Raises ChainUnavailable."""
        await self.addresses.rescan(currency, accounts)
        self.deposits[currency].look_anew()

    async def progress(self, transfers: Collection[TransferId]) -> dict[TransferId, Progress]:
        """See `progress`."""
        return await self._database.read(partial(progress, transfers=transfers))

    async def _approve(self) -> None:
        while True:
            await self._attempt(self.approvals.poll, "")
            await asyncio.sleep(self._poll_seconds)

    async def _follow(self, currency: str) -> None:
        now = asyncio.get_running_loop().time
        keep_at, watched = now(), False
        while True:
            watched = watched or await self._attempt(
                partial(self.addresses.watch, currency), currency
            )
            if watched and await self._attempt(self.deposits[currency].poll, currency):
                self.alarms.set(Alarm.CHAIN_UNAVAILABLE, currency, 0)
            if watched and await self._attempt(self.withdrawals[currency].poll, currency):
                self.alarms.set(Alarm.SIGNER_UNAVAILABLE, currency, 0)
            if now() >= keep_at and await self._attempt(self.keeping[currency].poll, currency):
                keep_at = now() + self._keeping_seconds
            await asyncio.sleep(self._poll_seconds)

    async def _attempt(self, poll: Callable[[], Awaitable[None]], currency: str) -> bool:
        """False: the surroundings did not let it. It is to be called again."""
        try:
            await poll()
        except ChainError as error:  # any: a node's nonsense must not end the exchange
            self.alarms.set(Alarm.CHAIN_UNAVAILABLE, currency, 1, error=str(error))
        except SignerUnavailable as error:
            self.alarms.set(Alarm.SIGNER_UNAVAILABLE, currency, 1, error=str(error))
        except (Overloaded, Stopping, Busy, OSError, OperationalError) as error:
            _log.warning("not now, again soon", currency=currency, error=repr(error))
        else:
            return True
        return False
