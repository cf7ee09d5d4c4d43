"""The signer of a demo, inside its process: the rules of a real one, and keys that are none."""

import asyncio
import threading
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from coinport.app import genesis
from coinport.app.wiring import clock
from coinport.journal.layout import journal_in
from coinport.wallets import simchain
from coinport.wallets.networks import Network
from coinport.wallets.purses import cold_of
from coinport.wallets.schemes import SimScheme
from coinport.wallets.signer import Memory, Signer
from coinport.wallets.signer_keys import Settings
from coinport.wallets.signer_orders import JournalOrders
from coinport.wallets.signing import Answer, Request


class SimulatedSigner:
    """Reads the journal when it is first asked."""

    def __init__(self, data: Path, directory: Path, symbols: Iterable[str]) -> None:
        """`directory`: for what it remembers."""
        self._data = data
        self._directory = directory
        self._symbols = tuple(symbols)
        self._one_at_a_time = threading.Lock()
        self._orders: JournalOrders | None = None
        self._signer: Signer

    async def sign(self, request: Request) -> Answer:
        return await asyncio.to_thread(self._answer, request)

    def close(self) -> None:
        with self._one_at_a_time:
            if self._orders:
                self._orders.close()

    def _answer(self, request: Request) -> Answer:
        with self._one_at_a_time:
            if self._orders is None:
                self._open()
            return self._signer.answer(request)

    def _open(self) -> None:
        self._orders = JournalOrders(journal_in(self._data), self._directory / "orders")
        limits = Settings(Network.MAIN, {}).limits
        self._signer = Signer(
            {symbol: SimScheme(partial(simchain.address, symbol)) for symbol in self._symbols},
            {symbol: limits(symbol, genesis.DECIMALS[symbol]) for symbol in self._symbols},
            self._orders,
            Memory(self._directory / "signed"),
            clock,
            {symbol: cold_of(symbol) for symbol in self._symbols},
        )
