"""Publishing a round of proofs: a snapshot of what is owed in each currency, and the transfers
since the one before, all of them at one position of the journal.

It is made by a process of its own with the lowest priority, from the read models and the journal:
the exchange goes on as if nothing were. Its standard input says what to do, its standard output
what was done.
"""

import asyncio
import hmac
import os
import sys
import threading
from asyncio.subprocess import PIPE
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import msgspec
import structlog
from msgspec import Struct
from sqlalchemy import Connection

from coinport.app.holdings import Holdings
from coinport.database import Busy, Database
from coinport.journal.background import give_way
from coinport.journal.errors import JournalDamaged
from coinport.journal.layout import journal_in
from coinport.journal.reading import LogReader
from coinport.model.listings import Currency, Listings
from coinport.model.records import decode_record
from coinport.model.transfers import TransferKind
from coinport.model.units import AccountId, Amount, CurrencyId, Sequence, TimeMs
from coinport.readmodels.balances import liabilities
from coinport.readmodels.checkpoint import checkpoint_of
from coinport.readmodels.listings import listings_of
from coinport.readmodels.transfers import Transfer, Transfers
from coinport.reserves.catalog import Catalog, Published
from coinport.reserves.documents import read_body
from coinport.reserves.errors import PublishingFailed
from coinport.reserves.layout import Kind
from coinport.reserves.leaves import Holding
from coinport.reserves.movements import ByHand
from coinport.reserves.publishing import (
    Movement,
    SnapshotOrder,
    TransfersOrder,
    publish_snapshot,
    publish_transfers,
)
from coinport.reserves.signatures import unsealed
from coinport.reserves.transfer_files import Transfers as TransferFile

RETRY_SECONDS = 60
_SIZE_BYTES = 8

_log = structlog.get_logger(__name__)


class Block(Struct, frozen=True):
    """Of a chain, when the holdings there were looked at."""

    height: int
    hash: str


class Round(Struct, frozen=True, kw_only=True):
    """What the process must know. Not on the command line: there are secrets in it."""

    data: str
    readmodels_url: str
    salt: bytes
    """From which the salt of each user is made, see `salt_of`."""
    timestamp: TimeMs
    blocks: dict[str, Block]


class Done(Struct, frozen=True):
    sequence: Sequence
    """Where the journal was."""
    owed: dict[str, Amount]
    files: list[Published]


def salt_of(salt: bytes, account: AccountId) -> bytes:
    """What an account's rows are found by; told to its owner alone."""
    return hmac.digest(salt, b"liability proofs of %d" % account, "sha256")


async def publish(order: Round) -> Done:
    """Raises PublishingFailed."""
    # A session of its own has a share of the processor even where the exchange takes all it can
    # (see `background`): a round should take seconds there, too, not minutes.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=PIPE, stdout=PIPE, start_new_session=True
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        encoded = msgspec.msgpack.encode(order)
        process.stdin.write(len(encoded).to_bytes(_SIZE_BYTES, "big") + encoded)
        answer = await process.stdout.read()
        process.stdin.close()  # only now: the process ends with its input
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise PublishingFailed(f"nothing more is published: exit code {process.returncode}")
    return msgspec.msgpack.decode(answer, type=Done)


class Publisher:
    """Publishes one round after the other."""

    def __init__(
        self,
        data: Path,
        readmodels_url: str,
        salt: bytes,
        catalog: Catalog,
        holdings: Holdings,
        clock: Callable[[], TimeMs],
    ) -> None:
        self._data = data
        self._readmodels_url = readmodels_url
        self._salt = salt
        self._catalog = catalog
        self._holdings = holdings
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def publish(self) -> Done:
        """What is owed is shown as published from then on, until it is looked at later than that.

        Raises PublishingFailed.
        """
        async with self._one_at_a_time:
            await self._holdings.look()
            blocks = {
                symbol: Block(found.height, found.block_hash or "")
                for symbol, found in self._holdings.all.items()
                if found.height is not None
            }
            done = await publish(
                Round(
                    data=str(self._data),
                    readmodels_url=self._readmodels_url,
                    salt=self._salt,
                    timestamp=self._clock(),
                    blocks=blocks,
                )
            )
            for file in done.files:
                self._catalog.add(file)
            with suppress(Busy, OSError):  # they are published; it is shown at the next look
                await self._holdings.show(done.sequence, done.owed)
            return done

    async def run(self, every_ms: int) -> None:
        """For ever: a round when the newest one is so old."""
        while True:
            await asyncio.sleep(self._due_ms(every_ms) / 1000)
            try:
                await self.publish()
            except (PublishingFailed, Busy, OSError) as error:
                _log.error("no proofs published", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    def _due_ms(self, every_ms: int) -> int:
        return max(0, self._catalog.newest_timestamp + every_ms - self._clock())


class _Owed(Struct, frozen=True):
    """All debts at one position of the journal."""

    sequence: Sequence
    listings: Listings
    rows: dict[CurrencyId, list[tuple[AccountId, Amount]]]


def main() -> None:
    """Ends with its standard input: beside another exchange it must not publish."""
    give_way()
    size = int.from_bytes(sys.stdin.buffer.read(_SIZE_BYTES), "big")
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(size), type=Round)
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        done = asyncio.run(_publish(order))
    except (PublishingFailed, JournalDamaged, OSError) as error:
        sys.exit(f"coinport: not published: {error}")
    sys.stdout.buffer.write(msgspec.msgpack.encode(done))


def _end_with_input() -> NoReturn:
    os.read(0, 1)
    os._exit(1)


async def _publish(order: Round) -> Done:
    data = Path(order.data)
    database = Database(order.readmodels_url, synchronous="NORMAL")
    owed = await database.read(_owed)
    catalog = Catalog(data)
    number = catalog.next_id()
    since = {
        currency.currency: _published_until(catalog, currency.symbol)
        for currency in owed.listings.currencies.values()
    }
    by_hand = _by_hand(data, owed, since)
    transfers = Transfers(database)
    files = []
    for currency in owed.listings.currencies.values():
        id, after = currency.currency, since[currency.currency]
        booked = await transfers.booked(id, after, owed.sequence)
        moved = [*map(_movement, booked), *by_hand.movements[id]]
        files.append(
            publish_transfers(
                data,
                TransfersOrder(
                    currency=currency,
                    id=number,
                    timestamp=order.timestamp,
                    from_sequence=after,
                    to_sequence=owed.sequence,
                    trading_fees=Amount(by_hand.trading_fees[id]),
                    movements=sorted(moved, key=lambda movement: movement.sequence),
                ),
            )
        )
        files.append(publish_snapshot(data, _snapshot(order, number, owed, currency)))
    database.dispose()
    totals = {
        currency.symbol: Amount(sum(amount for _, amount in owed.rows[currency.currency]))
        for currency in owed.listings.currencies.values()
    }
    return Done(owed.sequence, totals, files)


def _owed(connection: Connection) -> _Owed:
    listings = listings_of(connection)
    rows = {currency: liabilities(connection, currency) for currency in listings.currencies}
    return _Owed(checkpoint_of(connection).sequence, listings, rows)


def _published_until(catalog: Catalog, currency: str) -> Sequence:
    """Where the currency's next transfer file goes on."""
    newest, _ = catalog.newest(currency, Kind.TRANSFER, 1)
    if not newest:
        return Sequence(0)
    body = unsealed(catalog.path(newest[0]).read_bytes())
    return read_body(TransferFile, body).to_sequence


def _by_hand(data: Path, owed: _Owed, since: dict[CurrencyId, Sequence]) -> ByHand:
    by_hand = ByHand(owed.listings, since)
    reader = LogReader(journal_in(data))
    after = min(since.values(), default=Sequence(0))

    def records() -> Iterator[bytes]:
        for number, record in enumerate(reader.read(after), after + 1):
            if number > owed.sequence:
                return
            yield record

    by_hand.follow(map(decode_record, records()))
    return by_hand


def _movement(transfer: Transfer) -> Movement:
    return Movement(
        id=transfer.id,
        type="deposit" if transfer.kind is TransferKind.DEPOSIT else "withdrawal",
        amount=transfer.amount,
        fee=transfer.fee,
        created=transfer.created_ms,
        updated=transfer.updated_ms,
        sequence=transfer.booked,
        txid=transfer.txid,
        address=transfer.address,
    )


def _snapshot(order: Round, number: int, owed: _Owed, currency: Currency) -> SnapshotOrder:
    block = order.blocks.get(currency.symbol)
    return SnapshotOrder(
        currency=currency,
        id=number,
        timestamp=order.timestamp,
        sequence=owed.sequence,
        holdings=[
            Holding(account, amount, salt_of(order.salt, account))
            for account, amount in owed.rows[currency.currency]
        ],
        height=block.height if block else None,
        block_hash=block.hash if block else None,
    )


if __name__ == "__main__":
    main()
