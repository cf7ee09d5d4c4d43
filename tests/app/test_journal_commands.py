"""`coinport journal`: what it prints, and of which directory."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from coinport.app.cli.failures import CommandFailed
from coinport.app.cli.journal import app
from coinport.journal.layout import journal_in
from tests.journal.exchanges import decided, write_exchange

RECORDS = decided(120)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Of an exchange with a record a second, from 2014-05-13T16:53:20Z on."""
    write_exchange(tmp_path / "exchange", RECORDS)
    return tmp_path / "exchange"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def said(*words: object) -> list[str]:
    """The lines that a command prints that succeeds."""
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def damage(data: Path) -> Path:
    """A byte in the third segment is not as it was written."""
    path = journal_in(data) / "00000003.segment"
    content = bytearray(path.read_bytes())
    content[2000] ^= 1
    path.write_bytes(content)
    return path


def test_verify_says_how_much_it_has_proved_and_of_which_time(data: Path) -> None:
    lines = said("verify", data)
    assert "redecided: 120" in lines
    assert "first_time: 2014-05-13T16:53:20.000Z" in lines
    assert "last_time: 2014-05-13T16:55:19.000Z" in lines
    assert lines[-1] == (
        "120 records (1 to 120), from 2014-05-13T16:53:20.000Z to 2014-05-13T16:55:19.000Z, were"
        " decided the same again; nothing is wrong."
    )


def test_verify_does_not_claim_to_have_decided_what_is_not_there(tmp_path: Path) -> None:
    write_exchange(tmp_path, [])
    lines = said("verify", tmp_path)
    assert "first_time: none" in lines
    assert lines[-1] == "There is no record to decide anew; nothing is wrong."


def test_verify_fails_where_something_is_wrong(data: Path) -> None:
    path = damage(data)
    result = run("verify", data)
    assert isinstance(result.exception, CommandFailed)
    start = f"the journal in {data} is not as it should be: {path}, offset "
    assert str(result.exception).startswith(start)
    assert "nothing is wrong" not in result.output


def test_stats_say_of_which_time_the_records_are(data: Path) -> None:
    lines = said("stats", data)
    assert "records: 120" in lines
    assert "first_time: 2014-05-13T16:53:20.000Z" in lines
    assert "last_time: 2014-05-13T16:55:19.000Z" in lines


def test_in_json_times_are_milliseconds(data: Path) -> None:
    for command in ("verify", "stats"):
        (line,) = said(command, data, "--json")
        found = json.loads(line)
        assert (found["first_ms"], found["last_ms"]) == (1_400_000_000_000, 1_400_000_119_000)


@pytest.mark.parametrize("command", ["verify", "dump", "stats", "repair"])
def test_the_journal_folder_will_do_as_well(
    data: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = said(command, data)
    assert said(command, journal_in(data)) == expected
    monkeypatch.chdir(journal_in(data))
    assert said(command, ".") == expected


@pytest.mark.parametrize("command", ["verify", "dump", "stats", "repair", "rebuild"])
def test_where_there_is_no_journal_nothing_is_made(tmp_path: Path, command: str) -> None:
    result = run(command, tmp_path)
    assert result.exit_code == 2
    words = " ".join(result.output.replace("│", " ").split())
    assert "name the data directory of an exchange" in words
    assert not list(tmp_path.iterdir())
    assert run(command, tmp_path / "nowhere").exit_code == 2


def test_repair_says_that_nothing_is_wrong(data: Path) -> None:
    (line,) = said("repair", data)
    assert line == f"Every record in {data} can be read: nothing is wrong, nothing was changed."


def test_repair_says_what_it_gave_up_and_where_it_is(data: Path) -> None:
    damage(data)
    first, second = said("repair", data)
    (aside,) = journal_in(data).glob("damaged-*")
    found = json.loads(said("stats", data, "--json")[0])
    assert 0 < found["last"] < 120
    assert first == (
        f"The journal now ends with record {found['last']}."
        f" Acknowledged records given up: {120 - found['last']}."
    )
    assert second == f"What it was before is in {aside}."


def test_repair_does_not_say_what_it_does_not_know(data: Path) -> None:
    (journal_in(data) / "acknowledged").unlink()
    assert said("repair", data)[0] == (
        "The journal now ends with record 120."
        " Whether more had been acknowledged is not known any more."
    )
