"""What the tests with a real chain need; without a litecoind they are skipped, which CI takes for a
failure."""

from collections.abc import Iterator

import pytest

from tests.contracts.litecoin import ABSENT, PROGRAM
from tests.end_to_end.litecoin_house import House
from tests.end_to_end.litecoin_network import Network


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    if not PROGRAM:
        pytest.skip(ABSENT)
    with Network() as network:
        yield network


@pytest.fixture(scope="module")
def house(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For several tests; each has people of its own."""
    with House(tmp_path_factory.mktemp("house"), network) as house:
        yield house
