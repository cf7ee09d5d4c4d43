"""Holdings: what the exchange has on its chains, and what it owes, looked at every so often.

A row of an address that can sign bears a signature by its key: whoever likes can see that the money
is there and that it is ours.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeAlias

import structlog
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from coinport.database import Busy
from coinport.model.listings import CurrencyKind, Listings
from coinport.model.units import PPM, Amount, Sequence, TimeMs, TransferId
from coinport.readmodels.balances import owed
from coinport.readmodels.checkpoint import checkpoint_of
from coinport.readmodels.projection import Reader
from coinport.readmodels.transfers import open_withdrawals
from coinport.reserves.holdings import AddressHolding, CurrencyReserves
from coinport.wallets.addresses import MEMO_CURRENCIES
from coinport.wallets.chain import ChainUnavailable
from coinport.wallets.keeping import Holding, Keeping, Place
from coinport.wallets.sending import Sign
from coinport.wallets.signer_socket import SignerUnavailable
from coinport.wallets.signing import MESSAGE_PREFIX, KeyPath, MessageSigned, SignMessage

_Sent: TypeAlias = Mapping[str, Mapping[TransferId, Amount]]
"""By symbol."""

_log = structlog.get_logger(__name__)


class Owed(Struct, frozen=True):
    """At one position of the journal."""

    sequence: Sequence
    payable: Mapping[str, Amount]
    """The sum of all balances, by the symbol of the currency."""
    withdrawals: AbstractSet[TransferId]
    """Of those that a block had paid: which are in it still."""


class Holdings:
    def __init__(
        self,
        readmodels: Reader,
        listings: Listings,
        keeping: Mapping[str, Keeping],
        sign: Sign,
        cold_signatures: Mapping[str, str],
        simulated: frozenset[str],
        clock: Callable[[], TimeMs],
    ) -> None:
        """`keeping`: of the currencies that have a chain here. `cold_signatures`: of their cold
        addresses, made where their keys are."""
        self._readmodels = readmodels
        self._listings = listings
        self._keeping = keeping
        self._sign = sign
        self._cold_signatures = cold_signatures
        self._simulated = simulated
        self._clock = clock
        self._signatures: dict[tuple[str, str], str] = {}
        self._known: dict[str, CurrencyReserves] = {}
        self._sent: _Sent = {}
        """What the blocks had paid when `_known` was looked at, and nobody had settled."""
        self._one_at_a_time = asyncio.Lock()

    @property
    def all(self) -> Mapping[str, CurrencyReserves]:
        """Of every currency that is on a chain, as they were last looked at; by its symbol."""
        return self._known

    async def look(self) -> None:
        """Look at everything anew. A node that does not answer leaves the holdings of its currency
        as they were; what is owed is new all the same."""
        async with self._one_at_a_time:
            symbols = [
                currency.symbol
                for currency in self._listings.currencies.values()
                if currency.kind is CurrencyKind.CHAIN
            ]
            looked = {symbol: await self._look_at(symbol) for symbol in symbols}
            sent = {symbol: each for symbol, (_, each) in looked.items()}
            owed = await self._readmodels.read(lambda tables: self._owed(tables, sent))
            self._sent = sent
            self._note({symbol: now for symbol, (now, _) in looked.items()}, owed)

    async def show(self, sequence: Sequence, payable: Mapping[str, Amount]) -> None:
        """As the proofs that were just published have it, unless it was looked at later: a debt of
        before does not belong beside coins of now."""
        async with self._one_at_a_time:
            if any(known.sequence > sequence for known in self._known.values()):
                return
            still = await self._readmodels.read(
                lambda tables: _still_owed(tables, self._sent, sequence)
            )
            self._note(self._known, Owed(sequence, payable, still))

    async def run(self, every_seconds: float) -> None:
        """For ever."""
        while True:
            try:
                await self.look()
            except (Busy, OSError) as error:
                _log.warning("reserves not looked at", error=repr(error))
            await asyncio.sleep(every_seconds)

    def ratios(self) -> Iterator[tuple[str, float]]:
        """Of what is owed, how much is there; 1 where nothing is owed."""
        for symbol, found in list(self._known.items()):
            yield symbol, found.covered / found.payable if found.payable else 1.0

    async def _look_at(self, symbol: str) -> tuple[CurrencyReserves, Mapping[TransferId, Amount]]:
        """What is on its chain, and what had been sent already; as they were where the node does
        not answer."""
        now = self._known.get(symbol, CurrencyReserves(TimeMs(0), Sequence(0), Amount(0)))
        now, sent = replace(now, timestamp=self._clock()), self._sent.get(symbol, {})
        if symbol not in self._keeping:
            return now, sent
        try:
            found = await self._keeping[symbol].balances()
        except ChainUnavailable as error:
            _log.warning("reserves not looked at", currency=symbol, error=str(error))
            return now, sent
        shown = [row for row in found.rows if row.amount or row.place is not Place.USER]
        now = replace(
            now,
            rows=tuple([await self._shown(symbol, row) for row in shown]),
            height=found.block.height,
            block_hash=found.block.hash,
        )
        return now, await self._keeping[symbol].sent()

    def _note(self, found: Mapping[str, CurrencyReserves], owed: Owed) -> None:
        for symbol, then in found.items():
            sent = sum(
                amount for id, amount in self._sent[symbol].items() if id in owed.withdrawals
            )
            now = replace(
                then, sequence=owed.sequence, payable=owed.payable[symbol], sent=Amount(sent)
            )
            before, self._known[symbol] = self._known.get(symbol), now
            if now.short and not (before and before.short):
                ratio_ppm = now.covered * PPM // now.payable
                _log.error("less is there than is owed", currency=symbol, ratio_ppm=ratio_ppm)

    async def _shown(self, symbol: str, row: Holding) -> AddressHolding:
        signature = await self._signature(symbol, row)
        message = MESSAGE_PREFIX if signature else ""
        return AddressHolding(row.address, row.amount, row.place.value, message, signature)

    async def _signature(self, symbol: str, row: Holding) -> str:
        """Empty where there can be none: of play money, on chains without signed messages, and
        while the signer does not answer."""
        if symbol in self._simulated or symbol in MEMO_CURRENCIES:
            return ""
        if row.path is None:
            return self._cold_signatures.get(symbol, "")
        known = self._signatures.get((symbol, row.address))
        if known is None:
            known = await self._signed(symbol, row.path)
            if known:
                self._signatures[symbol, row.address] = known
        return known

    async def _signed(self, symbol: str, path: KeyPath) -> str:
        try:
            answer = await self._sign(SignMessage(symbol, path, MESSAGE_PREFIX))
        except SignerUnavailable:
            return ""
        return answer.signature if isinstance(answer, MessageSigned) else ""

    def _owed(self, connection: Connection, sent: _Sent) -> Owed:
        found, sequence = owed(connection), checkpoint_of(connection).sequence
        payable = {
            currency.symbol: found.get(id, Amount(0))
            for id, currency in self._listings.currencies.items()
        }
        return Owed(sequence, payable, _still_owed(connection, sent, sequence))


def _still_owed(connection: Connection, sent: _Sent, at: Sequence) -> set[TransferId]:
    ids = [id for withdrawals in sent.values() for id in withdrawals]
    return open_withdrawals(connection, ids, at)
