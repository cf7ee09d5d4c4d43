"""Pages: lists are newest first, and a page goes on below a cursor."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from msgspec import Struct

from coinport.readmodels.projection import INTEGER_MAX

Row = TypeVar("Row")


class Page(Struct, Generic[Row], frozen=True):
    rows: list[Row]
    more: bool
    """There is at least one row after these."""


def page(rows: list[Row], limit: int) -> Page[Row]:
    """Of `rows`, which were asked for with limit + 1."""
    return Page(rows[:limit], len(rows) > limit)


def below(cursor: int | None) -> int:
    """Ids on the page are below this. None: from the newest. A number can be any size."""
    return INTEGER_MAX if cursor is None else min(cursor, INTEGER_MAX)


def known(ids: Iterable[int]) -> list[int]:
    """Those that can be ids at all: a larger number would be an error of the database."""
    return [number for number in ids if 0 <= number <= INTEGER_MAX]
