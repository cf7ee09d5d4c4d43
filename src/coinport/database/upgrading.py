"""What of `migrate` needs Alembic."""

from alembic import command, context
from alembic.config import Config
from alembic.util.exc import CommandError as CannotUpgrade
from sqlalchemy import Connection

__all__ = ["CannotUpgrade", "run_migrations", "upgrade"]


def upgrade(connection: Connection, script_location: str, version_table: str) -> None:
    """To the newest revision. Raises CannotUpgrade."""
    config = Config()
    config.set_main_option("script_location", script_location)
    config.attributes.update(connection=connection, version_table=version_table)
    command.upgrade(config, "head")


def run_migrations() -> None:
    """All that an env.py has to do."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"], version_table=attributes["version_table"]
    )
    context.run_migrations()
