"""Every way to change one thing in a JSON document."""

import json
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def tampered(document: Any) -> Iterator[tuple[str, Any]]:
    """Where and what, for each member and row: another value, and the member or row left out."""
    for path in _paths(document):
        for change in (_other, None):
            copy = json.loads(json.dumps(document))
            *above, last = path
            holder = copy
            for step in above:
                holder = holder[step]
            if change is None:
                del holder[last]
            elif holder[last] == (other := change(holder[last])):
                continue
            else:
                holder[last] = other
            yield f"{path} {'left out' if change is None else 'changed'}", copy


def _paths(value: Any, above: Path = ()) -> Iterator[Path]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in members:
        yield (*above, step)
        if isinstance(inner, dict | list):
            yield from _paths(inner, (*above, step))


def _other(value: Any) -> Any:
    """One step away from `value`; a dict or a list as it is."""
    match value:
        case str():
            return ("1" if value[:1] == "0" else "0") + value[1:]
        case int():
            return value + 1
        case None:
            return 1
        case _:
            return value
