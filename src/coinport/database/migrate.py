"""Migrations: a package brings its tables to the newest revision when it starts. Forward only.

A package that owns tables has `migrations/env.py`, which calls `upgrading.run_migrations`, and one
module per revision in `migrations/versions/`, whose name begins with the revision: 0001 and so on.
"""

from importlib import import_module, resources

from sqlalchemy import Connection, column, inspect, select, table

from coinport.database.connect import Database, DatabaseUnusable


def migrate(database: Database, script_location: str) -> None:
    """Upgrade to the newest revision, all in one transaction.

    `script_location` is like "coinport.identity:migrations". Each package notes its revision in a
    table of its own, so two packages can share a database. Raises DatabaseUnusable where a newer
    release has been at work.
    """
    package = script_location.partition(":")[0].rpartition(".")[2]
    version_table = f"{package}_revision"
    newest = _newest(script_location)
    if database.write_now(lambda connection: _revision(connection, version_table)) == newest:
        return
    # Alembic takes a quarter of a second to load: only a release's first start has to wait for it.
    upgrading = import_module("coinport.database.upgrading")
    try:
        database.write_now(
            lambda connection: upgrading.upgrade(connection, script_location, version_table)
        )
    except upgrading.CannotUpgrade as error:
        raise DatabaseUnusable(
            f"{database.engine.url}: cannot migrate the tables of {package}: {error}; "
            "use the release that made them, or a newer one"
        ) from error


def _newest(script_location: str) -> str:
    package, _, folder = script_location.partition(":")
    versions = resources.files(package) / folder / "versions"
    names = [each.name for each in versions.iterdir() if each.name[0].isdigit()]
    return max(names).removesuffix(".py").partition("_")[0]


def _revision(connection: Connection, version_table: str) -> str | None:
    if not inspect(connection).has_table(version_table):
        return None
    revision: str | None = connection.scalar(
        select(column("version_num")).select_from(table(version_table))
    )
    return revision
