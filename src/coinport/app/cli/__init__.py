"""The command line: `coinport`. A failure is one line on standard error and a non-zero exit."""

import sys

import typer
from typer.exceptions import Abort, TyperException

from coinport.app.cli import admin, demo, journal, serve
from coinport.app.cli.failures import EXPECTED, FAILED, MISUSED
from coinport.app.config import ConfigError

app = typer.Typer(
    help="coinport: a complete spot exchange.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.add_typer(admin.app, name="admin")
app.add_typer(journal.app, name="journal")


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
    except EXPECTED as error:
        _fail(str(error), FAILED)


def _fail(message: str, code: int) -> None:
    print(f"coinport: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(code)
