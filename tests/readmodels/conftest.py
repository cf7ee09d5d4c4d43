import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coinport.database import Database
from tests.databases import empty_readmodels


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return empty_readmodels(tmp_path_factory.mktemp("readmodels"))


@pytest.fixture
def new_database(empty_tables: Path, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Makes databases with empty tables."""
    made: list[Database] = []

    def new() -> Database:
        file = shutil.copy(empty_tables, tmp_path / f"readmodels-{len(made)}.db")
        made.append(Database(f"sqlite:///{file}", synchronous="NORMAL"))
        return made[-1]

    yield new
    for database in made:
        database.dispose()


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Database:
    return new_database()
