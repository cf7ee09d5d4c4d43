"""The page in a real browser, against real processes. Where there is no Chromium these tests are
skipped, which CI takes for a failure."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from coinport.gateway import page_files
from tests.browser.visitors import CHROMIUM_OPTIONS, Visit
from tests.end_to_end.demos import DemoProcess, wait_for

Open = Callable[..., Visit]

BUILT = Path(page_files.__file__).with_name("page") / page_files.INDEX


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Not of the session: while it is there no test can run an event loop."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium here: apt-get install chromium fonts-noto-cjk")
    assert BUILT.exists(), "the page is not built: make setup"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield running
        running.close()


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    """A demo exchange for all tests that do not end it."""
    with DemoProcess(tmp_path_factory.mktemp("demo")) as running:
        wait_for(lambda: candles_are_there(running))
        yield running


def candles_are_there(demo: DemoProcess) -> bool:
    """A start does not wait for the tables, which a history of months has to go into."""
    answer = httpx.get(f"{demo.address}/api/v2/btc-cny/kline", trust_env=False, timeout=30)
    return answer.status_code == 200


@pytest.fixture
def visit(browser: Browser, demo: DemoProcess) -> Iterator[Open]:
    """`visit("/trade", theme="light")`: a person of their own, with `page` at that path. At the end
    it is a failure if the page wrote an error to the console."""
    with ExitStack() as visits:
        yield lambda path="/trade/BTC-CNY", **options: visits.enter_context(
            Visit(browser, options.pop("address", demo.address), path, **options)
        )


@pytest.fixture
def page(visit: Open) -> Page:
    """The trading page of BTC-CNY, in English, nobody logged in."""
    return visit().page
