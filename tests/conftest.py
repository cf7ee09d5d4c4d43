"""For the whole suite: it ends with what was skipped and why, and under CI that is a failure."""

import os

import pytest
from hypothesis import settings

settings.register_profile("coinport", deadline=None)  # a busy machine is no failure
settings.load_profile("coinport")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("Skipped: nothing.")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = bool(reporter and reporter.stats.get("skipped"))
    if os.environ.get("CI") and exitstatus == pytest.ExitCode.OK and skipped:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
