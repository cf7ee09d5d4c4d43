"""The projector's process: it keeps up, and it dies alone only when the exchange notices."""

import asyncio
import os
import signal

import pytest
from sqlalchemy import text

from coinport.app.projecting import ProjectorDied, ProjectorProcess, Setting
from coinport.app.wiring import open_readmodels, readmodels_url
from coinport.engine.rulebook import Rulebook
from coinport.journal.log import FileLog
from tests.app.exchanges import QUICK
from tests.readmodels.stories import TRADING
from tests.scenario import play


@pytest.fixture
def log(tmp_path):
    log = FileLog(tmp_path / "journal", 1 << 16)
    yield log
    log.close()


def process(tmp_path, log):
    url = readmodels_url(tmp_path, QUICK)
    return ProjectorProcess(Setting(str(log.directory), url, QUICK.log))


def test_it_follows_the_journal_in_its_own_process(tmp_path, log):
    records = play(TRADING, Rulebook).records
    log.append(records[:5])
    tables = open_readmodels(tmp_path, QUICK)

    async def scenario() -> None:
        projector = process(tmp_path, log)
        assert await projector.start(log.last) == 5
        log.append(records[5:])
        assert await projector.project() == len(records)
        await projector.stop()
        assert await tables.read(lambda c: c.scalar(text("SELECT count(*) FROM orders"))) == 2

    asyncio.run(scenario())
    tables.dispose()


def test_one_that_is_launched_touches_nothing_before_it_is_started(tmp_path, log):
    async def scenario() -> None:
        projector = process(tmp_path, log)
        await projector.launch()
        await projector.stop()
        with pytest.raises(ProjectorDied, match="exit code 0"):
            await projector.project()

    asyncio.run(scenario())
    assert not (tmp_path / "readmodels.db").exists()


def test_whoever_asks_one_that_was_killed_is_told_so(tmp_path, log):
    log.append(play(TRADING, Rulebook).records)
    tables = open_readmodels(tmp_path, QUICK)

    async def scenario() -> None:
        projector = process(tmp_path, log)
        await projector.start(log.last)
        os.kill(projector.pid, signal.SIGKILL)
        with pytest.raises(ProjectorDied, match="-9"):
            await projector.watch()  # whether or not anybody asks it for anything
        with pytest.raises(ProjectorDied, match="-9"):
            await projector.project()
        again = process(tmp_path, log)
        assert await again.start(log.last) == log.last
        await again.stop()

    asyncio.run(scenario())
    tables.dispose()
