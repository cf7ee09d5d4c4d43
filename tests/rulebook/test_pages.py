"""Every scenario in docs/rulebook comes true on every engine, and together they meet every rule."""

from collections import Counter
from pathlib import Path

import pytest

from coinport.model.events import Event
from coinport.model.reasons import Reason
from tests import laws
from tests.engines import NewEngine, every_engine
from tests.scenario import play

PAGES = Path(__file__).parents[2] / "docs" / "rulebook"


def scenarios(page: Path) -> list[tuple[int, str]]:
    """(line, text) of each fenced block. Raises where a block is not a scenario."""
    found = []
    block: list[str] | None = None
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        if not line.startswith("```"):
            if block is not None:
                block.append(line)
        elif block is None:
            assert line == "```scenario", f"{page.name}:{number}: every block must be a scenario"
            block = []
        else:
            found.append((number - len(block), "\n".join(block)))
            block = None
    assert block is None, f"{page.name}: the last block does not end"
    return found


ALL = {
    f"{page.name}:{line}": text
    for page in sorted(PAGES.glob("*.md"))
    for line, text in scenarios(page)
}


@every_engine
@pytest.mark.parametrize("text", ALL.values(), ids=ALL.keys())
def test_a_scenario_comes_true(new_engine: NewEngine, text: str) -> None:
    world = play(text, new_engine)
    laws.check(new_engine, world.engine, world.records)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.name)
def test_a_page_shows_what_it_says(page: Path) -> None:
    assert scenarios(page), f"{page.name} has no scenario"


def test_the_index_leads_to_every_page() -> None:
    index = (PAGES / "README.md").read_text("utf-8")
    for page in PAGES.glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index, page.name


@every_engine
def test_the_scenarios_meet_every_reason_and_every_event(new_engine: NewEngine) -> None:
    seen: Counter[str] = Counter()
    for text in ALL.values():
        seen += laws.reached(play(text, new_engine).records)
    expected = {reason.name for reason in Reason} | {kind.__name__ for kind in Event.__args__}
    assert expected <= set(seen), sorted(expected - set(seen))
