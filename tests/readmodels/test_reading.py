"""Reading: whoever asks waits for what he was told of, and for nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from coinport.engine.rulebook import Rulebook
from coinport.readmodels.projector import Projector
from coinport.readmodels.reading import ReadModels
from tests.readmodels.stage import Tape, decoded
from tests.readmodels.stories import TRADING
from tests.scenario import play


class Stage:
    """A history of which nothing was told yet. Its projector can be held up."""

    def __init__(self, database):
        self.world = play(TRADING, Rulebook)
        self.tape = Tape()
        self.projector = Projector(database, self.tape)
        self.may_project = asyncio.Event()
        self.may_project.set()
        self.batches = 0
        self.readmodels = ReadModels(database, self._project, self.projector.start())

    async def _project(self):
        await self.may_project.wait()
        self.batches += 1
        return self.projector.project()

    def tell(self, records: int) -> int:
        """So many more; the sequence of the last."""
        first = len(self.tape.records)
        new = self.world.records[first : first + records]
        self.tape.records += new
        self.readmodels.receive(decoded(new))
        return self.tape.last


@asynccontextmanager
async def running(database) -> AsyncIterator[Stage]:
    stage = Stage(database)
    task = asyncio.create_task(stage.readmodels.run())
    yield stage
    assert not task.done()
    task.cancel()


def test_whoever_reads_sees_all_that_was_told_before(database):
    at = text("SELECT sequence FROM checkpoint")

    async def scenario() -> None:
        async with running(database) as stage:
            for _ in stage.world.records:
                told = stage.tell(1)
                assert await stage.readmodels.read(lambda c: c.scalar(at)) == told
            assert stage.readmodels.behind == 0

    asyncio.run(scenario())


def test_what_everybody_has_seen_is_read_at_once(database):
    async def scenario() -> None:
        async with running(database) as stage:
            await stage.readmodels.caught_up(stage.tell(3))
            stage.may_project.clear()
            assert await stage.readmodels.read(lambda c: c.scalar(text("SELECT 7"))) == 7

    asyncio.run(scenario())


def test_many_readers_wait_for_one_batch(database):
    async def scenario() -> None:
        async with running(database) as stage:
            told = stage.tell(5)
            readers = [stage.readmodels.caught_up(told) for _ in range(50)]
            await asyncio.gather(*readers)
            assert stage.batches == 1

    asyncio.run(scenario())


def test_a_reader_that_gives_up_disturbs_nobody(database):
    async def scenario() -> None:
        async with running(database) as stage:
            stage.may_project.clear()
            told = stage.tell(5)
            impatient = asyncio.create_task(stage.readmodels.caught_up(told))
            patient = asyncio.create_task(stage.readmodels.caught_up(told))
            await asyncio.sleep(0)
            impatient.cancel()
            stage.may_project.set()
            await patient
            assert impatient.cancelled()
            assert stage.readmodels.behind == 0

    asyncio.run(scenario())


def test_a_projector_that_dies_ends_the_reading(database):
    async def scenario() -> None:
        stage = Stage(database)

        async def die():
            raise RuntimeError("gone")

        stage.readmodels._project = die
        stage.tell(1)
        with pytest.raises(RuntimeError, match="gone"):
            await stage.readmodels.run()

    asyncio.run(scenario())
