"""For the whole suite: it ends with what was skipped and why, and under CI that is a failure."""

import os

import pytest
from hypothesis import settings

settings.register_profile("coinport", deadline=None)  # a busy machine is no failure
settings.load_profile("coinport")


TOGETHER = {"browser"}
"""Folders whose tests share a browser and a demo."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On several cores: what a file has started, a server or a node, is started on one of them."""
    for item in items:
        folder = item.path.parent.name
        group = folder if folder in TOGETHER else f"{folder}/{item.path.name}"
        item.add_marker(pytest.mark.xdist_group(group))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("Skipped: nothing.")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = bool(reporter and reporter.stats.get("skipped"))
    if os.environ.get("CI") and exitstatus == pytest.ExitCode.OK and skipped:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
