"""The command line: `coinport`. A failure is one line on standard error and a non-zero exit.

Commands import what they need when they run, so that each starts quickly.
"""

import sys
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from coinport import __version__
from coinport.app.cli.admin import app as admin
from coinport.app.cli.bench import app as bench
from coinport.app.cli.demo import demo
from coinport.app.cli.failures import FAILED, MISUSED, is_expected, said
from coinport.app.cli.journal import app as journal
from coinport.app.cli.reserves import app as reserves
from coinport.app.cli.serve import serve
from coinport.app.cli.signer import signer
from coinport.app.config_keys import ConfigError

app = typer.Typer(
    help="coinport: a complete spot exchange.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def about(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"coinport {__version__}")
        raise typer.Exit


app.command()(serve)
app.command()(demo)
app.command()(signer)
app.add_typer(admin, name="admin")
app.add_typer(journal, name="journal")
app.add_typer(reserves, name="reserves")
app.add_typer(bench, name="bench")


def main() -> None:
    if not __debug__:
        sys.exit("coinport: refuses to run under `python -O`: its assertions would be gone")
    try:
        sys.exit(app(standalone_mode=False))
    except TyperException as error:
        _fail(error.format_message(), error.exit_code)
    except Abort:
        sys.exit(FAILED)
    except ConfigError as error:
        _fail(str(error), MISUSED)
    except Exception as error:
        if not is_expected(error):
            raise
        _fail(said(error), FAILED)


def _fail(message: str, code: int) -> None:
    if message:  # else help was printed
        print(f"coinport: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(code)
