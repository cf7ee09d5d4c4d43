"""docs/api.md names every endpoint, and for each of the specification's a test that there is."""

import re
from pathlib import Path

import pytest

from coinport.gateway.app import FEATURES
from coinport.gateway.openapi import document

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "api.md").read_text()
ROWS = re.findall(r"^\| (GET|POST) \| `(\S+?)` \|.*\| `(\S+)::(\w+)` \|$", TEXT, re.MULTILINE)
OF_THE_SPECIFICATION = 24
SPELLED_TWICE = 2


def test_all_endpoints_of_the_specification_are_there() -> None:
    assert len({(method, path) for method, path, _, _ in ROWS}) == (
        OF_THE_SPECIFICATION + SPELLED_TWICE
    )


@pytest.mark.parametrize(("method", "path", "file", "test"), ROWS, ids=[row[1] for row in ROWS])
def test_each_is_served_and_held_by_a_test(method: str, path: str, file: str, test: str) -> None:
    assert method.lower() in document(FEATURES)["paths"][path]
    assert f"def {test}(" in (ROOT / file).read_text()


def test_every_endpoint_that_is_served_is_named() -> None:
    for path in document(FEATURES)["paths"]:
        short = path.removeprefix("/api/v2")
        assert path in TEXT or f"`{short}`" in TEXT, path
