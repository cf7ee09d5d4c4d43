"""The tables of operations, in the database of identity. They are the only copy of what they
hold."""

from sqlalchemy import BigInteger, Column, MetaData, String, Table, Text

METADATA = MetaData()

# Append-only: triggers refuse everything but the next number.
audit = Table(
    "audit",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("via", String, nullable=False),
    Column("address", String, nullable=False),
    Column("action", String, nullable=False),
    Column("parameters", Text, nullable=False),  # JSON; empty in a row that concludes another
    Column("reason", Text, nullable=False),
    Column("concludes", BigInteger, nullable=False, index=True),  # 0: the row that asks
    Column("outcome", Text, nullable=False),  # empty in the row that asks
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
)

announcements = Table(
    "announcements",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("title_en", String, nullable=False),
    Column("text_en", Text, nullable=False),
    Column("title_zh", String, nullable=False),
    Column("text_zh", Text, nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),  # the end of time where it has none
    Column("author", String, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

endorsements = Table(
    "endorsements",
    METADATA,
    Column("transfer", BigInteger, primary_key=True, autoincrement=False),
    Column("decision", String, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("account", BigInteger, nullable=False),  # of an operator; 0: of none
    Column("note", Text, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
)
