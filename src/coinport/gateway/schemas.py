"""JSON schemas of types, for the documents."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct

Json = dict[str, Any]

REFERENCE: Final = "#/components/schemas/{name}"


def schemas_of(types: Sequence[Any]) -> tuple[list[Json], dict[str, Json]]:
    """The schema of each type, and the components they refer to.

    What a field's own `about` says stands in it, also where its type is a union or has a meaning of
    its own; of these msgspec keeps what the inner type says.
    """
    seen: set[type[Struct]] = set()
    structs = [found for each in types for found in _structs(each, seen)]
    schemas, components = msgspec.json.schema_components((*types, *structs), ref_template=REFERENCE)
    for kind, schema in zip(structs, schemas[len(types) :], strict=True):
        fields = components[schema["$ref"].rpartition("/")[2]]["properties"]
        hints = get_type_hints(kind, include_extras=True)
        names = zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
        for name, encoded in names:
            for said in getattr(hints[name], "__metadata__", ()):
                if isinstance(said, Meta) and said.description:
                    fields[encoded]["description"] = said.description
                    fields[encoded] |= said.extra_json_schema or {}
    return list(schemas[: len(types)]), components


def _structs(hint: Any, seen: set[type[Struct]]) -> Iterator[type[Struct]]:
    """Those that `hint` speaks of, each once."""
    if isinstance(hint, type) and issubclass(hint, Struct) and hint not in seen:
        seen.add(hint)
        yield hint
        for inner in get_type_hints(hint, include_extras=True).values():
            yield from _structs(inner, seen)
    for inner in get_args(hint):
        yield from _structs(inner, seen)
