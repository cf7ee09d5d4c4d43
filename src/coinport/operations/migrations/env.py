"""Alembic runs this for `migrate`."""

from coinport.database.migrate import run_migrations

run_migrations()
