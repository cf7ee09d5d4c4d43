import pytest
from sqlalchemy import Column, Dialect, MetaData, Table, Text, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from coinport.readmodels.projection import INTEGER_MAX, key, whole
from coinport.readmodels.upsert import Upsert, grown

TALLIES = Table(
    "tallies", MetaData(), key("id"), whole("total"), Column("label", Text, nullable=False)
)
UPSERT = Upsert(TALLIES, lambda new: {"total": grown(TALLIES.c.total, new.total)})


@pytest.fixture
def tallies(database):
    database.write_now(TALLIES.metadata.create_all)
    return database


def rows(database):
    return database.write_now(lambda c: [tuple(row) for row in c.execute(select(TALLIES))])


@pytest.mark.parametrize("count", [0, 1, 7, 8, 65, 600, 1_100])
def test_as_many_rows_as_there_are_go_in(tallies, count):
    wanted = [(number, number * 10, f"no. {number}") for number in range(count)]
    tallies.write_now(lambda c: UPSERT.write(c, wanted))
    assert rows(tallies) == wanted


def test_a_row_that_is_there_grows_and_keeps_the_rest(tallies):
    tallies.write_now(lambda c: UPSERT.write(c, [(1, 5, "first")]))
    tallies.write_now(lambda c: UPSERT.write(c, [(1, 3, ""), (2, 4, "second")]))
    assert rows(tallies) == [(1, 8, "first"), (2, 4, "second")]


def test_a_sum_stays_at_the_largest_number_there_is(tallies):
    tallies.write_now(lambda c: UPSERT.write(c, [(1, INTEGER_MAX - 1, "")]))
    tallies.write_now(lambda c: UPSERT.write(c, [(1, 1, "")]))
    assert rows(tallies) == [(1, INTEGER_MAX, "")]
    tallies.write_now(lambda c: UPSERT.write(c, [(1, INTEGER_MAX, "")]))
    assert rows(tallies) == [(1, INTEGER_MAX, "")]


def test_without_changes_a_row_that_is_there_is_an_error(tallies):
    insert = Upsert(TALLIES)
    tallies.write_now(lambda c: insert.write(c, [(1, 5, "first")]))
    with pytest.raises(IntegrityError):
        tallies.write_now(lambda c: insert.write(c, [(1, 5, "first")]))


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.psycopg.dialect()])
def test_each_dialect_gets_its_own_words(dialect: Dialect):
    row = {"sqlite": "(?, ?, ?)", "postgresql": "(%s::BIGINT, %s::BIGINT, %s::VARCHAR)"}
    two_rows = f"{row[dialect.name]}, {row[dialect.name]}"
    assert UPSERT._text(dialect, 2) == (
        f"INSERT INTO tallies (id, total, label) VALUES {two_rows} "
        "ON CONFLICT (id) DO UPDATE SET total = "
        f"CASE WHEN (tallies.total > {INTEGER_MAX} - excluded.total) THEN {INTEGER_MAX} "
        "ELSE tallies.total + excluded.total END"
    )
