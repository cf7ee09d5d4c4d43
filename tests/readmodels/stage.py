"""A stage: what happened on an exchange, in a database, with all that can be asked of it."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select

from coinport.database import Database
from coinport.engine.rulebook import Rulebook
from coinport.model.commands import Command
from coinport.model.records import Record, decode_record
from coinport.readmodels.accounts import Accounts
from coinport.readmodels.balances import Balances
from coinport.readmodels.candles import Candles
from coinport.readmodels.live import LiveViews
from coinport.readmodels.orders import Orders
from coinport.readmodels.projection import metadata
from coinport.readmodels.projector import Projector
from coinport.readmodels.statement import Statements
from coinport.readmodels.trades import Trades
from coinport.readmodels.transfers import Transfers
from tests.scenario import play
from tests.world import World


class Tape:
    """A journal in memory."""

    first = 1

    def __init__(self, records: Sequence[bytes] = ()) -> None:
        self.records = list(records)

    @property
    def last(self) -> int:
        return len(self.records)

    def read(self, after: int) -> Iterator[bytes]:
        return islice(iter(self.records), after, self.last)


class Stage:
    def __init__(self, database: Database, world: World) -> None:
        self.world = world
        self.database = database
        Projector(database, Tape(world.records)).start()
        self.accounts = Accounts(database)
        self.orders = Orders(database)
        self.trades = Trades(database)
        self.transfers = Transfers(database)
        self.balances = Balances(database)
        self.candles = Candles(database)
        self.live = live_views(database, world.time)
        self.statements = Statements(database, self.live.listings.listings)

    def tell(self, *commands: Command) -> None:
        """What the tables then have."""
        for command in commands:
            self.world.tell(command)
        Projector(self.database, Tape(self.world.records)).start()


def ask(question: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(question)


def act(database: Database, scenario: str) -> Stage:
    return Stage(database, play(scenario, Rulebook))


def live_views(database: Database, now_ms: int) -> LiveViews:
    return database.write_now(lambda connection: LiveViews(connection, now_ms))


def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""

    def of(connection: Any, table: Any) -> list[tuple[Any, ...]]:
        ordered = select(table).order_by(*table.primary_key)
        return [tuple(row) for row in connection.execute(ordered)]

    return database.write_now(
        lambda connection: {name: of(connection, table) for name, table in metadata.tables.items()}
    )


def decoded(records: Sequence[bytes]) -> list[Record]:
    return [decode_record(data) for data in records]
