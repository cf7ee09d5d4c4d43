"""Moves of money by hand, to know a repetition."""

from alembic import op
from sqlalchemy import Column, String

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table("moves", Column("digest", String(64), primary_key=True))
