"""The first tables."""

from alembic import op
from sqlalchemy import BigInteger, Column, Text, text
from sqlalchemy.dialects import sqlite

revision = "0001"
down_revision = None

WHOLE = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
OPEN = text("executed < quantity AND reason = 0")


def upgrade() -> None:
    checkpoint = op.create_table("checkpoint", key("sequence"), whole("time_ms"))
    op.bulk_insert(checkpoint, [{"sequence": 0, "time_ms": 0}])
    create_listings()
    op.create_table("accounts", key("id"), *map(whole, ("opened_ms", "suspended", "changed_ms")))
    create_orders()
    create_trades()
    op.create_table(
        "balances",
        *map(key, ("account", "currency")),
        *map(whole, ("available", "frozen", "pending")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "candles",
        *map(key, ("market", "interval_s", "start_s")),
        *map(whole, ("open", "high", "low", "close", "volume")),
        sqlite_with_rowid=False,
    )
    op.create_table("books", key("market"), *map(whole, ("sequence", "changed_ms")))


def create_listings() -> None:
    op.create_table(
        "currencies", key("currency"), words("symbol"), *map(whole, ("decimals", "kind"))
    )
    op.create_table(
        "markets",
        key("market"),
        words("symbol"),
        *map(whole, ("base", "quote", "price_decimals", "amount_decimals", "lot", "scale")),
        *map(whole, ("minimum_value", "reference", "maker_fee_ppm", "taker_fee_ppm")),
        *map(whole, ("band_ppm", "state")),
    )


def create_orders() -> None:
    op.create_table(
        "orders",
        key("id"),
        *map(whole, ("updated_ms", "booked", "triggered", "executed", "executed_value")),
        *map(whole, ("fee", "reason", "account", "market", "side", "order_type")),
        *map(whole, ("time_in_force", "post_only", "stop_price", "self_trade_prevention")),
        *map(whole, ("price", "quantity", "value")),
        words("client_order_id"),
        whole("created_ms"),
    )
    op.create_index("orders_of_account", "orders", ["account", "id"])
    op.create_index(
        "open_orders_of_account",
        "orders",
        ["account", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def create_trades() -> None:
    op.create_table(
        "trades",
        key("id"),
        *map(whole, ("time_ms", "market", "taker_side", "price", "quantity")),
        *map(whole, ("taker_order", "taker_account", "taker_fee")),
        *map(whole, ("maker_order", "maker_account", "maker_fee")),
    )
    op.create_index("trades_of_market", "trades", ["market", "id"])
    op.create_index("trades_of_taker", "trades", ["taker_account", "id"])
    op.create_index("trades_of_maker", "trades", ["maker_account", "id"])


def key(name: str) -> Column[int]:
    return Column(name, WHOLE, primary_key=True, autoincrement=False)


def whole(name: str) -> Column[int]:
    return Column(name, WHOLE, nullable=False)


def words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)
