from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from coinport.database import Database, migrate
from coinport.readmodels.balances import balances
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


def test_balances_are_still_there_after_they_got_a_column(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/readmodels.db")
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.attributes["version_table"] = "readmodels_revision"

    def upgrade_to(revision):
        def upgrade(connection):
            config.attributes["connection"] = connection
            command.upgrade(config, revision)

        database.write_now(upgrade)

    upgrade_to("0002")
    insert = "INSERT INTO balances VALUES (5, 1, 10, 20, 30), (6, 1, 0, 0, 7)"
    database.write_now(lambda connection: connection.exec_driver_sql(insert))
    upgrade_to("0003")
    rows = database.write_now(lambda connection: connection.execute(select(balances)).all())
    database.dispose()
    assert rows == [(5, 1, 10, 20, 30, 0), (6, 1, 0, 0, 7, 0)]


def schema(connection) -> set[str]:
    statements = connection.scalars(text("SELECT sql FROM sqlite_master WHERE sql NOT NULL"))
    return {" ".join(statement.split()) for statement in statements}


def test_migrating_again_changes_nothing(database):
    before = database.write_now(schema)
    migrate(database, MIGRATIONS)
    assert database.write_now(schema) == before
