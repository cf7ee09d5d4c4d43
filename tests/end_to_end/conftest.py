"""What the tests with a real chain need; without a litecoind they are skipped, which CI takes for a
failure."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.litecoin import ABSENT, PROGRAM
from tests.end_to_end.litecoin_house import House
from tests.end_to_end.litecoin_network import Network


@pytest.fixture
def network() -> Iterator[Network]:
    if not PROGRAM:
        pytest.skip(ABSENT)
    with Network() as network:
        yield network


@pytest.fixture
def house(network: Network, tmp_path: Path) -> Iterator[House]:
    with House(tmp_path, network) as house:
        yield house
