"""The tables of identity. They are the only copy of what they hold: no journal can rebuild them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    false,
)

METADATA = MetaData()


def _account(*, key: bool = False, index: bool = True) -> Column[int]:
    return Column(
        "account",
        BigInteger,
        ForeignKey("people.account"),
        primary_key=key,
        autoincrement=False,
        nullable=False,
        index=index and not key,
    )


people = Table(
    "people",
    METADATA,
    Column("account", BigInteger, primary_key=True, autoincrement=False),
    Column("email", String, nullable=False, unique=True),  # trimmed, lower case
    Column("name", String, nullable=False),
    Column("mobile", String, nullable=False),
    Column("lang", String, nullable=False),
    Column("email_verified", Boolean, nullable=False),
    Column("mobile_verified", Boolean, nullable=False),
    Column("password", String, nullable=False),  # argon2id of what was registered, encoded
    Column("password_form", SmallInteger, nullable=False),  # passwords.Form
    Column("created_ms", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),  # SHA-256 of the id, which only the user has
    _account(),
    Column("created_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("address", String, nullable=False, server_default=""),  # that it began from
    Column("user_agent", String, nullable=False, server_default=""),
    Column("with_code", Boolean, nullable=False, server_default=false()),  # it began with one
)

tokens = Table(
    "tokens",
    METADATA,
    Column("token", String, primary_key=True),
    _account(),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("name", String, nullable=False),
    Column("permissions", String, nullable=False),  # separated by commas, as is `ip_allow`
    Column("ip_allow", String, nullable=False),
    Column("md5", Boolean, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

operators = Table(
    "operators",
    METADATA,
    _account(key=True),
    Column("since_ms", BigInteger, nullable=False),
    Column("granted_by", String, nullable=False),
)

one_time_codes = Table(
    "one_time_codes",
    METADATA,
    _account(key=True),
    Column("seed", LargeBinary, nullable=False),  # sealed
    Column("bound", Boolean, nullable=False),  # false until a code has proven possession
    Column("last_step", BigInteger, nullable=False),  # of the last code accepted
)

destinations = Table(
    "destinations",
    METADATA,
    Column("name", String, primary_key=True),  # stands for the destination in the journal
    _account(index=False),
    Column("currency", String, nullable=False),
    Column("destination", String, nullable=False),  # a bank account, for instance
    UniqueConstraint("account", "currency", "destination"),
)

address_book = Table(
    "address_book",
    METADATA,
    Column("id", Integer, primary_key=True),
    _account(index=False),
    Column("currency", String, nullable=False),
    Column("address", String, nullable=False),
    Column("memo", String, nullable=False),
    Column("label", String, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    UniqueConstraint("account", "currency", "address", "memo"),
)

book_only = Table(
    "book_only",
    METADATA,
    _account(key=True),  # withdraws to its address book only
    Column("ends_ms", BigInteger, nullable=True),  # null: until it says otherwise
)

md5_withdrawals = Table(
    "md5_withdrawals",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),  # SHA-256 of token and body
    _account(index=False),
    Column("expires_ms", BigInteger, nullable=False, index=True),
)
