"""Upsert: many rows in few statements, inserted or added to what is there. SQL by dialect is here
only.

Rows go in as one long VALUES list. Row by row would cost the same CPU, but sqlite3 lets go of the
interpreter lock at every row, and beside a busy event loop each return to Python waits for it.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Connection, Dialect, Table, case, literal_column
from sqlalchemy.dialects import postgresql, sqlite

from coinport.readmodels.projection import INTEGER_MAX

Changes: TypeAlias = Callable[[Any], Mapping[str, ColumnElement[Any]]]
"""From the row that came (its columns as attributes) to the new values of the row that is there."""

_DIALECTS: Final[dict[str, tuple[Any, str]]] = {
    "sqlite": (sqlite.insert, "qmark"),
    "postgresql": (postgresql.insert, "format"),
}
"""How each inserts, and how its driver marks a parameter by position."""
_ROWS: Final = (512, 64, 8, 1)
"""Rows of one statement. Few sizes, so that the driver keeps each one prepared."""


class Upsert:
    def __init__(self, table: Table, changes: Changes | None = None) -> None:
        """Without `changes`, a row that is there already is an IntegrityError."""
        self._table = table
        self._changes = changes
        self._texts: dict[tuple[str, int], str] = {}

    def write(self, connection: Connection, rows: Sequence[Sequence[int | str]]) -> None:
        """`rows` have a value for each column of the table, in its order, and no key twice."""
        done = 0
        for size in _ROWS:
            while len(rows) - done >= size:
                values = tuple(chain.from_iterable(rows[done : done + size]))
                connection.exec_driver_sql(self._text(connection.dialect, size), values)
                done += size

    def _text(self, dialect: Dialect, size: int) -> str:
        text = self._texts.get((dialect.name, size))
        if text is None:
            into, values, row = self._of_one_row(dialect).partition(" VALUES ")
            row, conflict, rest = row.partition(" ON CONFLICT ")
            text = into + values + ", ".join([row] * size) + conflict + rest
            self._texts[dialect.name, size] = text
        return text

    def _of_one_row(self, dialect: Dialect) -> str:
        insert_into, paramstyle = _DIALECTS[dialect.name]
        insert = insert_into(self._table)
        if self._changes is not None:
            insert = insert.on_conflict_do_update(
                index_elements=list(self._table.primary_key), set_=self._changes(insert.excluded)
            )
        positional: Callable[..., Dialect] = type(dialect)
        return str(insert.compile(dialect=positional(paramstyle=paramstyle)))


def replaced(new: Any) -> dict[str, ColumnElement[Any]]:
    """The `changes` that put the row that came in the place of the one that is there."""
    return {column.name: column for column in new if not column.primary_key}


def grown(column: ColumnElement[int], by: ColumnElement[int]) -> ColumnElement[int]:
    """The sum, at most INTEGER_MAX. `by` is not below zero."""
    most: ColumnElement[int] = literal_column(str(INTEGER_MAX))
    return case((column > most - by, most), else_=column + by)
