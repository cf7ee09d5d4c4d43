"""Who operates the exchange; from where a session began, and whether with a one-time code."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for column in (
        sa.Column("address", sa.String, nullable=False, server_default=""),
        sa.Column("user_agent", sa.String, nullable=False, server_default=""),
        sa.Column("with_code", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("sessions", column)
    op.create_table(
        "operators",
        sa.Column(
            "account",
            sa.BigInteger,
            sa.ForeignKey("people.account"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("granted_by", sa.String, nullable=False),
    )
