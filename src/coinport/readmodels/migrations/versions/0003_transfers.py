"""Deposits and withdrawals; what is held back of a balance, and who has any of a currency."""

from alembic import op
from sqlalchemy import BigInteger, Column, Text, text
from sqlalchemy.dialects import sqlite

revision = "0003"
down_revision = "0002"

WHOLE = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
BOOKED = text("booked > 0")
WRITTEN_OFF = text("booked > 0 AND status = 5")


def upgrade() -> None:
    op.create_table(
        "transfers",
        key("id"),
        *map(whole, ("kind", "account", "currency", "amount", "fee", "status")),
        *map(words, ("address", "memo", "key", "txid")),
        whole("held"),
        words("note"),
        *map(whole, ("created_ms", "updated_ms", "sequence", "booked")),
    )
    op.create_index("transfers_of_account", "transfers", ["account", "kind", "id"])
    op.create_index("transfers_with_status", "transfers", ["kind", "status", "id"])
    op.create_index(
        "booked_transfers",
        "transfers",
        ["currency", "booked"],
        sqlite_where=BOOKED,
        postgresql_where=BOOKED,
    )
    op.create_index(
        "written_off_transfers",
        "transfers",
        ["currency", "sequence"],
        sqlite_where=WRITTEN_OFF,
        postgresql_where=WRITTEN_OFF,
    )
    add_held_balances()


def add_held_balances() -> None:
    # A table made anew, because SQLite cannot add a column that has no default.
    op.rename_table("balances", "balances_before")
    op.create_table(
        "balances",
        *map(key, ("account", "currency")),
        *map(whole, ("available", "frozen", "pending", "held")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO balances SELECT account, currency, available, frozen, pending, 0"
        " FROM balances_before"
    )
    op.drop_table("balances_before")
    op.create_index("balances_of_currency", "balances", ["currency", "account"])


def key(name: str) -> Column[int]:
    return Column(name, WHOLE, primary_key=True, autoincrement=False)


def whole(name: str) -> Column[int]:
    return Column(name, WHOLE, nullable=False)


def words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)
