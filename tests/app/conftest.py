"""An exchange with Alice, for tests that ask it for something."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.app.administering import ALICE, WithAlice
from tests.app.exchanges import Running, running


@pytest.fixture
def with_alice(tmp_path: Path) -> WithAlice:
    """Runs a coroutine on a new exchange, where Alice is registered."""

    def run(test: Callable[[Running], Awaitable[None]]) -> None:
        async def talk() -> None:
            async with running(tmp_path) as exchange:
                await exchange.register(ALICE)
                await test(exchange)

        asyncio.run(talk())

    return run
