"""Where money may go to: destinations off the chains, address books, and what was signed by MD5."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "destinations",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("account", sa.BigInteger, sa.ForeignKey("people.account"), nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("destination", sa.String, nullable=False),
        sa.UniqueConstraint("account", "currency", "destination"),
    )
    op.create_table(
        "address_book",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account", sa.BigInteger, sa.ForeignKey("people.account"), nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("memo", sa.String, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("account", "currency", "address", "memo"),
    )
    op.create_table(
        "book_only",
        sa.Column(
            "account",
            sa.BigInteger,
            sa.ForeignKey("people.account"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("ends_ms", sa.BigInteger, nullable=True),
    )
    op.create_table(
        "md5_withdrawals",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("account", sa.BigInteger, sa.ForeignKey("people.account"), nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False, index=True),
    )
