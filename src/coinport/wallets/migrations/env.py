"""Alembic runs this for `migrate`."""

from coinport.database.upgrading import run_migrations

run_migrations()
