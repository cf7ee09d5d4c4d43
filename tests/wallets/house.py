"""A small exchange with two simulated chains and a signer: LTC, where each user has an address, and
XRP, where all share one. The exchange lives on while the wallets are killed and come back."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar

from coinport.database import Database
from coinport.engine.rulebook import Rulebook
from coinport.journal.feed import Feed
from coinport.journal.log import FileLog
from coinport.journal.sequencer import Sequencer
from coinport.model.commands import (
    AddCurrency,
    ApproveWithdrawal,
    Command,
    Credit,
    FailWithdrawal,
    OpenAccount,
    RequestWithdrawal,
)
from coinport.model.events import Refused
from coinport.model.listings import CurrencyKind
from coinport.model.records import Record, decode_record
from coinport.model.transfers import TransferStatus
from coinport.model.units import (
    ACCOUNT_FIRST,
    CUSTODY_ACCOUNT,
    AccountId,
    Amount,
    CurrencyId,
    TimeMs,
    TransferId,
)
from coinport.wallets import simchain
from coinport.wallets.policy import policy
from coinport.wallets.purses import Purse, simulated
from coinport.wallets.running import Wallets
from coinport.wallets.schemes import Scheme, SimScheme
from coinport.wallets.sending import Sending
from coinport.wallets.signer import Memory, Signer
from coinport.wallets.signer_orders import JournalOrders
from coinport.wallets.signing import Answer, Limits, Request
from coinport.wallets.simchain import SimChain
from coinport.wallets.simnetwork import SimNetwork
from coinport.wallets.storage import open_wallets
from tests.journal.journals import FastDisk

ALICE, BOB = AccountId(ACCOUNT_FIRST), AccountId(ACCOUNT_FIRST + 1)
LTC, XRP, CNY = CurrencyId(1), CurrencyId(2), CurrencyId(3)
COIN = Amount(10**8)
START = TimeMs(1_790_000_000_000)
HOUR_MS = 60 * 60 * 1000

FIGURES: Mapping[str, Mapping[str, str | int]] = {
    "LTC": {
        "deposit_confirmations": 3,
        "withdrawal_confirmations": 2,
        "watched_confirmations": 6,
        "day_max": "100",
        "hour_max": "250",
        "sweep_min": "5",
        "cold_min": "20",
    },
    "XRP": {"day_max": "100", "hour_max": "1000"},
}
LIMITS = Limits(
    payment_max=Amount(1000 * COIN), day_max=Amount(5000 * COIN), fee_max=Amount(10 * COIN)
)

T = TypeVar("T")


class Killed(BaseException):
    """The process of the wallets is gone."""


class Steps:
    """Counts what leaves a trace outside of the wallets, and kills right after the `last`."""

    def __init__(self) -> None:
        self.last: int | None = None
        self.again = False
        """Kill once more after each two steps that follow: of a signature alone, nothing stays."""
        self.taken = 0

    async def step(self, work: Awaitable[T]) -> T:
        result = await work
        self.taken += 1
        if self.taken == self.last:
            raise Killed
        return result


class SteppedDatabase(Database):
    steps: Steps

    async def write(self, work: Callable[..., T]) -> T:
        return await self.steps.step(super().write(work))


class SteppedChain(SimChain):
    def __init__(self, network: SimNetwork, steps: Steps) -> None:
        super().__init__(network)
        self._steps = steps

    async def broadcast(self, signed: Any) -> None:
        await self._steps.step(super().broadcast(signed))


class Clock:
    now = START

    def __call__(self) -> TimeMs:
        return TimeMs(self.now)


class House:
    """Made by `running`."""

    listed: Sequence[tuple[str, int, CurrencyKind]] = (
        ("LTC", 8, CurrencyKind.CHAIN),
        ("XRP", 8, CurrencyKind.CHAIN),
        ("CNY", 8, CurrencyKind.FIAT),
    )
    """Symbol, decimals and kind of each currency, whose ids count from 1."""

    wallets: Wallets
    database: SteppedDatabase
    purses: dict[str, Purse]

    def __init__(
        self, directory: Path, sequencer: Sequencer, feed: Feed, log: FileLog, engine: Rulebook
    ) -> None:
        self.steps = Steps()
        self.clock = Clock()
        self.networks = {"LTC": SimNetwork("LTC", seed=1), "XRP": SimNetwork("XRP", seed=2)}
        self.ltc = self.networks["LTC"]
        self.figures = {symbol: dict(figures) for symbol, figures in FIGURES.items()}
        self.new_chain: Callable[[SimNetwork, Steps], SimChain] = SteppedChain
        self.directory = directory
        self.engine = engine
        self.signing: Callable[[Request], Answer | Awaitable[Answer]]
        self._sequencer, self._feed, self.log = sequencer, feed, log
        self._signer_files = directory / "signed", directory / "orders"
        feed.subscribe(self._receive)

    async def tell(self, command: Command) -> Record:
        """As the gateway or an administrator does."""
        return await self._sequencer.submit(command)

    async def start(self) -> None:
        """The wallets, from what is on the disk; those that ran before are dropped as they are."""
        if hasattr(self, "database"):
            self.database.dispose()
        file = self.directory / "wallets.db"
        # No power is cut here, so nothing need wait for the disk.
        self.database = SteppedDatabase(f"sqlite:///{file}", synchronous="NORMAL")
        self.database.steps = self.steps
        self.purses = self.new_purses()
        self.wallets = Wallets(
            self.database, self.log, self._submit, self._sign, self.purses, self.clock
        )
        await self.wallets.start()
        for symbol in self.purses:
            await self.wallets.addresses.watch(symbol)

    def new_purses(self) -> dict[str, Purse]:
        return {
            symbol: simulated(
                self.new_chain(network, self.steps),
                policy(symbol, 8, self.figures[symbol]),
                shared=symbol == "XRP",
            )
            for symbol, network in self.networks.items()
        }

    def schemes(self) -> dict[str, Scheme]:
        return {symbol: SimScheme(_address_of(symbol)) for symbol in self.networks}

    def backup(self) -> Path:
        """A copy of the wallets' database."""
        copy = self.directory / "copy.db"
        with closing(sqlite3.connect(self.directory / "wallets.db")) as connection:
            connection.execute("VACUUM INTO ?", [str(copy)])
        return copy

    async def restore(self, backup: Path) -> None:
        """The wallets go on with an older copy."""
        self.database.dispose()
        shutil.copy(backup, self.directory / "wallets.db")
        await self.start()

    def start_signer(self) -> None:
        memory, orders = self._signer_files
        self.memory = Memory(memory)
        self.orders = JournalOrders(self.directory / "journal", orders)
        schemes = self.schemes()
        cold = {symbol: purse.cold for symbol, purse in self.purses.items() if purse.cold}
        limits = dict.fromkeys(schemes, LIMITS)
        self.signer = Signer(schemes, limits, self.orders, self.memory, self.clock, cold)
        self.signing = self.signer.answer

    def close(self) -> None:
        self.database.dispose()
        self.orders.close()
        self.memory.close()

    async def poll(self, times: int = 1) -> None:
        """All parts, in turn."""
        for _ in range(times):
            await self.wallets.approvals.poll()
            for symbol in self.purses:
                await self.wallets.deposits[symbol].poll()
                await self.wallets.withdrawals[symbol].poll()

    async def keep(self) -> None:
        for symbol in self.purses:
            await self.wallets.keeping[symbol].poll()

    async def surviving(self, work: Callable[[], Awaitable[None]]) -> None:
        """`work`, and again after the wallets were killed."""
        while True:
            try:
                return await work()
            except Killed:
                self.steps.last = None
                await self.start()
                self.steps.last = self.steps.taken + 2 if self.steps.again else None

    async def mine(self, blocks: int = 1) -> None:
        """With a look after each block."""
        for _ in range(blocks):
            for network in self.networks.values():
                network.mine()
            await self.surviving(self.poll)

    @property
    def sending(self) -> Sending:
        """Of LTC."""
        return self.wallets.withdrawals["LTC"]._sending

    async def address(self, account: AccountId, currency: str = "LTC") -> str:
        return (await self.wallets.addresses.create(account, currency)).address

    async def fund(self, coins: int, parts: int = 4) -> None:
        """The hot LTC address gets money in `parts` coins."""
        for _ in range(parts):
            self.ltc.pay(self.purses["LTC"].hot, Amount(coins * COIN // parts))
        await self.mine(3)

    async def give(self, account: AccountId, coins: int, currency: CurrencyId = LTC) -> None:
        await self.tell(Credit(account, currency, Amount(coins * COIN), "", "tests", "a gift"))

    async def request(
        self, account: AccountId, coins: int, address: str = "outside", memo: str = ""
    ) -> TransferId:
        command = RequestWithdrawal(
            account, LTC, Amount(coins * COIN), Amount(COIN // 10), address, memo
        )
        return await self.transfer_of(command)

    async def transfer_of(self, command: Command) -> TransferId:
        event: Any = (await self.tell(command)).events[0]
        assert not isinstance(event, Refused), event
        return TransferId(event.transfer)

    async def approve(self, transfer: TransferId) -> None:
        await self.transfer_of(ApproveWithdrawal(transfer, "ann", "looked at"))

    async def fail(self, transfer: TransferId) -> None:
        await self.transfer_of(FailWithdrawal(transfer, True, "ann", "looked at"))

    def available(self, account: AccountId, currency: CurrencyId = LTC) -> int:
        return self.engine.state.ledger.available(account, currency)

    def custody(self, currency: CurrencyId = LTC) -> int:
        """What the exchange owes, by its books."""
        return -self.engine.state.ledger.available(CUSTODY_ACCOUNT, currency)

    def status(self, transfer: TransferId) -> TransferStatus | None:
        """None: it is over."""
        found = self.engine.state.withdrawals.get(transfer)
        return found.status if found else None

    def paid(self, address: str = "outside", symbol: str = "LTC") -> list[int]:
        """What the chain has paid there, payment by payment."""
        return [
            output.amount
            for output in self.networks[symbol].unspent.values()
            if output.address == address
        ]

    def records(self, kind: type[Command]) -> list[Record]:
        """Those of a kind of command that were not refused."""
        found = [decode_record(data) for data in self.log.read(0)]
        return [
            record
            for record in found
            if isinstance(record.command, kind) and not isinstance(record.events[0], Refused)
        ]

    def _receive(self, records: Sequence[Record]) -> None:
        self.wallets.transfers.receive(records)

    async def _submit(self, command: Command) -> Record:
        return await self.steps.step(self._sequencer.submit(command))

    async def _sign(self, request: Request) -> Answer:
        async def signed() -> Answer:
            answer = self.signing(request)
            return await answer if isinstance(answer, Awaitable) else answer

        return await self.steps.step(signed())


def _address_of(symbol: str) -> Callable[[Any], str]:
    return lambda path: simchain.address(symbol, path)


@asynccontextmanager
async def running(
    directory: Path, template: Path, new_house: Callable[..., House] = House
) -> AsyncIterator[House]:
    """`template`: an empty database of the wallets."""
    engine, log = Rulebook(), FileLog(directory / "journal", 1 << 16, FastDisk())
    feed = Feed(log.last)
    shutil.copy(template, directory / "wallets.db")
    clock = Clock()
    sequencer = Sequencer(engine, log, feed, clock)
    house = new_house(directory, sequencer, feed, log, engine)
    house.clock = clock
    sequencing = asyncio.create_task(sequencer.run())
    try:
        await house.start()
        for symbol, decimals, kind in house.listed:
            await house.tell(AddCurrency(symbol, decimals, kind, "tests", "opening"))
        for _ in (ALICE, BOB):
            await house.tell(OpenAccount())
        house.start_signer()
        yield house
    finally:
        await sequencer.stop()
        await sequencing
        house.close()
        log.close()


def new_database(directory: Path) -> Path:
    path = directory / "template.db"
    open_wallets(f"sqlite:///{path}").dispose()
    return path
