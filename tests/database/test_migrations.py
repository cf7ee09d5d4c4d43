"""Migrations of two invented packages in one database."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from coinport.database import Database, DatabaseUnusable, migrate

REVISION = """
from alembic import op
revision, down_revision = {revision!r}, {before!r}
def upgrade():
    op.execute({sql!r})
"""
TABLE = "CREATE TABLE {} (x INTEGER)"


@pytest.fixture
def database(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path}/some.db")
    yield database
    database.dispose()


@pytest.fixture
def packages(tmp_path: Path, monkeypatch):
    """Write a revision of a package that is importable as long as the test runs."""
    monkeypatch.syspath_prepend(tmp_path)

    def revise(package: str, revision: str, before: str | None, sql: str) -> Path:
        migrations = tmp_path / package / "migrations"
        (migrations / "versions").mkdir(parents=True, exist_ok=True)
        (tmp_path / package / "__init__.py").touch()
        (migrations / "env.py").write_text(
            "from coinport.database.upgrading import run_migrations\nrun_migrations()\n"
        )
        file = migrations / "versions" / f"{revision}.py"
        file.write_text(REVISION.format(revision=revision, before=before, sql=sql))
        return file

    yield revise
    for name in ("apples", "pears"):
        sys.modules.pop(name, None)


def tables(database: Database) -> set[str]:
    return database.write_now(lambda c: set(c.scalars(text("SELECT name FROM sqlite_master"))))


def test_a_new_database_gets_every_revision_and_an_old_one_the_missing_ones(database, packages):
    packages("apples", "0001", None, TABLE.format("first"))
    migrate(database, "apples:migrations")
    assert tables(database) == {"first", "apples_revision", "sqlite_autoindex_apples_revision_1"}
    packages("apples", "0002", "0001", TABLE.format("second"))
    migrate(database, "apples:migrations")
    migrate(database, "apples:migrations")
    assert {"first", "second"} < tables(database)


def test_two_packages_share_a_database_without_seeing_each_others_revisions(database, packages):
    packages("apples", "0001", None, TABLE.format("apple"))
    packages("pears", "0001", None, TABLE.format("pear"))
    migrate(database, "apples:migrations")
    migrate(database, "pears:migrations")
    assert {"apple", "pear", "apples_revision", "pears_revision"} < tables(database)


def test_a_migration_that_fails_leaves_the_database_as_it_was(database, packages):
    packages("apples", "0001", None, TABLE.format("first"))
    packages("apples", "0002", "0001", "CREATE TABLE first (x)")
    with pytest.raises(Exception, match="already exists"):
        migrate(database, "apples:migrations")
    assert tables(database) == set()


def test_a_database_of_a_newer_release_is_refused(database, packages):
    packages("apples", "0001", None, TABLE.format("first"))
    newer = packages("apples", "0002", "0001", TABLE.format("second"))
    migrate(database, "apples:migrations")
    newer.unlink()
    with pytest.raises(DatabaseUnusable, match="newer"):
        migrate(database, "apples:migrations")


@pytest.mark.parametrize("package", ["identity", "operations", "readmodels", "wallets"])
def test_a_start_with_nothing_to_upgrade_does_not_load_alembic(
    package: str, tmp_path: Path
) -> None:
    start = (
        "import sys; from coinport.database import Database, migrate; "
        f"migrate(Database('sqlite:///{tmp_path}/some.db'), 'coinport.{package}:migrations'); "
        "print('alembic' in sys.modules)"
    )
    loaded = [subprocess.check_output([sys.executable, "-c", start]).split() for _ in range(2)]
    assert loaded == [[b"True"], [b"False"]]
