"""People, their sessions, tokens and one-time codes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("account", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("email", sa.String, nullable=False, unique=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("mobile", sa.String, nullable=False),
        sa.Column("lang", sa.String, nullable=False),
        sa.Column("email_verified", sa.Boolean, nullable=False),
        sa.Column("mobile_verified", sa.Boolean, nullable=False),
        sa.Column("password", sa.String, nullable=False),
        sa.Column("password_form", sa.SmallInteger, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column(
            "account", sa.BigInteger, sa.ForeignKey("people.account"), nullable=False, index=True
        ),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("seen_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("token", sa.String, primary_key=True),
        sa.Column(
            "account", sa.BigInteger, sa.ForeignKey("people.account"), nullable=False, index=True
        ),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("permissions", sa.String, nullable=False),
        sa.Column("ip_allow", sa.String, nullable=False),
        sa.Column("md5", sa.Boolean, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "one_time_codes",
        sa.Column(
            "account",
            sa.BigInteger,
            sa.ForeignKey("people.account"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("seed", sa.LargeBinary, nullable=False),
        sa.Column("bound", sa.Boolean, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
    )
