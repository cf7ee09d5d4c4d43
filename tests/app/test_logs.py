"""Log lines, ours and the libraries', go to standard error in the form that was asked for."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from coinport.app import logs
from coinport.app.config import Log


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(capture: pytest.CaptureFixture[str]) -> list[str]:
    out, err = capture.readouterr()
    assert out == ""
    return err.splitlines()


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(Log(format="json"))
    structlog.get_logger().info("ready", address="http://127.0.0.1:1")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    ours, theirs = (json.loads(line) for line in lines(capsys))
    assert (ours["event"], ours["level"], ours["address"]) == (
        "ready",
        "info",
        "http://127.0.0.1:1",
    )
    assert (theirs["event"], theirs["level"]) == ("Invalid HTTP request received.", "warning")
    assert ours["timestamp"].endswith("Z")


def test_console_is_for_eyes(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(Log(format="console"))
    structlog.get_logger().info("ready", sequence=26)
    (line,) = lines(capsys)
    assert "ready" in line
    assert "sequence=26" in line


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(Log(level="error"))
    structlog.get_logger().warning("a detail")
    logging.getLogger("alembic").warning("a detail")
    assert lines(capsys) == []


def test_an_error_comes_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(Log(format="json"))
    try:
        int("our mistake")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    (line,) = lines(capsys)
    assert "our mistake" in json.loads(line)["exception"]
