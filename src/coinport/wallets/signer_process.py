"""The signer as a process: its keys, its limits, its memory, and its own look at the journal.

It needs to read the exchange's journal and to make a socket beside it, and nothing else of the
exchange. The directory of its keys should be another user's: there it remembers what it signed.
"""

import asyncio
import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from coinport.journal.layout import journal_in
from coinport.model.units import TimeMs
from coinport.wallets.signer import Memory, Signer
from coinport.wallets.signer_keys import InvalidSettings, schemes, settings
from coinport.wallets.signer_orders import JournalOrders
from coinport.wallets.signer_socket import listen


def socket_in(data: Path) -> Path:
    return data / "signer.sock"


def memory_beside(keys: Path) -> Path:
    """What was signed: to be kept as long as the keys are, and backed up with them."""
    return keys.with_name(keys.name + ".signed")


def orders_beside(keys: Path) -> Path:
    return keys.with_name(keys.name + ".orders")


@contextmanager
def opened(data: Path, keys: Path, config: Path | None) -> Iterator[Signer]:
    """Raises InvalidSettings, InvalidPolicy, FileNotFoundError where there is no journal,
    JournalDamaged, OSError, and msgspec.DecodeError where the memory is damaged."""
    chosen = settings(config)
    known = schemes(keys, chosen.network)
    with (
        _alone(memory_beside(keys)),
        closing(Memory(memory_beside(keys))) as memory,
        closing(JournalOrders(journal_in(data), orders_beside(keys))) as orders,
    ):
        if missing := known.keys() - orders.decimals.keys():
            raise InvalidSettings(f"{keys}: the exchange does not list {', '.join(missing)}")
        limits = {symbol: chosen.limits(symbol, orders.decimals[symbol]) for symbol in known}
        yield Signer(known, limits, orders, memory, _clock, chosen.cold)


async def serve(
    data: Path,
    keys: Path,
    config: Path | None,
    announce: Callable[[Path], None],
    *,
    group: bool = False,
) -> None:
    """Until SIGTERM or SIGINT. `announce` is told the socket when it may be used. Raises as
    `opened`."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with opened(data, keys, config) as signer:
        path = socket_in(data)
        async with await listen(path, signer, group=group):
            announce(path)
            await stop.wait()
        with suppress(FileNotFoundError):
            path.unlink()


@contextmanager
def _alone(memory: Path) -> Iterator[None]:
    """Two signers with one memory would each not know what the other signs. Raises OSError."""
    file = os.open(memory, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(file)
        raise InvalidSettings(f"{memory} is in use by another signer") from error
    try:
        yield
    finally:
        os.close(file)


def _clock() -> TimeMs:
    return TimeMs(time.time_ns() // 1_000_000)
