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
    "client_order_id": "first-1",
    "time_in_force": "gtc",
    "post_only": False,
    "stop_price": 0,
    "self_trade_prevention": "none",
    "status": 2,
    "trade_id": 1000000000001,
    "role": "taker",
    "uid": 1000000001,
    "name": "Alice",
    "email": "alice@example.com",
    "pwdhash": "5d41402abc4b2a76b9719d911017c592",
    "old_pwdhash": "5d41402abc4b2a76b9719d911017c592",
    "new_pwdhash": "7d793037a0760186574b0282f2f435e7",
    "lang": "en",
    "token": "6f1ed002ab5595859014ebf0951522d9",
    "apiToken": "6f1ed002ab5595859014ebf0951522d9",
    "secret": "d3b07384d113edec49eaa6238ad5ff00d3b07384d113edec49eaa6238ad5ff00",
    "permissions": ["read", "trade"],
    "ip_allow": ["192.0.2.7", "198.51.100.0/24"],
    "googlecode": "492039",
    "price": 2010.3,
    "amount": 0.25,
    "value": 0.1,
    "executed_value": 201.03,
    "quantity": 0.25,
    "fee": 0.0001,
    "address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "txid": "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
    "id": 17,
    "transfer_id": 17,
    "tranfer_id": 17,
    "withdraw_status": 4,
    "confirmations": 6,
    "simulated": False,
    "label": "my wallet",
    "price_decimals": 4,
    "amount_decimals": 4,
    "decimals": 8,
    "minimum_value": 1,
    "maker_fee": 0.001,
    "taker_fee": 0.002,
    "price_band": 0.1,
    "state": "open",
    "per_second": 20,
    "burst": 100,
    "version": "0.1.0",
    "engine": "python",
    "demo": False,
    "sequence": 1234,
    "code": 1011,
    "message": "No such open order",
    "time": 1790000000000,
    "timestamp": 1790000000000,
    "created_ms": 1790000000000,
    "last_updated_ms": 1790000000000,
    "created": 1790000000000,
    "updated": 1790000000000,
}
"""By the name of the field, where the type alone would say little."""
_KEYS: Final = {
    "failed": "10000000002",
    "currencies": "BTC",
    "balance": "BTC",
    "deposit_addresses": "BTC",
    "create_deposit_addr": "BTC",
}
"""Of an object with keys of any name, by its own name; else a market."""
_VALUES: Final = {"deposit_addresses": "address", "create_deposit_addr": "address"}
"""The names that the values of such an object could have."""
_BY_TYPE: Final[dict[str, Any]] = {
    "string": "",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
}


def sample(schema: Json, components: dict[str, Json], name: str = "") -> Any:
    """`components` are what a `$ref` names; `name` is that of the field, or of the endpoint."""
    if "$ref" in schema:
        return sample(components[schema["$ref"].rpartition("/")[2]], components, name)
    if "examples" in schema:
        return schema["examples"][0]
    named = _BY_NAME.get(name)
    if "enum" in schema:
        return named if named in schema["enum"] else schema["enum"][0]
    kind = schema.get("type", "null")
    if named is not None and kind != "object":
        return str(named) if kind == "string" else named
    for choice in schema.get("anyOf", ()):
        return sample(choice, components, name)
    match kind:
        case "object":
            return _object(schema, components, name)
        case "array":
            return _array(schema, components)
    return _BY_TYPE[kind if isinstance(kind, str) else kind[0]]


def _object(schema: Json, components: dict[str, Json], name: str) -> Json:
    """What must be there, and objects that may be; where nothing must, all that may."""
    members = {}
    properties = schema.get("properties", {})
    needed = schema.get("required") or properties
    for of, field in properties.items():
        told = components[field["$ref"].rpartition("/")[2]] if "$ref" in field else field
        if of in needed or "properties" in told:
            members[of] = sample(field, components, of)
    others = schema.get("additionalProperties")
    if isinstance(others, dict):
        members[_KEYS.get(name, "BTC-CNY")] = sample(others, components, _VALUES.get(name, ""))
    return members


def _array(schema: Json, components: dict[str, Json]) -> list[Any]:
    if "prefixItems" in schema:
        return [sample(item, components) for item in schema["prefixItems"]]
    return [sample(schema["items"], components)] if schema.get("items") else []
