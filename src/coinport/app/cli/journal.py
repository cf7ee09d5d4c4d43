"""`coinport journal`: checks and reads the journal of an exchange."""

import json
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from coinport.app.cli.failures import CommandFailed
from coinport.engine.rulebook import Rulebook
from coinport.journal import inspection

app = typer.Typer(
    help="Check and read the journal of the exchange in DIR. All but `rebuild` may be run while it "
    "runs.",
    no_args_is_help=True,
)

Directory = Annotated[
    Path, typer.Argument(metavar="DIR", help="The exchange's data directory.", exists=True)
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


@app.command()
def verify(data: Directory, as_json: Json = False) -> None:
    """Decide every record anew, and compare the outcome with the journal and the snapshots."""
    found = inspection.verify(data, Rulebook)
    _print(msgspec.to_builtins(found), as_json)
    if found.problems:
        raise CommandFailed(f"the journal in {data} is not as it should be: {found.problems[0]}")


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
    """Print how many records of which kind there are, and what they take on the disk."""
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


def _print(found: dict[str, object], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found))
        return
    for name, value in found.items():
        typer.echo(f"{name}: {value}")
