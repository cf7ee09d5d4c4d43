"""Alembic runs this."""

from coinport.database.migrate import run_migrations

run_migrations()
