"""The stages that the contract suite plays on, each opened anew for a test."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeAlias

import pytest

from tests.contracts.btsx_stage import BtsxStage
from tests.contracts.litecoin import ABSENT, PROGRAM
from tests.contracts.litecoin_stage import LitecoinStage
from tests.contracts.nxt_stage import NxtStage
from tests.contracts.sim_stage import SimStage
from tests.contracts.stage import CoinStage, ForkingStage, Stage
from tests.contracts.xrp_stage import XrpStage

REAL = pytest.param(LitecoinStage, marks=pytest.mark.skipif(not PROGRAM, reason=ABSENT))
COINS = [SimStage, REAL]
FORKING = [*COINS, NxtStage]
STAGES = [*FORKING, XrpStage, BtsxStage]

Play: TypeAlias = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def play(runner: asyncio.Runner) -> Play:
    return runner.run


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Iterator[Stage]:
    yield from _opened(request, runner)


@pytest.fixture(params=FORKING)
def forking(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Iterator[ForkingStage]:
    yield from _opened(request, runner)


@pytest.fixture(params=COINS)
def coins(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Iterator[CoinStage]:
    yield from _opened(request, runner)


def _opened(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Iterator[Any]:
    stage = request.param()
    try:
        runner.run(stage.open())
        yield stage
    finally:
        runner.run(stage.close())
