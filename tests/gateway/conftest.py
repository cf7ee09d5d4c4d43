"""An exchange for each test, in the test's own event loop."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from coinport.database import Database, migrate
from coinport.readmodels.projector import MIGRATIONS
from tests.gateway.callers import House
from tests.gateway.exchange import Exchange, running


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("readmodels") / "empty.db"
    database = Database(f"sqlite:///{file}", synchronous="NORMAL")
    migrate(database, MIGRATIONS)
    database.dispose()
    return file


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
