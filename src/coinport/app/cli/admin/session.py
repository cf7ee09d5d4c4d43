"""What all commands of `coinport admin` have in common: where, how to ask, how to print."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from coinport.app.admin.client import ask
from coinport.app.cli.failures import CommandFailed
from coinport.operations.requests import AdminRequest, Done, Failed

app = typer.Typer(
    help="Administrate the exchange that runs in DIR. Every change is recorded with who and why.",
    no_args_is_help=True,
)

User = Annotated[str, typer.Option("--user", help="E-mail address or uid.")]
OneUser = Annotated[str, typer.Option("--user", help="Only of this one: e-mail address or uid.")]
Below = Annotated[
    int, typer.Option("--below", min=0, help="Only ids before this one; 0: from the newest.")
]
Symbol = Annotated[str, typer.Option("--currency", help="For instance BTC.")]
OneSymbol = Annotated[str, typer.Option("--currency", help="Only of this one.")]
Amount = Annotated[str, typer.Option("--amount", help="Decimal, for instance 1.5.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; goes into the journal.")]
Transfer = Annotated[int, typer.Argument(help="The id, as the lists have it.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


class Session:
    """What the options before the command say."""

    def __init__(self, directory: Path | None, as_json: bool) -> None:
        self.directory = directory
        """None: left out, which `COMMAND --help` may do."""
        self.as_json = as_json


@app.callback()
def connect(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option("--data", help="The exchange's data directory; needed.")
    ] = None,
    as_json: Json = False,
) -> None:
    context.obj = Session(data, as_json)


def do(context: typer.Context, as_json: bool, request: AdminRequest) -> None:
    session: Session = context.obj
    if session.directory is None:
        raise typer.BadParameter(
            "missing option --data; it stands before the command: "
            f"{context.command_path.replace(' admin', ' admin --data DIR', 1)} ..."
        )
    match ask(session.directory, request):
        case Failed(code, message):
            raise CommandFailed(f"{message} (code {code})")
        case Done(result):
            if as_json or session.as_json:
                typer.echo(json.dumps(result))
            else:
                _print(result)


def _print(result: dict[str, Any]) -> None:
    """A line for each value, then the tables."""
    tables = {}
    for name, value in result.items():
        rows = _rows(value)
        if rows is None:
            label, text = for_people(name, value)
            if text:
                typer.echo(f"{label}: {text}")
        elif rows:
            tables[name] = rows
        else:
            typer.echo(f"{for_people(name, '')[0]}: none")
    for name, rows in tables.items():
        if len(tables) > 1:
            typer.echo(f"\n{for_people(name, '')[0]}:")
        _print_table(rows)


def _rows(value: object) -> list[dict[str, Any]] | None:
    """Of a table; None: `value` is none."""
    match value:
        case dict():
            return [{"currency": symbol, **figures} for symbol, figures in value.items()]
        case list():
            return value
    return None


def _print_table(rows: list[dict[str, Any]]) -> None:
    """Columns with nothing in them are left out; no line is ever wrapped."""
    from rich.console import Console
    from rich.table import Table

    names = list(dict.fromkeys(name for row in rows for name in row))
    shown = [[for_people(name, row.get(name)) for name in names] for row in rows]
    columns = [column for column in zip(*shown, strict=True) if any(text for _, text in column)]
    table = Table(*(column[0][0] for column in columns), box=None)
    for texts in zip(*columns, strict=True):
        table.add_row(*(text for _, text in texts))
    console = Console(markup=False, highlight=False)
    widest = console.measure(table, options=console.options.update(max_width=10_000)).maximum
    console.width = max(console.width, widest)
    console.print(table)


def for_people(name: str, value: object) -> tuple[str, str]:
    """for_people("registered_ms", 0) is "registered", "1970-01-01T00:00:00Z"."""
    label = name.removesuffix("_ms").replace("_", " ")
    match value:
        case None:
            return label, ""
        case bool():
            return label, "yes" if value else "no"
        case list():
            return label, ", ".join(map(_text, value))
        case int() if name.endswith("_ms"):
            moment = datetime.fromtimestamp(value // 1000, UTC)
            return label, moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return label, _text(value)


def _text(value: object) -> str:
    """Nothing that moves a terminal's cursor or turns its writing round: others have written it."""
    text = " ".join(map(str, value.values())) if isinstance(value, dict) else str(value)
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
