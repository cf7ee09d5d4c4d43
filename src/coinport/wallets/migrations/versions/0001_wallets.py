"""Addresses, payments, transactions, and what the ledger says of deposits and withdrawals."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _chains()
    _ours()
    _ledger()


def _chains() -> None:
    op.create_table(
        "addresses",
        sa.Column("currency", sa.String, primary_key=True),
        sa.Column("account", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("address", sa.String, nullable=False, index=True),
        sa.Column("memo", sa.String, nullable=False),
        sa.Column("watched", sa.Boolean, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("currency", "number"),
    )
    op.create_table(
        "blocks",
        sa.Column("currency", sa.String, primary_key=True),
        sa.Column("height", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String, nullable=False),
    )
    op.create_table(
        "payments",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("txid", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("memo", sa.String, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("confirmations", sa.BigInteger, nullable=False),
        sa.Column("height", sa.BigInteger),
        sa.Column("hash", sa.String),
        sa.Column("seen_ms", sa.BigInteger, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
    )
    op.create_index("payments_of_currency", "payments", ["currency", "open"])


def _ours() -> None:
    op.create_table(
        "transactions",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("stage", sa.SmallInteger, nullable=False),
        sa.Column("txid", sa.String, nullable=False),
        sa.Column("confirmations", sa.BigInteger, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("transactions_of_currency", "transactions", ["currency", "stage"])
    op.create_table(
        "inputs",
        sa.Column("transaction", _NUMBER, sa.ForeignKey("transactions.id"), primary_key=True),
        sa.Column("input", sa.String, primary_key=True),
    )
    op.create_table(
        "pays",
        sa.Column("transaction", _NUMBER, sa.ForeignKey("transactions.id"), primary_key=True),
        sa.Column("transfer", sa.BigInteger, primary_key=True, autoincrement=False, index=True),
    )
    op.create_table(
        "pauses",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("currency", sa.String, nullable=False, index=True),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("note", sa.String, nullable=False),
    )


def _ledger() -> None:
    followed = op.create_table(
        "followed",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
    )
    op.execute(sa.insert(followed).values(sequence=0, time_ms=0))
    op.create_table(
        "coins",
        sa.Column("currency", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("symbol", sa.String, nullable=False, unique=True),
        sa.Column("decimals", sa.SmallInteger, nullable=False),
        sa.Column("on_chain", sa.Boolean, nullable=False),
    )
    op.create_table(
        "suspended",
        sa.Column("account", sa.BigInteger, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "announced",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("transfer", sa.BigInteger, nullable=False, unique=True),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("stage", sa.SmallInteger, nullable=False),
    )
    op.create_table(
        "payouts",
        sa.Column("transfer", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("memo", sa.String, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("fee", sa.BigInteger, nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("requested_ms", sa.BigInteger, nullable=False),
        sa.Column("approved_ms", sa.BigInteger, nullable=False),
        sa.Column("approved_by", sa.String, nullable=False),
        sa.Column("sent", sa.String, nullable=False),
        sa.Column("by_hand", sa.Boolean, nullable=False),
    )
    op.create_index("payouts_of_currency", "payouts", ["currency", "status"])
    op.create_index("payouts_approved", "payouts", ["currency", "approved_ms"])
