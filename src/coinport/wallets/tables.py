"""The tables of the wallets. They are the only copy of who has an address, of what chains showed,
and of what was signed; what the ledger says of deposits and withdrawals comes from the journal."""

from enum import IntEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()


class Kind(IntEnum):
    """Of a transaction of ours."""

    WITHDRAWAL = 1
    SWEEP = 2
    COLD = 3


class Stage(IntEnum):
    """Where a transaction of ours is."""

    PREPARED = 1
    """Saved before anybody is asked to sign it, so that there is never another one instead."""
    SIGNED = 2
    """Saved before anybody hears of it."""
    SENT = 3
    """The ledger knows of it: it is broadcast until a block has it."""
    SETTLED = 4
    """It has paid, and is watched for some time still."""
    DONE = 5
    CONFLICTED = 6
    """Something else has spent one of its inputs."""
    DEAD = 7
    """It can never happen, or nobody but us has ever seen it."""
    ABANDONED = 8
    """Somebody has failed all that it pays. It is not broadcast any more and keeps no coin from
    others, but whoever has it may still put it into a block."""


def _key(name: str) -> Column[int]:
    """Numbers that come from the journal, never from the database."""
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


# Chains.

addresses = Table(
    "addresses",
    METADATA,
    Column("currency", String, primary_key=True),
    _key("account"),
    Column("number", BigInteger, nullable=False),
    Column("address", String, nullable=False, index=True),
    Column("memo", String, nullable=False),
    Column("watched", Boolean, nullable=False),  # only then it is shown to anybody
    Column("created_ms", BigInteger, nullable=False),
    UniqueConstraint("currency", "number"),
)

blocks = Table(
    "blocks",
    METADATA,
    Column("currency", String, primary_key=True),
    _key("height"),
    Column("hash", String, nullable=False),
)

payments = Table(
    "payments",
    METADATA,
    Column("key", String, primary_key=True),
    Column("currency", String, nullable=False),
    Column("txid", String, nullable=False),
    Column("address", String, nullable=False),
    Column("memo", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("account", BigInteger, nullable=False),  # whose it is by its address and memo
    Column("confirmations", BigInteger, nullable=False),
    Column("height", BigInteger),
    Column("hash", String),
    Column("seen_ms", BigInteger, nullable=False),
    Column("open", Boolean, nullable=False),  # something may still come of it
    Index("payments_of_currency", "currency", "open"),
)

transactions = Table(
    "transactions",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("currency", String, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("stage", SmallInteger, nullable=False),
    Column("txid", String, nullable=False),  # of the one in the chain, as soon as there is one
    Column("confirmations", BigInteger, nullable=False),
    Column("request", Text, nullable=False),  # to the signer, until it has signed
    Column("signed", Text, nullable=False),  # JSON, as is `request`; empty before
    Column("created_ms", BigInteger, nullable=False),
    Index("transactions_of_currency", "currency", "stage"),
)

inputs = Table(
    "inputs",
    METADATA,
    Column("transaction", ForeignKey("transactions.id"), primary_key=True),
    Column("input", String, primary_key=True),
)

pays = Table(
    "pays",
    METADATA,
    Column("transaction", ForeignKey("transactions.id"), primary_key=True),
    Column("transfer", BigInteger, primary_key=True, autoincrement=False, index=True),
)

pauses = Table(  # the newest of a currency says how it is now
    "pauses",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("currency", String, nullable=False, index=True),
    Column("paused", Boolean, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("note", String, nullable=False),
)

# What the ledger says. One row, made by the migration that makes the table:

followed = Table(
    "followed", METADATA, _key("sequence"), Column("time_ms", BigInteger, nullable=False)
)

coins = Table(
    "coins",
    METADATA,
    _key("currency"),
    Column("symbol", String, nullable=False, unique=True),
    Column("decimals", SmallInteger, nullable=False),
    Column("on_chain", Boolean, nullable=False),
)

suspended = Table("suspended", METADATA, _key("account"))

announced = Table(
    "announced",
    METADATA,
    Column("key", String, primary_key=True),  # that of the payment
    Column("transfer", BigInteger, nullable=False, unique=True),
    Column("currency", String, nullable=False),
    Column("stage", SmallInteger, nullable=False),  # DepositStage; 0: it is over
)

payouts = Table(
    "payouts",
    METADATA,
    _key("transfer"),
    Column("account", BigInteger, nullable=False),
    Column("currency", String, nullable=False),
    Column("address", String, nullable=False),
    Column("memo", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),  # part of `amount`
    Column("status", SmallInteger, nullable=False),  # TransferStatus
    Column("requested_ms", BigInteger, nullable=False),
    Column("approved_ms", BigInteger, nullable=False),  # 0: not yet
    Column("approved_by", String, nullable=False),
    Column("sent", String, nullable=False),  # the transaction that it was last said to be sent by
    Column("by_hand", Boolean, nullable=False),  # somebody else says that he has sent it
    Index("payouts_of_currency", "currency", "status"),
    Index("payouts_approved", "currency", "approved_ms"),
)
