"""An exchange for each test, in the test's own event loop."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from coinport.gateway.streams import streams
from tests.databases import empty_readmodels
from tests.gateway.callers import House
from tests.gateway.exchange import Exchange, Person, running
from tests.gateway.streaming import Sockets, served


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return empty_readmodels(tmp_path_factory.mktemp("readmodels"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


Running = Callable[..., AbstractAsyncContextManager[Exchange]]


@pytest.fixture
def run_exchange(tmp_path: Path, empty_tables: Path) -> Running:
    """`async with run_exchange(limits=...) as exchange`."""

    def run(**options: Any) -> AbstractAsyncContextManager[Exchange]:
        tables = Path(shutil.copy(empty_tables, tmp_path / "readmodels.db"))
        return running(tmp_path, tables, **options)

    return run


@pytest.fixture
async def exchange(run_exchange: Running, anyio_backend: str) -> AsyncIterator[Exchange]:
    async with run_exchange() as exchange:
        yield exchange


@pytest.fixture
async def alice(exchange: Exchange) -> Person:
    return await exchange.person("alice", CNY=1_000_000, BTC=1_000)


@pytest.fixture
async def bob(exchange: Exchange) -> Person:
    return await exchange.person("bob", CNY=1_000_000, BTC=1_000)


@pytest.fixture
async def sockets(
    exchange: Exchange, anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Sockets]:
    """Whether a session or a token still holds is looked at more often than each second."""
    monkeypatch.setattr(streams, "LOOK_SECONDS", 0.05)
    async with served(exchange) as sockets:
        yield sockets
