"""First words of two on any decision: those of before were all on the approval of a withdrawal."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Who had endorsed as an operator is not told apart from who had on the machine: it counts no
    # more, and whoever was the first says so once more.
    op.drop_table("endorsements")
    op.create_table(
        "endorsements",
        sa.Column("transfer", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("decision", sa.String, primary_key=True),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
    )
