"""First words of two hold for the state in which they were said. Those of before name none, and are
to be said again, but for proposals: what was proposed has had no other state yet."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    proposals = "SELECT * FROM endorsements WHERE decision = 'confirm'"
    kept = [dict(row) for row in op.get_bind().execute(sa.text(proposals)).mappings()]
    op.drop_table("endorsements")
    table = op.create_table(
        "endorsements",
        sa.Column("transfer", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("decision", sa.String, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(table, [row | {"sequence": 0} for row in kept])
