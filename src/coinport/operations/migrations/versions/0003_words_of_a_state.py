"""First words of two hold for the state in which they were said: those of before name none."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.drop_table("endorsements")
    op.create_table(
        "endorsements",
        sa.Column("transfer", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("decision", sa.String, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
    )
