"""Opens what the wallets keep."""

from typing import Final

from coinport.database import Database, migrate

MIGRATIONS: Final = "coinport.wallets:migrations"


def open_wallets(url: str) -> Database:
    """A new database where there is none. Raises DatabaseUnusable."""
    database = Database(url, synchronous="FULL")  # the only copy: keys point to what is here
    migrate(database, MIGRATIONS)
    return database
