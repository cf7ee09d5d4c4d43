"""The exchange is ready but where its read models have been stuck for seconds."""

import asyncio
from pathlib import Path

from coinport.app.readiness import LAG_MAX_MS, MARKS_MAX, Readiness
from coinport.app.wiring import clock
from coinport.model.commands import OpenAccount
from coinport.model.records import Record
from coinport.model.units import Sequence, TimeMs
from tests.app.exchanges import running
from tests.databases import locked


class Stage:
    """Read models that have the records up to `projected`, and a clock."""

    def __init__(self) -> None:
        self.now_ms = 1_790_000_000_000
        self.told = self.projected = Sequence(26)
        self.ready = Readiness(lambda: self.projected, lambda: self.now_ms)

    def tell(self, records: int, *, ms: int = 0) -> None:
        """So many records, `ms` later."""
        self.now_ms += ms
        first = self.told + 1
        self.told = Sequence(self.told + records)
        self.ready.follow(
            [
                Record(Sequence(at), TimeMs(self.now_ms), OpenAccount(), [])
                for at in range(first, self.told + 1)
            ]
        )


def test_where_nothing_happens_all_is_well() -> None:
    stage = Stage()
    stage.now_ms += 10 * LAG_MAX_MS
    assert stage.ready()


def test_a_record_that_waits_too_long_makes_it_unready_until_it_is_there() -> None:
    stage = Stage()
    stage.tell(3)
    stage.now_ms += LAG_MAX_MS
    assert stage.ready()
    stage.now_ms += 1
    assert not stage.ready()
    stage.projected = Sequence(stage.told - 1)
    assert not stage.ready()
    stage.projected = stage.told
    assert stage.ready()


def test_read_models_that_are_busy_but_keep_up_are_ready() -> None:
    stage = Stage()
    for _ in range(100):
        stage.tell(1_000, ms=200)
        stage.projected = Sequence(stage.told - 1_500)
        assert stage.ready()


def test_read_models_that_go_on_but_are_always_late_are_never_ready() -> None:
    stage = Stage()
    for _ in range(100):
        stage.tell(10, ms=200)
    for _ in range(100):
        stage.projected = Sequence(stage.projected + 10)  # what was told 20 s before
        stage.tell(10, ms=200)
        assert not stage.ready()


def test_however_long_they_are_stuck_it_is_known_when_all_is_made_up_for() -> None:
    stage = Stage()
    for _ in range(10 * MARKS_MAX):
        stage.tell(1, ms=1_000)
    assert stage.ready.lag_ms == (10 * MARKS_MAX - 1) * 1_000
    assert len(stage.ready._marks) <= MARKS_MAX
    stage.projected = Sequence(stage.told - 100)
    assert not stage.ready()
    stage.projected = stage.told
    assert stage.ready()


def test_an_exchange_whose_read_models_cannot_be_written_says_so(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path) as exchange:
            services = exchange.services
            assert services.ready()
            with locked(tmp_path / "readmodels.db"):
                await services.sequencer.submit(OpenAccount())
                exchange.exchange.readiness._clock = lambda: clock() + LAG_MAX_MS + 1
                assert not services.ready()
            await services.readmodels.caught_up(services.feed.last)
            assert services.ready()

    asyncio.run(scenario())
