"""The document says what the handlers do, and is a good OpenAPI 3.1 document."""

import json
import os
import re
import subprocess
import sys
from typing import Annotated, Any

import jsonschema
import pytest
from msgspec import UNSET, Struct, UnsetType

from coinport.gateway.app import FEATURES
from coinport.gateway.errors import Code
from coinport.gateway.names import MarketName
from coinport.gateway.openapi import document
from coinport.gateway.routes import about, declared
from coinport.gateway.sample import sample
from coinport.gateway.schemas import schemas_of
from coinport.gateway.wire import Figure, FigureIn

DOCUMENT: dict[str, Any] = json.loads(json.dumps(document(FEATURES)))
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_the_document_is_the_same_at_every_start() -> None:
    program = (
        "import msgspec; from coinport.gateway.app import FEATURES;"
        "from coinport.gateway.openapi import document;"
        "print(msgspec.json.encode(document(FEATURES)).decode())"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(3)
    }
    assert len(made) == 1


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        found = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def test_nothing_is_said_that_nobody_refers_to() -> None:
    named = {reference.rpartition("/")[2] for reference in references(DOCUMENT)}
    assert set(SCHEMAS) <= named


def test_every_schema_is_a_schema() -> None:
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_endpoint_is_in_the_document_under_its_own_name() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    endpoints = [endpoint for feature in FEATURES for endpoint in declared(feature)]
    assert len(set(names)) == len(names) == len(endpoints)


def test_every_parameter_of_a_path_is_declared_once_as_such() -> None:
    for _, path, operation in OPERATIONS:
        declared_ones = [
            each["name"] for each in operation["parameters"] if each.get("in") == "path"
        ]
        assert declared_ones == re.findall(r"\{(\w+)\}", path)


def test_private_endpoints_and_only_those_say_how_to_authenticate() -> None:
    for _, path, operation in OPERATIONS:
        assert ("security" in operation) == path.startswith(("/api/v2/user/", "/api/v2/operator/"))


def test_what_no_token_may_does_not_offer_one() -> None:
    offered = {
        operation["x-permission"]: {name for each in operation["security"] for name in each}
        for _, _, operation in OPERATIONS
        if "security" in operation
    }
    assert offered["owner"] == {"basic", "cookie"}
    assert offered["operator"] == {"cookie"}
    assert offered["trade"] == offered["read"] == {"basic", "token", "hmac", "cookie"}


def test_everything_is_said_in_both_languages() -> None:
    for _, path, operation in OPERATIONS:
        assert operation["summary"], path
        assert operation["x-zh"], path
        for parameter in operation["parameters"]:
            if "$ref" not in parameter:
                assert bool(parameter["description"]) == bool(parameter["x-zh"]), (path, parameter)


class Described(Struct):
    """Fields whose types have a meaning of their own, and are told apart by `about`."""

    figure: Annotated[FigureIn | UnsetType, about("A price.", "价格。")] = UNSET
    name: Annotated[MarketName | UnsetType, about("Default: all.", "默认所有市场。")] = UNSET
    many: Annotated[list[Figure], about("Levels.", "档位。")] = []
    plain: MarketName | UnsetType = UNSET


def test_what_a_field_says_of_itself_stands_in_its_schema() -> None:
    _, components = schemas_of([Described])
    fields = components["Described"]["properties"]
    said = {name: (field["description"], field["x-zh"]) for name, field in fields.items()}
    assert said["figure"] == ("A price.", "价格。")
    assert said["name"] == ("Default: all.", "默认所有市场。")
    assert said["many"] == ("Levels.", "档位。")
    assert said["plain"][0].startswith("A market, for instance")
    assert fields["figure"]["type"] == ["number", "string"]


def test_an_order_says_what_its_figures_are() -> None:
    (orders,) = [
        operation["requestBody"]["content"]["application/json"]["schema"]
        for _, _, operation in OPERATIONS
        if operation["operationId"] == "submit_orders"
    ]
    name = orders["$ref"].rpartition("/")[2]
    value = SCHEMAS[name]["properties"]["orders"]["items"]["properties"]["value"]
    assert value["description"].startswith("For a market buy, instead of `amount`")


def test_all_codes_stand_in_the_document() -> None:
    assert [row["code"] for row in DOCUMENT["x-codes"]] == list(Code)


def example(operation_id: str) -> Any:
    """Of the data of an answer."""
    (operation,) = (each for _, _, each in OPERATIONS if each["operationId"] == operation_id)
    content = operation["responses"]["200"]["content"]["application/json"]
    schema = content["schema"]["oneOf"][0]["properties"]["data"]
    return sample(schema, SCHEMAS, operation_id)


def test_the_examples_could_be_real() -> None:
    depth = example("depth")
    assert depth["bids"][0][0] < depth["asks"][0][0]
    token = example("add_api_token")
    assert (len(token["token"]), len(token["secret"])) == (32, 64)
    order = example("orders")["orders"][0]
    assert 0 < order["value"] < order["amount"]
    available, frozen, pending, total = example("balance")["BTC"]
    assert available + frozen + pending == total
    market = example("exchange_info")["markets"]["BTC-CNY"]
    assert max(market["maker_fee"], market["taker_fee"]) < 0.01


def described(value: Any) -> list[dict[str, Any]]:
    """Every part that has an English description of its own making."""
    if isinstance(value, list):
        return [part for item in value for part in described(item)]
    if not isinstance(value, dict):
        return []
    inner = [part for item in value.values() for part in described(item)]
    return [value, *inner] if "x-zh" in value else inner


def test_no_chinese_stands_alone() -> None:
    for part in described(DOCUMENT):
        assert (
            part["x-zh"] == "" or part.get("description") or part.get("summary") or "name" in part
        )


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_the_samples_are_as_the_schemas_say(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    content = operation["responses"]["200"]["content"]["application/json"]
    schemas = [content["schema"]["oneOf"][0]["properties"]["data"]]
    if "requestBody" in operation:
        schemas.append(operation["requestBody"]["content"]["application/json"]["schema"])
    for schema in schemas:
        validator = jsonschema.Draft202012Validator({**schema, "components": {"schemas": SCHEMAS}})
        validator.validate(sample(schema, SCHEMAS, operation["operationId"]))
