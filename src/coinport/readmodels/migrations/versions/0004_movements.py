"""What a statement is made of. The rows of all tables are made anew at the next start, because what
moved before cannot be told from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import BigInteger, Column
from sqlalchemy.dialects import sqlite

revision = "0004"
down_revision = "0003"

WHOLE = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
_FILLED = (
    *("currencies", "markets", "accounts", "orders", "trades"),
    *("balances", "candles", "books", "moves", "transfers"),
)


def upgrade() -> None:
    op.create_table(
        "movements",
        key("sequence"),
        *map(whole, ("time_ms", "account", "currency", "kind", "change", "fee")),
        *map(whole, ("transfer", "after_trade")),
    )
    op.create_index(
        "movements_of_account",
        "movements",
        ["account", "currency", "after_trade", "sequence"],
    )
    for table in _FILLED:
        op.execute(sa.delete(sa.table(table)))
    op.execute("UPDATE checkpoint SET sequence = 0, time_ms = 0")


def key(name: str) -> Column[int]:
    return Column(name, WHOLE, primary_key=True, autoincrement=False)


def whole(name: str) -> Column[int]:
    return Column(name, WHOLE, nullable=False)
