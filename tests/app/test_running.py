"""A part of the exchange that dies ends the process, with a line and an exit code of its own."""

import asyncio
import os
from types import SimpleNamespace
from typing import Any

import pytest

from coinport.app import running


async def dies() -> None:
    raise ValueError("a mistake")


async def ends() -> None:
    pass


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The exit codes with which the process would have ended."""
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    return codes


def run_part(work: Any, *, stopping: bool) -> None:
    async def run() -> None:
        exchange: Any = SimpleNamespace(stopping=stopping)
        part = running._part(exchange, "projector", work)
        await asyncio.wait([part])
        part.exception()

    asyncio.run(run())


def test_a_part_that_dies_ends_all(exits: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    run_part(dies(), stopping=False)
    assert exits == [70]
    assert "coinport: the projector died: ValueError('a mistake')" in capsys.readouterr().err


def test_a_part_that_ends_too_early_ends_all(exits: list[int]) -> None:
    run_part(ends(), stopping=False)
    assert exits == [70]


def test_while_stopping_parts_may_end(exits: list[int]) -> None:
    run_part(ends(), stopping=True)
    assert exits == []
