"""Migrations: a package brings its tables to the newest revision when it starts. Forward only.

A package that owns tables has `migrations/env.py`, which calls `run_migrations`, and one module per
revision in `migrations/versions/`.
"""

from alembic import command, context
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from coinport.database.connect import Database, DatabaseUnusable


def migrate(database: Database, script_location: str) -> None:
    """Upgrade to the newest revision, all in one transaction.

    `script_location` is like "coinport.identity:migrations". Each package notes its revision in a
    table of its own, so two packages can share a database. Raises DatabaseUnusable where a newer
    release has been at work.
    """
    package = script_location.partition(":")[0].rpartition(".")[2]
    config = Config()
    config.set_main_option("script_location", script_location)
    config.attributes["version_table"] = f"{package}_revision"

    def upgrade(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    try:
        database.write_now(upgrade)
    except CommandError as error:
        raise DatabaseUnusable(
            f"{database.engine.url}: cannot migrate the tables of {package}: {error}; "
            "use the release that made them, or a newer one"
        ) from error


def run_migrations() -> None:
    """All that an env.py has to do."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"], version_table=attributes["version_table"]
    )
    context.run_migrations()
