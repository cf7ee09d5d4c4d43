"""For the whole suite: it ends with what was skipped and why, and under CI that is a failure."""

import os
from typing import Any, Final

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

BROWSER: Final = "tests/browser/"

settings.register_profile("coinport", deadline=None)  # a busy machine is no failure
settings.load_profile("coinport")


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """On several cores: what a file has started, a server or a node, is started on one of them; the
    browser's tests, which share a demo, are as one file."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return BROWSER if file.startswith(BROWSER) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("Skipped: nothing.")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = bool(reporter and reporter.stats.get("skipped"))
    if os.environ.get("CI") and exitstatus == pytest.ExitCode.OK and skipped:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
