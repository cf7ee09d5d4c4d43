"""Samples: a value that a JSON schema allows, for people to look at."""

from typing import Any, Final

Json = dict[str, Any]

_BY_NAME: Final[dict[str, Any]] = {
    "market": "BTC-CNY",
    "currency": "BTC",
    "base": "BTC",
    "quote": "CNY",
    "fee_currency": "BTC",
    "order_id": 10000000001,
    "order_ids": [10000000001, 10000000002],
    "cancelled": [10000000001],
    "trade_id": 1000000000001,
    "uid": 1000000001,
    "email": "alice@example.com",
    "price": 2010.3,
    "amount": 0.25,
    "time": 1790000000000,
    "timestamp": 1790000000000,
    "created_ms": 1790000000000,
    "last_updated_ms": 1790000000000,
    "created": 1790000000,
    "last_updated": 1790000000,
}
"""By the name of the field, where the type alone would say little."""
_BY_TYPE: Final[dict[str, Any]] = {
    "string": "",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
}


def sample(schema: Json, components: dict[str, Json], name: str = "") -> Any:
    """`components` are what a `$ref` names."""
    if "$ref" in schema:
        return sample(components[schema["$ref"].rpartition("/")[2]], components, name)
    if "examples" in schema:
        return schema["examples"][0]
    if name in _BY_NAME:
        value = _BY_NAME[name]
        return str(value) if schema.get("type") == "string" else value
    if "enum" in schema:
        return schema["enum"][0]
    for choice in schema.get("anyOf", ()):
        return sample(choice, components, name)
    kind = schema.get("type", "null")
    match kind:
        case "object":
            return _object(schema, components)
        case "array":
            return _array(schema, components)
    return _BY_TYPE[kind if isinstance(kind, str) else kind[0]]


def _object(schema: Json, components: dict[str, Json]) -> Json:
    """What must be there, and objects that may be."""
    members = {}
    for name, field in schema.get("properties", {}).items():
        told = components[field["$ref"].rpartition("/")[2]] if "$ref" in field else field
        if name in schema.get("required", ()) or "properties" in told:
            members[name] = sample(field, components, name)
    others = schema.get("additionalProperties")
    if isinstance(others, dict):
        members["BTC-CNY"] = sample(others, components)
    return members


def _array(schema: Json, components: dict[str, Json]) -> list[Any]:
    if "prefixItems" in schema:
        return [sample(item, components) for item in schema["prefixItems"]]
    return [sample(schema["items"], components)] if schema.get("items") else []
