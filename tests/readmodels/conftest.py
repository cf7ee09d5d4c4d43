import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coinport.database import Database, migrate
from coinport.readmodels.projector import MIGRATIONS


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file as migrations make it."""
    file = tmp_path_factory.mktemp("readmodels") / "empty.db"
    database = Database(f"sqlite:///{file}", synchronous="NORMAL")
    migrate(database, MIGRATIONS)
    database.dispose()
    return file


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
