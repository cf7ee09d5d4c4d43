"""A house for each test; its database is a copy of an empty one."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.wallets.house import ALICE, House, new_database, running
from tests.wallets.paying import Play


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_database(tmp_path_factory.mktemp("wallets"))


@pytest.fixture
def play(tmp_path: Path, template: Path) -> Play:
    """Runs a scene in a new house."""

    def play(scene: Callable[[House], Coroutine[Any, Any, None]]) -> None:
        async def whole() -> None:
            async with running(tmp_path, template) as house:
                await scene(house)

        asyncio.run(whole())

    return play


@pytest.fixture
def rich(play: Play) -> Play:
    """With 40 coins in the hot address, and 50 for Alice in the books."""

    def started(scene: Callable[[House], Coroutine[Any, Any, None]]) -> None:
        async def whole(house: House) -> None:
            await house.fund(40)
            await house.give(ALICE, 50)
            await scene(house)

        play(whole)

    return started
