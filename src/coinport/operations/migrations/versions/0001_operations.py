"""The audit log, announcements, and first words of two on a withdrawal."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_REFUSAL = "the audit log is append-only"


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("via", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("concludes", sa.BigInteger, nullable=False, index=True),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("previous", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
    )
    op.create_table(
        "announcements",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("title_en", sa.String, nullable=False),
        sa.Column("text_en", sa.Text, nullable=False),
        sa.Column("title_zh", sa.String, nullable=False),
        sa.Column("text_zh", sa.Text, nullable=False),
        sa.Column("from_ms", sa.BigInteger, nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "endorsements",
        sa.Column("transfer", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def guard_sqlite() -> None:
    for name, event in (("audit_no_update", "UPDATE"), ("audit_no_delete", "DELETE")):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON audit"
            + f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
    # INSERT OR REPLACE would take a row's place without a DELETE that a trigger sees.
    op.execute(
        "CREATE TRIGGER audit_next_only BEFORE INSERT ON audit"  # noqa: S608
        " WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM audit)"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    )


def guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_append_only()"
    )
    op.execute(
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
    )
