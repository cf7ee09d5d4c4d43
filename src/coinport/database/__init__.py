"""Floor 2, SQL: connect and migrate."""

from coinport.database.connect import Database, DatabaseUnavailable, DatabaseUnusable
from coinport.database.migrate import migrate
from coinport.database.pool import BoundedPool, Busy

__all__ = ["BoundedPool", "Busy", "Database", "DatabaseUnavailable", "DatabaseUnusable", "migrate"]
