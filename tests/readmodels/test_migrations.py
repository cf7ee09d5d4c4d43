from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from coinport.database import migrate
from coinport.readmodels.projection import metadata
from coinport.readmodels.projector import MIGRATIONS


def test_the_migrations_make_the_tables_that_the_code_knows(database, new_database):
    def differences(connection):
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": "readmodels_revision"}
        )
        return compare_metadata(context, metadata)

    assert database.write_now(differences) == []


def test_tables_and_indexes_are_made_in_the_same_words(database, tmp_path):
    made = database.write_now(schema)
    database.write_now(metadata.drop_all)
    database.write_now(metadata.create_all)
    assert made == database.write_now(schema)


def schema(connection) -> set[str]:
    statements = connection.scalars(text("SELECT sql FROM sqlite_master WHERE sql NOT NULL"))
    return {" ".join(statement.split()) for statement in statements}


def test_migrating_again_changes_nothing(database):
    before = database.write_now(schema)
    migrate(database, MIGRATIONS)
    assert database.write_now(schema) == before
