"""`coinport journal`: checks, reads and mends the journal of an exchange."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from coinport.app.cli.failures import CommandFailed
from coinport.engine.rulebook import Rulebook
from coinport.journal import inspection
from coinport.journal import repair as mending
from coinport.journal.layout import holds_journal, journal_in

app = typer.Typer(
    help="Check, read and mend the journal of the exchange in DIR: its data directory, or the "
    "journal folder in there. All but `rebuild` and `repair` may be run while it runs.",
    no_args_is_help=True,
)


def _data_at(path: Path) -> Path:
    path = path.resolve()
    for data in (path, path.parent):
        if path in (data, journal_in(data)) and holds_journal(journal_in(data)):
            return data
    raise typer.BadParameter(
        f"there is no journal in {path}: name the data directory of an exchange"
    )


Directory = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        help="The exchange's data directory.",
        exists=True,
        file_okay=False,
        callback=_data_at,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


@app.command()
def verify(data: Directory, as_json: Json = False) -> None:
    """Decide every record anew, and compare the outcome with the journal and the snapshots."""
    found = inspection.verify(data, Rulebook)
    _print(msgspec.to_builtins(found), as_json)
    if found.problems:
        raise CommandFailed(f"the journal in {data} is not as it should be: {found.problems[0]}")
    if not as_json:
        typer.echo(_verdict(found))


@app.command()
def dump(
    data: Directory,
    after: Annotated[int, typer.Option(help="Begin after this record.")] = 0,
    limit: Annotated[int | None, typer.Option(help="At most so many.")] = None,
) -> None:
    """Print records, a line of JSON each."""
    for line in inspection.dump(data, after, limit):
        sys.stdout.write(line + "\n")


@app.command()
def stats(data: Directory, as_json: Json = False) -> None:
    """Print how many records of which kind there are, of which time, and what they take."""
    _print(msgspec.to_builtins(inspection.stats(data)), as_json)


@app.command()
def rebuild(
    data: Directory,
    config: Annotated[Path | None, typer.Option(help="As given to `coinport serve`.")] = None,
) -> None:
    """Make the read models anew from the journal. The exchange must not run."""
    from coinport.app.rebuilding import rebuild_readmodels

    count = rebuild_readmodels(data, config)
    typer.echo(f"read models made anew from {count} records")


@app.command()
def repair(data: Directory) -> None:
    """The last resort, where there is no good copy: give up what can no longer be read, and all
    that came after it. The exchange must not run. What is not damaged is left as it is."""
    repaired = mending.repair(journal_in(data))
    if repaired is None:
        typer.echo(f"Every record in {data} can be read: nothing is wrong, nothing was changed.")
        return
    typer.echo(f"The journal now ends with record {repaired.last}. {_given_up(repaired)}")
    typer.echo(f"What it was before is in {repaired.aside}.")


def _given_up(repaired: mending.Repaired) -> str:
    if repaired.acknowledged is None:
        return "Whether more had been acknowledged is not known any more."
    lost = max(0, repaired.acknowledged - repaired.last)
    return f"Acknowledged records given up: {lost}."


def _print(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found))
        return
    for name, value in found.items():
        if name.endswith("_ms"):
            typer.echo(f"{name.removesuffix('_ms')}_time: {_utc(value)}")
        else:
            typer.echo(f"{name}: {value}")


def _verdict(found: inspection.Verification) -> str:
    if not found.redecided:
        return "There is no record to decide anew; nothing is wrong."
    first = found.last - found.redecided + 1
    return (
        f"{found.redecided} records ({first} to {found.last}), from {_utc(found.first_ms)} to"
        f" {_utc(found.last_ms)}, were decided the same again; nothing is wrong."
    )


def _utc(time_ms: int | None) -> str:
    """ISO 8601 to the millisecond; "none" where there is no time."""
    if time_ms is None:
        return "none"
    time = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=time_ms)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
