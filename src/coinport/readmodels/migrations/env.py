"""Alembic runs this."""

from coinport.database.upgrading import run_migrations

run_migrations()
